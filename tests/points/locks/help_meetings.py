"""Who meets at the locks of gigs, the time bank, and the rules both go by."""

from datetime import timedelta
from uuid import UUID

from services.points.families import usecases as families
from services.points.gigs import usecases as gigs
from services.points.help_kinds import usecases as kinds
from services.points.help_policies import usecases as policies
from services.points.help_policies.domain import Area, TimePolicy
from services.points.jobs import usecases as jobs
from services.points.passbooks import usecases as passbooks
from services.points.time_bank import usecases as time_bank
from services.points.time_bank.domain import Side
from shared.contracts.events import AccountDeleted
from shared.ids import new_id
from shared.kernel.principal import Principal, Role
from tests.points.locks.meetings import Meeting, Town, does


async def _taken_and_given_up(town: Town) -> str:
    """One neighbour takes the second place while another gives the first back: how many are free?"""
    market = town.market
    poster, one, other = [await market.resident() for _ in range(3)]
    gig = await market.post(poster, places=2)
    job = await market.take(one, gig)
    told = await town.meet(
        does(jobs.claim_job, principal=other.principal, gig_id=UUID(gig["id"])),
        does(jobs.give_up_job, principal=one.principal, job_id=UUID(job["id"]), reason="临时有事"),
    )
    return f"{told}, {await town.of('gig', 'free_places', gig['id'])} free"


async def _forgotten_and_done(town: Town) -> str:
    """A worker's account is erased while the household reports the work: does the name come back?"""
    market = town.market
    poster, worker = await market.resident(), await market.resident()
    job = await market.take(worker, await market.post(poster))
    town.clock.advance(timedelta(days=1))
    await market.step(worker, job, "check-ins")
    told = await town.meet(
        does(families.forget_person, told=_erased(worker.principal)),
        does(jobs.complete_job, principal=worker.principal, job_id=UUID(job["id"]), photo_ids=[new_id()], note=""),
    )
    return f"{told} by {await town.of('gig_place', 'worker_name', job['id'])}"


def _erased(who: Principal) -> AccountDeleted:
    return AccountDeleted(account_id=who.account_id, resident_id=who.resident_id, household_id=who.household_id)


async def _two_jobs_of_a_household(town: Town) -> str:
    market = town.market
    poster, worker = await market.resident(), await market.resident()
    wanted = [await market.post(poster, points=1) for _ in range(4)]
    for gig in wanted[:2]:
        await market.take(worker, gig)
    return await town.meet(
        *(does(jobs.claim_job, principal=worker.principal, gig_id=UUID(gig["id"])) for gig in wanted[2:])
    )


async def _cancelled_as_it_closes(town: Town) -> str:
    market = town.market
    poster = await market.resident()
    gig = await market.post(poster)
    town.clock.advance(timedelta(days=1))
    told = await town.meet(
        does(gigs.cancel_gig, principal=poster.principal, gig_id=UUID(gig["id"]), reason="不用了"),
        does(gigs.close_gig, gig_id=UUID(gig["id"])),
    )
    return f"{told}, {await town.of('gig', 'state', gig['id'])}"


async def _two_helpers(town: Town) -> str:
    bank = town.bank
    await bank.kind()
    helped, one, other = await bank.resident(minutes=120), await bank.resident(), await bank.resident()
    request = UUID((await bank.ask(helped))["id"])
    return await town.meet(
        *(
            does(time_bank.join_request, principal=helper.principal, request_id=request, side=Side.HELPER)
            for helper in (one, other)
        )
    )


async def _both_confirm(town: Town) -> str:
    """Each is the last to agree, unless one sees what the other has done."""
    bank = town.bank
    await bank.kind()
    helped, helper = await bank.resident(minutes=120), await bank.resident()
    asked = await bank.ask(helped)
    await bank.step(helper, asked, "participants")
    await bank.help(helper, helped, asked, hours=1)
    request = UUID(asked["id"])
    told = await town.meet(
        *(does(time_bank.confirm_help, principal=who.principal, request_id=request) for who in (helped, helper))
    )
    return f"{told}, {await town.of('help_request', 'state', request)}, {await bank.minutes(helper)} minutes"


async def _confirmed_as_silence_runs_out(town: Town) -> str:
    bank = town.bank
    await bank.kind()
    helped, helper = await bank.resident(minutes=120), await bank.resident()
    asked = await bank.ask(helped)
    await bank.step(helper, asked, "participants")
    await bank.help(helper, helped, asked, hours=1)
    await bank.step(helper, asked, "confirmations")
    town.clock.advance(timedelta(hours=72))
    request = UUID(asked["id"])
    return await town.meet(
        does(time_bank.confirm_help, principal=helped.principal, request_id=request),
        does(time_bank.move_due_request, request_id=request),
    )


async def _credited_crosswise(town: Town) -> str:
    """Two neighbours have helped each other; what is over of the minutes set aside goes back to who is paid for the other."""
    bank = town.bank
    await bank.kind()
    one, other = [await bank.resident(minutes=120) for _ in range(2)]
    requests = []
    for helped, helper in ((one, other), (other, one)):
        asked = await bank.ask(helped)
        await bank.step(helper, asked, "participants")
        await bank.help(helper, helped, asked, hours=1)
        await bank.step(helper, asked, "confirmations")
        requests.append((helped.principal, UUID(asked["id"])))
    told = await town.crosswise(
        *(does(time_bank.confirm_help, principal=who, request_id=request) for who, request in requests)
    )
    left = [await bank.minutes(who) for who in (one, other)]
    return told if "DatabaseBusyError" in told else f"{told}, {left}"


