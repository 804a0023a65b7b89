"""A community's roster as exact values, what may be wrong with one, and the life of its import."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from services.identity.households.domain import HouseholdFacts
from services.identity.places.domain import Building, Grid, Unit
from services.identity.residents.domain import Relation, Sex
from shared.kernel.state_machine import StateMachine, Worded


@dataclass(frozen=True, slots=True)
class RosterResident:
    """A person of the roster; phone and identity number are plain here and never leave memory unencrypted."""

    household_code: str
    name: str
    relation: Relation
    sex: Sex | None = None
    identity_number: str | None = field(default=None, repr=False)
    born_on: date | None = None
    phone: str | None = field(default=None, repr=False)
    is_party_member: bool = False
    is_representative: bool = False
    can_act: bool = False


@dataclass(frozen=True, slots=True)
class Roster:
    """A whole community without contradictions: every code names something, every household has members and one householder."""

    grids: tuple[Grid, ...]
    buildings: tuple[Building, ...]
    units: tuple[Unit, ...]
    households: tuple[HouseholdFacts, ...]
    residents: tuple[RosterResident, ...]


@dataclass(frozen=True, slots=True)
class RosterProblem:
    """One thing wrong with a workbook, told so that the person who filled it in can mend it.

    `row` is the number at the left edge of the sheet, None when the sheet itself is wrong. `value` of a personal column is masked.
    A problem that is not `is_blocking` is a hint: the import may go on.
    """

    sheet: str
    row: int | None
    column: str | None
    value: str
    advice: str
    is_blocking: bool = True


def mask(value: str) -> str:
    """Return a personal value that can still be recognised by who wrote it: `138****1234`, `张*`."""
    if len(value) <= 1:
        return value
    if len(value) <= 4:
        return value[0] + "*" * (len(value) - 1)
    return (
        value[:3] + "*" * (len(value) - 7) + value[-4:]
        if len(value) > 7
        else value[0] + "*" * (len(value) - 2) + value[-1]
    )


class ImportState(Worded):
    """uploaded → checked → applying → applied; a file with problems ends refused, one that time overtook outdated."""

    UPLOADED = "uploaded", "已上传，等待检查"
    CHECKED = "checked", "检查无误"
    REFUSED = "refused", "有错，已退回"
    APPLYING = "applying", "正在导入"
    APPLIED = "applied", "已导入"
    OUTDATED = "outdated", "名册已变，需重新上传"
    DISCARDED = "discarded", "已作废"


class ImportAction(Worded):
    ACCEPT = "accept", "检查通过"
    REFUSE = "refuse", "退回"
    APPLY = "apply", "导入"
    FINISH = "finish", "导完"
    SUPERSEDE = "supersede", "判为过时"
    DISCARD = "discard", "作废"


class ImportActor(StrEnum):
    ADMIN = "admin"
    CLOCK = "clock"


_ADMIN = frozenset({ImportActor.ADMIN})
_CLOCK = frozenset({ImportActor.CLOCK})

IMPORT_LIFE: StateMachine[ImportState, ImportAction, ImportActor] = StateMachine(
    transitions={
        (ImportState.UPLOADED, ImportAction.ACCEPT): ImportState.CHECKED,
        (ImportState.UPLOADED, ImportAction.REFUSE): ImportState.REFUSED,
        (ImportState.UPLOADED, ImportAction.DISCARD): ImportState.DISCARDED,
        (ImportState.CHECKED, ImportAction.APPLY): ImportState.APPLYING,
        (ImportState.CHECKED, ImportAction.DISCARD): ImportState.DISCARDED,
        (ImportState.APPLYING, ImportAction.REFUSE): ImportState.REFUSED,
        (ImportState.APPLYING, ImportAction.FINISH): ImportState.APPLIED,
        (ImportState.APPLYING, ImportAction.SUPERSEDE): ImportState.OUTDATED,
    },
    actors={
        ImportAction.ACCEPT: _CLOCK,
        ImportAction.REFUSE: _CLOCK,
        ImportAction.APPLY: _ADMIN,
        ImportAction.FINISH: _CLOCK,
        ImportAction.SUPERSEDE: _CLOCK,
        ImportAction.DISCARD: _ADMIN,
    },
)
