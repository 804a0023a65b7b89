"""Many hands at one passbook: nothing minted, nothing credited twice."""

import asyncio
import collections
from datetime import timedelta
from typing import Any

from shared.kernel.principal import Role
from tests.points.time_bank.conftest import BANK, REQUESTS, Bank


def codes_of(responses: list[Any]) -> collections.Counter[str]:
    return collections.Counter("ok" if r.is_success else r.json()["code"] for r in responses)


async def test_20_parallel_gifts_of_the_same_100_minted_2000(bank: Bank) -> None:
    """fuint#71: twenty gifts of the same hundred at once all went through, and two thousand came out of one hundred."""
    household = await bank.open_household()
    giver, receiver = await bank.resident(household, minutes=100), await bank.resident(household)
    body = {"to_resident_id": str(receiver.principal.resident_id), "minutes": 100}

    outcomes = codes_of(await asyncio.gather(*(giver.post(f"{BANK}/gifts", json=body) for _ in range(20))))

    assert outcomes == {"ok": 1, "points.minutes_short": 19}
    assert (await bank.minutes(giver), await bank.minutes(receiver)) == (0, 100)


async def test_gifts_donations_and_requests_share_one_purse(bank: Bank) -> None:
    await bank.kind()
    household = await bank.open_household()
    giver, receiver = await bank.resident(household, minutes=120), await bank.resident(household)
    gift = {"to_resident_id": str(receiver.principal.resident_id), "minutes": 120}

    responses = await asyncio.gather(
        giver.post(f"{BANK}/gifts", json=gift),
        giver.post(f"{BANK}/donations", json={"minutes": 120}),
        giver.post(REQUESTS, json=bank.body()),
        giver.post(f"{BANK}/gifts", json=gift),
    )

    assert codes_of(responses) == {"ok": 1, "points.minutes_short": 3}
    assert await bank.minutes(giver) == 0


async def test_gifts_to_and_fro_end(bank: Bank) -> None:
    """Two who give to each other lock the same two purses in one order, so that neither waits for the other."""
    household = await bank.open_household()
    one, other = await bank.resident(household, minutes=50), await bank.resident(household, minutes=50)

    def gift(giver: Any, receiver: Any) -> Any:
        return giver.post(f"{BANK}/gifts", json={"to_resident_id": str(receiver.principal.resident_id), "minutes": 5})

    responses = await asyncio.gather(*(gift(one, other) for _ in range(5)), *(gift(other, one) for _ in range(5)))

    assert codes_of(responses) == {"ok": 10}
    assert (await bank.minutes(one), await bank.minutes(other)) == (50, 50)


async def test_both_confirm_at_once_and_are_credited_once(bank: Bank) -> None:
    await bank.kind()
    for _ in range(2):
        helped, helper = await bank.resident(minutes=120), await bank.resident()
        asked = await bank.ask(helped)
        await bank.step(helper, asked, "participants")
        await bank.help(helper, helped, asked, hours=1)
        path = f"{REQUESTS}/{asked['id']}/confirmations"

        responses = await asyncio.gather(*(who.post(path) for who in (helped, helper, helped, helper)))

        outcomes = codes_of(responses)
        assert outcomes["ok"] == 2
        assert set(outcomes) <= {"ok", "points.help_already_confirmed", "wrong_state"}
        assert (await bank.minutes(helper), await bank.minutes(helped)) == (60, 60)


async def test_confirmed_while_silence_runs_out(bank: Bank, sweep: Any) -> None:
    await bank.kind()
    for _ in range(2):
        helped, helper = await bank.resident(minutes=120), await bank.resident()
        asked = await bank.ask(helped)
        await bank.step(helper, asked, "participants")
        await bank.help(helper, helped, asked, hours=2)
        path = f"{REQUESTS}/{asked['id']}/confirmations"
        await helper.post(path)
        bank.clock.advance(timedelta(hours=72))

        confirmed, _ = await asyncio.gather(helped.post(path), sweep("points", "move_help_requests"))

        assert confirmed.is_success or confirmed.json()["code"] == "wrong_state"
        assert (await helper.get(f"{REQUESTS}/{asked['id']}")).json()["state"] == "credited"
        assert (await bank.minutes(helper), await bank.minutes(helped)) == (120, 0)


