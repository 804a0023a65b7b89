"""Refusals say what is wrong in words, with the facts filled in."""

import pytest

from shared.kernel.errors import ConflictError, DomainError, Kind, NotFoundError


class ShortError(ConflictError):
    code = "trial.short"
    detail = "需要 {needed} 分，现有 {available} 分。"


def test_facts_are_filled_in() -> None:
    assert ShortError(needed=30, available=12).message == "需要 30 分，现有 12 分。"
    assert str(ShortError(needed=30, available=12)) == "需要 30 分，现有 12 分。"


def test_missing_fact_stays_visible_instead_of_failing() -> None:
    assert ShortError(needed=30).message == "需要 30 分，现有 {available} 分。"


def test_fact_with_braces_is_not_a_template() -> None:
    assert ShortError(needed=1, available="{needed}").message == "需要 1 分，现有 {needed} 分。"


@pytest.mark.parametrize("error", DomainError.__subclasses__())
def test_every_kind_has_code_title_and_detail(error: type[DomainError]) -> None:
    assert isinstance(error.kind, Kind)
    assert error.code
    assert error.title
    assert error.detail.endswith("。")


def test_subclass_keeps_its_kind() -> None:
    assert ShortError.kind is Kind.CONFLICT
    assert issubclass(NotFoundError, DomainError)
