"""What comes of hand-overs without network, and the digests a device compares."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.points.offline_pickups.domain import HandOver, Outcome, Use, reconcile, require_size
from services.points.offline_pickups.errors import UploadTooLargeError
from services.points.offline_pickups.signed_list import digest_of, is_ticket, sign, sign_ticket
from services.points.redemptions.domain import Redemption, State
from shared.ids import new_id
from shared.kernel.values import Points

NOW = datetime(2026, 5, 11, 1, tzinfo=UTC)
KEY = b"a key of the store"


def redemption(state: State = State.RESERVED, *, created_at: datetime = NOW) -> Redemption:
    return Redemption(
        id=new_id(),
        household_id=new_id(),
        account_id=new_id(),
        product_id=new_id(),
        product_name="食用油",
        quantity=1,
        points=Points(30),
        batch_id=new_id(),
        bucket_number=0,
        hold_id=new_id(),
        state=state,
        pickup_code="123456",
        expires_at=NOW + timedelta(hours=72),
        created_at=created_at,
        ended_at=None,
        proxy_name=None,
        reason="",
    )


def handed(one: Redemption, *, minute: int = 1, code: str = "123456") -> HandOver:
    return HandOver(one.id, code, NOW + timedelta(minutes=minute), None)


def outcomes(
    hand_overs: list[HandOver], *known: Redemption, uses: dict[UUID, Use] | None = None, own: UUID | None = None
) -> list[Outcome]:
    verdicts = reconcile(
        hand_overs, {one.id: one for one in known}, uses or {}, device="一号平板", issued_at=NOW, own_household_id=own
    )
    return [verdict.outcome for verdict in verdicts]


def test_what_comes_of_a_hand_over() -> None:
    one = redemption()
    assert outcomes([handed(one)], one) == [Outcome.APPLIED]
    assert outcomes([handed(one)]) == [Outcome.OUTSIDE_LIST]
    assert outcomes([handed(one, code="000000")], one) == [Outcome.CODE_WRONG]
    assert outcomes([handed(one)], one, own=one.household_id) == [Outcome.OWN_COUNTER]
    late = redemption(created_at=NOW + timedelta(seconds=1))
    assert outcomes([handed(late)], late) == [Outcome.OUTSIDE_LIST]


@pytest.mark.parametrize("state", [State.CANCELLED, State.EXPIRED, State.SCHEDULED, State.RETURNED])
def test_what_has_ended_is_not_handed_over_again(state: State) -> None:
    one = redemption(state)
    assert outcomes([handed(one)], one) == [Outcome.ALREADY_ENDED]


def test_a_code_used_twice_names_where_it_had_been_used() -> None:
    one = redemption()
    first, second = handed(one, minute=1), handed(one, minute=2)

    verdicts = reconcile([second, first], {one.id: one}, {}, device="一号平板", issued_at=NOW, own_household_id=None)
    assert [(v.hand_over, v.outcome) for v in verdicts] == [(first, Outcome.APPLIED), (second, Outcome.USED_TWICE)]
    assert verdicts[1].other == Use("一号平板", first.handed_over_at)

    elsewhere = Use("二号平板", NOW)
    (verdict,) = reconcile(
        [first], {one.id: one}, {one.id: elsewhere}, device="一号平板", issued_at=NOW, own_household_id=None
    )
    assert (verdict.outcome, verdict.other) == (Outcome.USED_TWICE, elsewhere)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), max_size=30))
def test_each_code_is_applied_once_whatever_is_told(told: list[tuple[int, int]]) -> None:
    known = [redemption() for _ in range(4)]
    verdicts = reconcile(
        [handed(known[which], minute=minute) for which, minute in told],
        {one.id: one for one in known},
        {},
        device="一号平板",
        issued_at=NOW,
        own_household_id=None,
    )
    applied = [v.hand_over.redemption_id for v in verdicts if v.outcome is Outcome.APPLIED]
    assert len(verdicts) == len(told)
    assert sorted(applied) == sorted({known[which].id for which, _ in told})


def test_an_upload_has_a_size() -> None:
    one = redemption()
    require_size([handed(one)] * 3, 3)
    with pytest.raises(UploadTooLargeError):
        require_size([handed(one)] * 4, 3)


def test_digests_and_tickets_belong_to_one_list() -> None:
    first, second, salt = new_id(), new_id(), b"salt"
    assert digest_of(salt, first, "123456") != digest_of(salt, first, "123457")
    assert digest_of(salt, first, "123456") != digest_of(salt, second, "123456")
    assert digest_of(b"other", first, "123456") != digest_of(salt, first, "123456")
    ticket = sign_ticket(KEY, first, "一号平板")
    assert is_ticket(KEY, first, "一号平板", ticket)
    assert not is_ticket(KEY, second, "一号平板", ticket)
    assert not is_ticket(KEY, first, "二号平板", ticket)
    assert not is_ticket(b"other", first, "一号平板", ticket)
    assert not is_ticket(KEY, first, "一号平板", "签名")
    items = [(first, "a")]
    assert sign(KEY, first, "一号平板", items) != sign(KEY, first, "一号平板", [(first, "b")])
