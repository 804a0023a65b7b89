"""Which member of a household is meant, and what a ticket is worth."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from services.identity.bindings.domain import (
    TICKET_LIFETIME,
    CardCode,
    WechatUser,
    choose_by_phone,
    choose_member,
    read_ticket,
    write_ticket,
)
from services.identity.bindings.errors import (
    BindingTokenInvalidError,
    CardCodeSpentError,
    MemberUnknownError,
    PhoneSharedError,
    PhoneUnknownError,
)
from services.identity.residents.domain import ResidentMatch
from shared.kernel.errors import DomainError

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)


def member(number: int, name: str, *, is_householder: bool = False) -> ResidentMatch:
    zero = UUID(int=0)
    return ResidentMatch(
        community_id=zero,
        resident_id=UUID(int=number),
        household_id=zero,
        household_number="1",
        grid_id=zero,
        building_id=zero,
        name=name,
        is_householder=is_householder,
        is_adult=True,
        can_act=True,
        is_party_member=False,
        is_representative=False,
    )


FATHER = member(1, "买买提·艾力", is_householder=True)
SON = member(2, "艾力江")
TWINS = [member(3, "王芳"), member(4, "王芳")]


@pytest.mark.parametrize(
    ("members", "resident_id", "name", "chosen"),
    [
        ([FATHER, SON], None, None, 1),
        ([FATHER, SON], None, "艾力江", 2),
        ([FATHER, SON], None, "买买提艾力", 1),
        ([FATHER, SON], None, "买买提•艾力 ", 1),
        ([FATHER, SON], UUID(int=2), "买买提艾力", 2),
        ([FATHER, SON], None, "艾力", None),
        ([FATHER, SON], UUID(int=9), None, None),
        ([FATHER, *TWINS], None, "王芳", None),
        ([SON], None, None, None),
        ([], None, None, None),
    ],
)
def test_who_a_card_is_used_for(
    members: list[ResidentMatch], resident_id: UUID | None, name: str | None, chosen: int | None
) -> None:
    if chosen is None:
        with pytest.raises(MemberUnknownError):
            choose_member(members, resident_id=resident_id, name=name)
    else:
        assert choose_member(members, resident_id=resident_id, name=name).resident_id == UUID(int=chosen)


@pytest.mark.parametrize(
    ("matches", "name", "outcome"),
    [
        ([SON], None, 2),
        ([SON], "艾力江", 2),
        ([SON], "别人", PhoneSharedError),
        ([FATHER, SON], None, PhoneSharedError),
        ([FATHER, SON], "艾力江", 2),
        (TWINS, "王芳", PhoneSharedError),
        ([], None, PhoneUnknownError),
        ([], "艾力江", PhoneUnknownError),
    ],
)
def test_whose_telephone_it_is(
    matches: list[ResidentMatch], name: str | None, outcome: int | type[DomainError]
) -> None:
    if isinstance(outcome, int):
        assert choose_by_phone(matches, name=name).resident_id == UUID(int=outcome)
    else:
        with pytest.raises(outcome):
            choose_by_phone(matches, name=name)


@pytest.mark.parametrize(
    ("used_by", "left", "is_open"),
    [
        (None, timedelta(seconds=1), True),
        (None, timedelta(), False),
        (UUID(int=5), timedelta(seconds=1), False),
    ],
)
def test_when_a_code_is_open(used_by: UUID | None, left: timedelta, is_open: bool) -> None:
    code = CardCode(UUID(int=1), UUID(int=2), UUID(int=3), None, NOW + left, used_by)
    if is_open:
        code.require_open(NOW)
    else:
        with pytest.raises(CardCodeSpentError):
            code.require_open(NOW)


def test_a_ticket_is_good_for_half_an_hour() -> None:
    user = WechatUser("wx-local", "openid-1")
    ticket = write_ticket(user, now=NOW)
    assert read_ticket(ticket, now=NOW + TICKET_LIFETIME - timedelta(seconds=1)) == user
    with pytest.raises(BindingTokenInvalidError):
        read_ticket(ticket, now=NOW + TICKET_LIFETIME)
