"""The README draws what the code does."""

from pathlib import Path

from services.media.assets import errors
from services.media.assets.domain import LIFE
from shared.kernel.errors import DomainError

README = (Path(__file__).parents[2] / "services/media/README.md").read_text("utf-8")


def test_the_diagram_is_the_table():
    assert LIFE.mermaid() in README


def test_every_refusal_is_listed():
    own = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, DomainError)]
    codes = {error.code for error in own if error.code.startswith("media.")}
    assert len(codes) >= 13
    assert {code for code in codes if code not in README} == set()
