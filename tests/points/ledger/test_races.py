"""Many at once on the same accounts: nothing is lost, minted, undone twice or left stuck."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from services.points.ledger.domain import AccountKind, SystemAccount
from services.points.ledger.errors import AlreadyReversedError, HoldAlreadyResolvedError, InsufficientBalanceError
from shared.ids import new_id
from tests.points.conftest import OpenHousehold
from tests.points.ledger.books import Books
from tests.points.store_kit import StoreKit, redeem

ROUNDS = 5


def kinds(outcomes: Sequence[Any]) -> list[str]:
    return sorted(type(outcome).__name__ if isinstance(outcome, Exception) else "ok" for outcome in outcomes)


async def test_a_reversal_racing_a_redemption(books: Books, store: StoreKit, open_household: OpenHousehold) -> None:
    """Whoever is first, the sum is the same: what the redemption took is owed, or the redemption is refused."""
    for _ in range(ROUNDS):
        household = await open_household()
        product = await store.stock(price=120)
        earned = await books.earn(household, 30)

        bought, reversal = await asyncio.gather(
            redeem(store.household(household), product), books.reverse(earned), return_exceptions=True
        )

        assert not isinstance(reversal, BaseException)
        assert not isinstance(bought, BaseException)
        assert bought.status_code in {201, 409}
        available, held = await books.balance(await books.of(household))
        assert available + held - await books.owes(household) == 100
        assert held == (120 if bought.status_code == 201 else 0)


async def test_many_reversals_of_one_transfer(books: Books, open_household: OpenHousehold) -> None:
    household = await open_household()
    earned = await books.earn(household, 30)

    outcomes = await asyncio.gather(*(books.reverse(earned) for _ in range(6)), return_exceptions=True)

    assert kinds(outcomes) == [AlreadyReversedError.__name__] * 5 + ["ok"]
    assert await books.has(household) == 100


async def test_twenty_gifts_of_the_same_points(books: Books, open_household: OpenHousehold) -> None:
    giver, taker = await open_household(), await open_household()
    accounts = await books.of(giver), await books.of(taker)

    outcomes = await asyncio.gather(*(books.post(*accounts, 100) for _ in range(20)), return_exceptions=True)

    assert kinds(outcomes) == [InsufficientBalanceError.__name__] * 19 + ["ok"]
    assert (await books.has(giver), await books.has(taker)) == (0, 200)


async def test_two_households_give_each_other_at_once(books: Books, open_household: OpenHousehold) -> None:
    """Accounts are locked by id, whoever gives: no deadlock."""
    one, other = await books.of(await open_household()), await books.of(await open_household())

    outcomes = await asyncio.gather(
        *(books.post(*pair, 5) for _ in range(10) for pair in ((one, other), (other, one))), return_exceptions=True
    )

    assert kinds(outcomes) == ["ok"] * 20
    assert (await books.balance(one), await books.balance(other)) == ((100, 0), (100, 0))


async def test_deductions_and_earnings_at_once_end_in_the_right_debt(
    books: Books, open_household: OpenHousehold
) -> None:
    household = await open_household()

    outcomes = await asyncio.gather(
        *(books.deduct(household, 30) for _ in range(6)),
        *(books.earn(household, 10) for _ in range(6)),
        return_exceptions=True,
    )

    assert kinds(outcomes) == ["ok"] * 12
    assert await books.has(household) - await books.owes(household) == 100 + 60 - 180
    assert await books.has(household) == 0


async def test_a_hold_captured_and_released_at_once(books: Books, open_household: OpenHousehold, clock: Any) -> None:
    merchant = await books.open(AccountKind.MERCHANT, new_id())
    for _ in range(ROUNDS):
        household = await open_household()
        hold = await books.hold(household, 40, clock.now() + timedelta(days=1))

        outcomes = await asyncio.gather(
            books.capture(hold, merchant),
            books.capture(hold, SystemAccount.STORE),
            books.release(hold),
            return_exceptions=True,
        )

        assert kinds(outcomes) == [HoldAlreadyResolvedError.__name__] * 2 + ["ok"]
        assert await books.balance(await books.of(household)) in {(60, 0), (100, 0)}


async def test_an_account_opened_by_many_is_one(books: Books) -> None:
    owner = new_id()

    opened = await asyncio.gather(*(books.open(AccountKind.MERCHANT, owner) for _ in range(8)))

    assert len(set(opened)) == 1