async def test_one_stop_code_many_times_counts_once(bank: Bank) -> None:
    await bank.kind()
    helped, helper = await bank.resident(minutes=120), await bank.resident()
    asked = await bank.ask(helped)
    await bank.step(helper, asked, "participants")
    await bank.show(helper, helped, asked)
    await bank.show(helped, helper, asked)
    bank.clock.advance(timedelta(hours=1))
    path = f"{REQUESTS}/{asked['id']}"
    shown = (await helped.get(f"{path}/code")).json()

    outcomes = codes_of(await asyncio.gather(*(helper.post(f"{path}/codes", json=shown) for _ in range(6))))

    assert outcomes == {"ok": 1, "points.time_code_used": 5}


async def test_more_helpers_than_wanted(bank: Bank) -> None:
    await bank.kind()
    helped = await bank.resident(minutes=120)
    helpers = [await bank.resident() for _ in range(8)]
    asked = await bank.ask(helped)

    outcomes = codes_of(
        await asyncio.gather(*(h.post(f"{REQUESTS}/{asked['id']}/participants", json={}) for h in helpers))
    )

    assert outcomes == {"ok": 1, "points.help_full": 7}


async def test_called_off_while_the_helper_begins(bank: Bank) -> None:
    """Help that has begun cannot be called off; help that was called off does not begin, and the minutes are back."""
    await bank.kind()
    for _ in range(3):
        helped, helper = await bank.resident(minutes=120), await bank.resident()
        asked = await bank.ask(helped)
        await bank.step(helper, asked, "participants")
        await bank.show(helper, helped, asked)
        path = f"{REQUESTS}/{asked['id']}"
        shown = (await helped.get(f"{path}/code")).json()

        begun, cancelled = await asyncio.gather(
            helper.post(f"{path}/codes", json=shown), helped.post(f"{path}/cancellations", json={"reason": "不用了"})
        )

        assert codes_of([begun, cancelled]) == {"ok": 1, "wrong_state": 1}
        state = (await helped.get(path)).json()["state"]
        assert state == ("started" if begun.is_success else "cancelled")
        assert await bank.minutes(helped) == (0 if begun.is_success else 120)


async def test_one_balance_pays_for_one_request_from_two_phones(bank: Bank) -> None:
    await bank.kind()
    household = await bank.open_household()
    person = await bank.resident(household, minutes=120)

    outcomes = codes_of(await asyncio.gather(*(person.post(REQUESTS, json=bank.body()) for _ in range(4))))

    assert outcomes == {"ok": 1, "points.minutes_short": 3}
    assert await bank.minutes(person) == 0


async def test_a_request_that_waits_for_the_pool_is_served_once(bank: Bank) -> None:
    """Two officials agree to each of two requests at once; the pool has minutes for one."""
    await bank.kind()
    officials = [bank.staff(Role.COMMUNITY_ADMIN), bank.staff(Role.COMMITTEE_MEMBER)]
    await bank.fill_pool(officials[0], 120)
    asked = [await bank.ask(await bank.resident(), payer="pool") for _ in range(2)]

    answers = await asyncio.gather(
        *(who.post(f"{REQUESTS}/{one['id']}/approvals") for who in officials for one in asked)
    )

    outcomes = codes_of(answers)
    assert outcomes["ok"] == 1
    assert set(outcomes) <= {"ok", "points.minutes_short", "points.help_already_confirmed"}
    assert (await officials[0].get(f"{BANK}/pool")).json()["minutes"] == 0


async def test_two_who_helped_each_other_are_both_credited(bank: Bank) -> None:
    """Each purse receives for one help and takes back what is over of the other, in the same breath."""
    await bank.kind()
    one, other = [await bank.resident(minutes=120) for _ in range(2)]
    for _ in range(2):
        waiting = []
        for helped, helper in ((one, other), (other, one)):
            asked = await bank.ask(helped)
            await bank.step(helper, asked, "participants")
            await bank.help(helper, helped, asked, hours=1)
            await bank.step(helper, asked, "confirmations")
            waiting.append((helped, f"{REQUESTS}/{asked['id']}/confirmations"))

        answers = await asyncio.gather(*(who.post(path) for who, path in waiting))

        assert codes_of(answers) == {"ok": 2}
        assert (await bank.minutes(one), await bank.minutes(other)) == (120, 120)
