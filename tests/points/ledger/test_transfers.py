"""Points between accounts of every kind: lots, credit, holds and reversals."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from services.points.ledger.domain import AccountKind, Asset, SystemAccount, TransferKind
from services.points.ledger.errors import (
    AccountNotFoundError,
    AlreadyPostedError,
    AlreadyReversedError,
    AmountInvalidError,
    HoldAlreadyResolvedError,
    HoldNotFoundError,
    InsufficientBalanceError,
    NotReversibleError,
    TransferNotFoundError,
)
from shared.ids import new_id
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books

DAY = timedelta(days=1)


async def test_an_account_is_opened_once(books: Books) -> None:
    owner = new_id()

    first = await books.open(AccountKind.RESIDENT, owner, Asset.TIME)

    assert await books.open(AccountKind.RESIDENT, owner, Asset.TIME) == first
    assert await books.open(AccountKind.ESCROW, owner, Asset.TIME) != first
    assert await books.balance(first) == (0, 0)


@pytest.mark.parametrize("kind", [AccountKind.ESCROW, AccountKind.MERCHANT, AccountKind.POOL])
async def test_points_pass_through_a_purse(books: Books, open_household: OpenHousehold, kind: AccountKind) -> None:
    giver, taker = await open_household(), await open_household()
    purse = await books.open(kind, new_id())

    await books.post(await books.of(giver), purse, 30)
    await books.post(purse, await books.of(taker), 20)

    assert (await books.has(giver), await books.balance(purse), await books.has(taker)) == (70, (10, 0), 120)
    with pytest.raises(InsufficientBalanceError) as refused:
        await books.post(purse, await books.of(taker), 11)
    assert refused.value.facts == {"needed": 11, "available": 10}


async def test_minutes_pass_between_residents(books: Books) -> None:
    helper = await books.open(AccountKind.RESIDENT, new_id(), Asset.TIME)
    helped = await books.open(AccountKind.RESIDENT, new_id(), Asset.TIME)
    issuance = await books.system(SystemAccount.ISSUANCE, Asset.TIME)

    await books.post(issuance, helper, 120, asset=Asset.TIME, kind=TransferKind.TIME_CREDIT)
    await books.post(helper, helped, 60, asset=Asset.TIME, kind=TransferKind.TIME_GIFT)

    assert (await books.balance(helper), await books.balance(helped)) == ((60, 0), (60, 0))
    with pytest.raises(InsufficientBalanceError):
        await books.post(helped, helper, 61, asset=Asset.TIME)


@pytest.mark.parametrize("amount", [0, -1])
async def test_an_amount_is_positive(books: Books, open_household: OpenHousehold, amount: int) -> None:
    household = await open_household()

    with pytest.raises(AmountInvalidError):
        await books.post(await books.of(household), await books.system(SystemAccount.STORE), amount)
    with pytest.raises(AmountInvalidError):
        await books.deduct(household, amount)


async def test_one_thing_is_posted_once(books: Books, open_household: OpenHousehold) -> None:
    household, claim = await open_household(), new_id()
    await books.earn(household, 5, source_id=claim)

    with pytest.raises(AlreadyPostedError):
        await books.earn(household, 5, source_id=claim)

    assert await books.has(household) == 105


async def test_assets_do_not_mix(books: Books, open_household: OpenHousehold) -> None:
    household = await open_household()
    with pytest.raises(AccountNotFoundError):
        await books.post(await books.of(household), await books.system(SystemAccount.STORE, Asset.STANDING), 1)
    with pytest.raises(AccountNotFoundError):
        await books.post(await books.of(household), new_id(), 1)


async def test_a_gift_keeps_the_lots_it_came_from(books: Books, open_household: OpenHousehold, clock: Any) -> None:
    giver, taker = await open_household(), await open_household()
    soon, later = clock.now() + 10 * DAY, clock.now() + 20 * DAY
    await books.earn(giver, 8, lot_expires_at=later)
    await books.earn(giver, 5, lot_expires_at=soon)

    gift = await books.post(await books.of(giver), await books.of(taker), 9, keep_lots=True)

    assert set(await books.lots(taker)) == {(None, 100, 100), (soon, 5, 5), (later, 4, 4)}
    assert (later, 8, 4) in await books.lots(giver)
    await books.reverse(gift)
    assert {(soon, 5, 5), (later, 8, 8)} <= set(await books.lots(giver))
    assert await books.has(taker) == 100


async def test_a_deduction_takes_what_is_there_and_the_rest_is_owed(
    books: Books, open_household: OpenHousehold
) -> None:
    household = await open_household()

    deduction = await books.deduct(household, 130)

    assert (deduction.standing_taken, deduction.spendable_taken, deduction.arrears) == (130, 100, 30)
    assert await books.has(household, Asset.STANDING) == -30
    assert (await books.has(household), await books.owes(household)) == (0, 30)
    assert await books.lines(household) == [("opening", 100, 100), ("arrears", 30, 130), ("deduction", -130, 0)]


@pytest.mark.parametrize(("earned", "left", "owed"), [(20, 0, 10), (30, 0, 0), (45, 15, 0)])
async def test_what_comes_in_repays_what_is_owed(
    books: Books, open_household: OpenHousehold, earned: int, left: int, owed: int
) -> None:
    household = await open_household()
    await books.deduct(household, 130)

    await books.earn(household, earned)

    assert (await books.has(household), await books.owes(household)) == (left, owed)
    assert (await books.lines(household))[-1][0] == "repayment"


async def test_what_is_held_stays_held_when_points_are_deducted(
    books: Books, open_household: OpenHousehold, clock: Any
) -> None:
    household = await open_household()
    hold = await books.hold(household, 80, clock.now() + DAY)

    assert (await books.deduct(household, 50)).arrears == 30
    assert await books.balance(await books.of(household)) == (0, 80)
    await books.release(hold)
    assert (await books.has(household), await books.owes(household)) == (80, 30)


async def test_an_appeal_upheld_undoes_a_deduction_and_the_debt(books: Books, open_household: OpenHousehold) -> None:
    household = await open_household()
    deduction = await books.deduct(household, 130)

    await books.reverse(deduction.standing_transfer_id)
    await books.reverse(deduction.spendable_transfer_id)

    assert (await books.has(household, Asset.STANDING), await books.has(household)) == (100, 100)
    assert await books.owes(household) == 0


async def test_a_reversal_gives_back_to_the_lots_it_came_from(
    books: Books, open_household: OpenHousehold, clock: Any
) -> None:
    household, merchant = await open_household(), await books.open(AccountKind.MERCHANT, new_id())
    soon = clock.now() + DAY
    await books.earn(household, 7, lot_expires_at=soon)
    paid = await books.post(await books.of(household), merchant, 10)

    await books.reverse(paid)

    assert set(await books.lots(household)) == {(None, 100, 100), (soon, 7, 7)}
    assert await books.balance(merchant) == (0, 0)


async def test_a_reversal_takes_the_lot_it_gave_even_past_its_time(
    books: Books, open_household: OpenHousehold, clock: Any
) -> None:
    household = await open_household()
    earned = await books.earn(household, 10, lot_expires_at=clock.now() + DAY)
    clock.advance(2 * DAY)

    await books.reverse(earned)

    assert {(amount, left) for _, amount, left in await books.lots(household)} == {(100, 100), (10, 0)}


async def test_a_reversal_of_what_is_spent_leaves_a_debt(books: Books, open_household: OpenHousehold) -> None:
    household = await open_household()
    earned = await books.earn(household, 40)
    await books.post(await books.of(household), await books.system(SystemAccount.STORE), 130)

    await books.reverse(earned)

    assert (await books.has(household), await books.owes(household)) == (0, 30)


async def test_a_merchant_that_was_paid_out_refuses_a_reversal(books: Books, open_household: OpenHousehold) -> None:
    household, merchant = await open_household(), await books.open(AccountKind.MERCHANT, new_id())
    paid = await books.post(await books.of(household), merchant, 10)
    await books.post(merchant, await books.system(SystemAccount.SETTLED), 10, kind=TransferKind.SETTLEMENT)

    with pytest.raises(InsufficientBalanceError):
        await books.reverse(paid)

    assert await books.has(household) == 90


async def test_a_transfer_is_reversed_once_and_a_reversal_never(books: Books, open_household: OpenHousehold) -> None:
    household = await open_household()
    earned = await books.earn(household, 5)
    reversal = await books.reverse(earned)

    with pytest.raises(AlreadyReversedError):
        await books.reverse(earned)
    with pytest.raises(NotReversibleError):
        await books.reverse(reversal)
    with pytest.raises(TransferNotFoundError):
        await books.reverse(new_id())

    assert await books.has(household) == 100


async def test_a_hold_is_spent_at_a_merchant_and_undone(
    books: Books, open_household: OpenHousehold, clock: Any
) -> None:
    household, merchant = await open_household(), await books.open(AccountKind.MERCHANT, new_id())
    soon = clock.now() + DAY
    await books.earn(household, 7, lot_expires_at=soon)
    hold = await books.hold(household, 20, clock.now() + DAY)

    paid = await books.capture(hold, merchant)

    assert (await books.balance(merchant), await books.balance(await books.of(household))) == ((20, 0), (87, 0))
    await books.reverse(paid)
    assert set(await books.lots(household)) == {(None, 100, 100), (soon, 7, 7)}


async def test_a_hold_ends_once(books: Books, open_household: OpenHousehold, clock: Any) -> None:
    household = await open_household()
    hold = await books.hold(household, 20, clock.now() + DAY)
    await books.release(hold)

    with pytest.raises(HoldAlreadyResolvedError):
        await books.release(hold)
    with pytest.raises(HoldAlreadyResolvedError):
        await books.capture(hold, SystemAccount.STORE)
    with pytest.raises(HoldNotFoundError):
        await books.release(new_id())
    with pytest.raises(HoldNotFoundError):
        await books.capture(new_id(), SystemAccount.STORE)

    assert await books.balance(await books.of(household)) == (100, 0)


@pytest.mark.parametrize("amount", [101, 10**15])
async def test_nobody_holds_more_than_there_is(
    books: Books, open_household: OpenHousehold, clock: Any, amount: int
) -> None:
    with pytest.raises(InsufficientBalanceError):
        await books.hold(await open_household(), amount, clock.now() + DAY)


async def test_expired_points_are_no_points(books: Books, open_household: OpenHousehold, clock: Any) -> None:
    household = await open_household()
    deadline: datetime = clock.now() + DAY
    await books.earn(household, 10, lot_expires_at=deadline)
    clock.advance(DAY)

    with pytest.raises(InsufficientBalanceError):
        await books.hold(household, 101, clock.now() + DAY)
    assert (await books.deduct(household, 105)).arrears == 5
