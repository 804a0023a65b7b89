"""What is noted of a supplier, and what a change of it says on record."""

from dataclasses import dataclass, fields
from typing import Final

WORDS: Final = {"name": "名称", "contact": "联系方式", "note": "说明"}


@dataclass(frozen=True, slots=True)
class SupplierFacts:
    """What is noted of a supplier."""

    name: str
    contact: str
    note: str
    is_active: bool

    @property
    def standing(self) -> str:
        """Whether it still delivers, as the record says it."""
        return "active" if self.is_active else "inactive"


def steps_between(before: SupplierFacts, after: SupplierFacts) -> list[tuple[str, str]]:
    """Return what was done to a supplier, and for each step what it became: whether it delivers, or what else is noted now."""
    names = [f.name for f in fields(after) if getattr(before, f.name) != getattr(after, f.name)]
    found = []
    if "is_active" in names:
        found.append(("resume" if after.is_active else "stop", after.standing))
    if others := [name for name in names if name in WORDS]:
        found.append(("change", "；".join(f"{WORDS[name]} {getattr(after, name) or '（空）'}" for name in others)))
    return found