async def _settled_crosswise(town: Town) -> str:
    """Two households have worked for each other and disagree on both jobs; two supervisors divide both at once."""
    market = town.market
    one, other = [await market.resident() for _ in range(2)]
    disputed = []
    for poster, worker in ((one, other), (other, one)):
        job = await market.work(worker, await market.take(worker, await market.post(poster, points=10)))
        await market.step(poster, job, "disputes", reason="没做完")
        disputed.append(UUID(job["id"]))
    homes = [who.principal.household_id for who in (one, other)]
    divided = {"worker_points": 7, "poster_points": 3, "reason": "做了七成"}
    told = await town.crosswise(
        *(
            does(jobs.settle_job, principal=town.people.staff(Role.SUPERVISOR), job_id=job, **divided)
            for job in disputed
        ),
    )
    left = [await town.books.has(home) for home in homes]
    return told if "DatabaseBusyError" in told else f"{told}, {left}"


async def _two_exchanges(town: Town) -> str:
    """A hundred minutes may be exchanged in a quarter; two phones exchange a hundred each."""
    rule = TimePolicy(minutes_per_point=10, most_exchanged_minutes=100)
    official = town.people.staff(Role.COMMITTEE_MEMBER)
    await town.books.work(
        does(policies.adopt_policy, principal=official, area=Area.TIME_BANK, numbers=rule, decision="居民代表会议")
    )
    person = await town.bank.resident(minutes=300)
    told = await town.meet(
        *(does(passbooks.exchange_minutes, principal=person.principal, minutes=100) for _ in range(2))
    )
    return f"{told}, {await town.bank.minutes(person)} minutes"


async def _two_gifts(town: Town) -> str:
    """The purse's own lock says in minutes what is missing; the account's would say it in points."""
    home = await town.open_household()
    giver, taker = await town.bank.resident(home, minutes=100), await town.bank.resident(home, minutes=1)
    gift = {"to_resident_id": taker.principal.resident_id, "minutes": 100, "reason": ""}
    return await town.meet(*(does(passbooks.give_minutes, principal=giver.principal, **gift) for _ in range(2)))


async def _one_decision_fills_the_pool_twice(town: Town) -> str:
    official = town.people.staff(Role.COMMITTEE_MEMBER)
    facts = {"reason": "居民代表会议", "decision_id": None, "minutes_asset_id": UUID(await town.claims.minutes())}
    told = await town.meet(*(does(passbooks.issue_minutes, principal=official, minutes=60, **facts) for _ in range(2)))
    async with town.books.work_in("points", town.people.community_id) as uow:
        return f"{told}, {await passbooks.get_pool(uow=uow)} minutes"


async def _two_versions_of_a_kind(town: Town) -> str:
    kind = {"code": "escort", "name": "陪同就医", "description": "", "rate_percent": 100, "is_active": True}
    official = town.people.staff(Role.COMMITTEE_MEMBER)
    return await town.meet(
        *(does(kinds.enter_kind, principal=official, decision="居民代表会议", **kind) for _ in range(2))
    )


async def _two_versions_of_the_numbers(town: Town) -> str:
    official = town.people.staff(Role.COMMITTEE_MEMBER)
    facts = {"area": Area.TIME_BANK, "numbers": TimePolicy(), "decision": "居民代表会议"}
    return await town.meet(*(does(policies.adopt_policy, principal=official, **facts) for _ in range(2)))


HELP = {
    "a place taken and one given up": Meeting(
        "gig_places.get", _taken_and_given_up, "ok, 1 free", "ok, 2 free", frozenset({"I3"})
    ),
    "work reported as its worker is forgotten": Meeting(
        "gig_places.list_places", _forgotten_and_done, "ok by 已注销", "ok by 王**"
    ),
    "one job more than a household may have": Meeting(
        "gig_places.lock_household", _two_jobs_of_a_household, "TooManyTakenError", "ok"
    ),
    "a gig cancelled as it closes": Meeting(
        "gig_places.find_gig_for_update", _cancelled_as_it_closes, "ok, cancelled", "ok, expired"
    ),
    "two helpers for one": Meeting("time_bank.get", _two_helpers, "HelpFullError", "ok"),
    "both the last to confirm": Meeting(
        "time_bank.get", _both_confirm, "ok, credited, 60 minutes", "ok, ended, 0 minutes"
    ),
    "help credited crosswise": Meeting(
        "passbooks.lock_purses", _credited_crosswise, "ok, [120, 120]", "DatabaseBusyError, ok"
    ),
    "gigs settled crosswise": Meeting(
        "gig_places.lock_parties", _settled_crosswise, "ok, [100, 100]", "DatabaseBusyError, ok"
    ),
    "help confirmed as silence runs out": Meeting(
        "time_bank.find_due_for_update", _confirmed_as_silence_runs_out, "ok", "InsufficientBalanceError"
    ),
    "two exchanges in a quarter": Meeting(
        "passbooks.lock_purse", _two_exchanges, "ExchangeLimitError, 200 minutes", "ok, 100 minutes"
    ),
    "two gifts out of one purse": Meeting(
        "passbooks.lock_purse", _two_gifts, "MinutesShortError", "InsufficientBalanceError"
    ),
    "one decision fills the pool twice": Meeting(
        "passbooks.lock_purse",
        _one_decision_fills_the_pool_twice,
        "PoolDecisionUsedError, 60 minutes",
        "23505, 60 minutes",
    ),
    "two versions of a kind": Meeting("help_kinds.lock", _two_versions_of_a_kind, "ok", "23505"),
    "two versions of the numbers": Meeting("help_policies.lock", _two_versions_of_the_numbers, "ok", "23505"),
}
"""By what meets."""
