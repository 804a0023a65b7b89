"""Who meets at the locks of claims and the rules around them: lists, drafts, budgets, rounds, seals, families."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from services.points.appeals import usecases as appeals
from services.points.budgets import usecases as budgets
from services.points.claim_sheets import repository as sheet_rows
from services.points.claim_sheets import usecases as sheets
from services.points.claims import usecases as claims
from services.points.families import usecases as families
from services.points.kinships import usecases as kinships
from services.points.periods import usecases as periods
from services.points.rulebook_drafts import usecases as drafts
from services.points.rulebooks import usecases as rulebooks
from services.points.rulebooks.domain import Policy, RuleList
from services.points.seals import usecases as seals
from shared.contracts.events import DecisionPublished
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.kernel.values import Fen
from shared.uow import UnitOfWork
from tests.points.claims_kit import PARKING, SWEEP
from tests.points.funds.test_routes import open_fund
from tests.points.locks.meetings import Meeting, Town, does
from tests.points.locks.races import Act

YESTERDAY = date(2026, 5, 10)


async def _two_budgets(town: Town) -> str:
    admin = town.people.staff(Role.COMMUNITY_ADMIN)
    fund = UUID(str(await open_fund(town.client_for("points", admin), 100)))
    days = {"starts_on": date(2026, 6, 1), "ends_on": date(2026, 6, 30)}
    facts = {
        "name": "六月",
        "fund_id": fund,
        "point_value_fen": Fen(1),
        "amount": 100,
        "decision": "居民代表会议",
    } | days
    return await town.meet(*(does(budgets.set_budget, principal=admin, **facts) for _ in range(2)))


async def _charged_and_made_smaller(town: Town) -> str:
    await town.write("budget", starts_on="2026-05-01", ends_on="2026-06-30", amount=100, charged=0, revision=1)
    budget = await town.owner.fetchval("SELECT id FROM points.budget WHERE community_id = $1", town.people.community_id)
    member = town.people.staff(Role.COMMITTEE_MEMBER)
    return await town.meet(
        does(budgets.charge_budget, amount=60, source_id=new_id()),
        does(budgets.change_budget, principal=member, budget_id=budget, seen='"1"', amount=50, decision="减半"),
    )


async def _two_versions(town: Town) -> str:
    member = town.people.staff(Role.COMMITTEE_MEMBER)
    facts = {"effective_on": date(2026, 5, 11), "decision": "居民代表会议", "decision_id": None}
    rules = (await town.books.work(lambda uow: _draft(town, uow))).rules
    minutes = UUID(await town.claims.minutes())
    return await town.meet(
        *(
            does(rulebooks.adopt, rules=rules, minutes_asset_id=minutes, adopted_by=member.account_id, **facts)
            for _ in range(2)
        )
    )


async def _draft(town: Town, uow: UnitOfWork) -> Any:
    await town.claims.adopt(SWEEP)
    rules = (await rulebooks.get_rulebook_in_force(uow=uow)).items
    return await drafts.write_draft(
        uow=uow, principal=town.people.staff(Role.COMMITTEE_MEMBER), title="六月", note="",
        effective_on=date(2026, 6, 1), rules=RuleList(Policy(), rules),
    )  # fmt: skip


async def _discarded_and_changed(town: Town) -> str:
    draft = await town.books.work(lambda uow: _draft(town, uow))
    member = town.people.staff(Role.COMMITTEE_MEMBER)
    return await town.meet(
        does(drafts.discard_draft, principal=member, draft_id=draft.id),
        does(
            drafts.change_draft, principal=member, draft_id=draft.id, seen='"1"', title="七月", note="",
            effective_on=date(2026, 7, 1), rules=draft.rules,
        ),
    )  # fmt: skip


async def _discarded_and_decided(town: Town) -> str:
    draft = await town.books.work(lambda uow: _draft(town, uow))
    member, proposal = town.people.staff(Role.COMMITTEE_MEMBER), new_id()
    await town.books.work(does(drafts.propose_draft, principal=member, draft_id=draft.id, proposal_id=proposal))
    decided = DecisionPublished(
        proposal_id=proposal, process_id=new_id(), round_id=None, title="六月", text_hash="", result_hash=None,
        scope_kind="community", scope_id=None, scope_name="",
    )  # fmt: skip
    await town.books.work(does(rulebooks.note_decision, published=decided))
    told = await town.meet(
        does(drafts.discard_draft, principal=member, draft_id=draft.id), does(drafts.adopt_decided, published=decided)
    )
    return f"{told}, {await town.of('rulebook_draft', 'state', draft.id)}"


async def _ended_twice(town: Town) -> str:
    who = town.people.staff(Role.GRID_WORKER)
    home = await town.open_household()
    facts = {"principal": who, "account_id": None, "household_id": home, "relation": "父母"}
    kinship = await town.books.work(lambda uow: kinships.declare_kinship(uow=uow, **facts))
    return await town.meet(*(does(kinships.end_kinship, principal=who, kinship_id=kinship.id) for _ in range(2)))


async def _claim(town: Town, *rules: dict[str, Any]) -> tuple[UUID, UUID]:
    """Return a household and what it claims."""
    await town.claims.adopt(*rules)
    home = await town.open_household()
    entered = await town.claims.enter(town.claims.home(home))
    return home, UUID(entered.json()["id"])


async def _withdrawn_and_verified(town: Town) -> str:
    home, claim = await _claim(town, SWEEP)
    told = await town.meet(
        does(claims.withdraw_claim, principal=town.people.resident(home), claim_id=claim),
        does(
            claims.verify_claim, principal=town.people.staff(Role.GRID_WORKER), claim_id=claim, is_confirmed=True,
            reason="",
        ),
    )  # fmt: skip
    return f"{told}, {await town.of('claim', 'state', claim)}"


def _entering(town: Town, home: UUID) -> Act:
    entry = claims.Entry(
        household_id=home, item_code="stairwell_cleaning", happened_on=YESTERDAY, place="3栋", quantity=1,
        photo_ids=(new_id(),), note="",
    )  # fmt: skip
    return does(claims.enter_claim, principal=town.people.resident(home), entry=entry, is_draft=False)


async def _one_claim_over_the_cap(town: Town) -> str:
    await town.claims.adopt(SWEEP | {"cap_count": 1})
    home = await town.open_household()
    return await town.meet(_entering(town, home), _entering(town, home))


async def _a_claim_and_a_sheet(town: Town) -> str:
    """A sheet is checked against what was claimed; a claim on its way counts."""
    await town.claims.adopt(SWEEP)

    async def check(uow: UnitOfWork) -> int:
        return len(await claims.list_taken(uow=uow, since=YESTERDAY, until=YESTERDAY))

    return await town.meet(_entering(town, await town.open_household()), check)


async def _withdrawn_and_upheld(town: Town) -> str:
    await town.claims.adopt(PARKING)
    home = await town.open_household()
    assessor = town.claims.staff(Role.ASSESSOR)
    entered = await town.claims.enter(assessor, "chaotic_parking", household_id=str(home))
    claim = entered.json()["id"]
    await town.claims.publicise(claim)
    town.clock.advance(timedelta(days=3))
    await town.books.work(does(claims.post_due))
    household = town.people.resident(home)
    appeal = await town.books.work(
        lambda uow: appeals.make_appeal(uow=uow, principal=household, claim_id=UUID(claim), reason="不是我家的车")
    )
    told = await town.meet(
        does(appeals.withdraw_appeal, principal=household, appeal_id=appeal.id),
        does(
            appeals.answer_appeal, principal=town.people.staff(Role.SUPERVISOR), appeal_id=appeal.id, is_upheld=True,
            answer="查了录像",
        ),
    )  # fmt: skip
    return f"{told}, {await town.of('claim_appeal', 'state', appeal.id)}"


async def _discarded_and_applied(town: Town) -> str:
    sheet = new_id()
    await town.write("claim_sheet", id=str(sheet), state="checked", done=0, total=0)
    assessor = town.people.staff(Role.ASSESSOR)
    told = await town.meet(
        *(does(step, principal=assessor, sheet_id=sheet) for step in (sheets.discard_sheet, sheets.apply_sheet))
    )
    return f"{told}, {await town.of('claim_sheet', 'state', sheet)}"


async def _two_workers_at_a_sheet(town: Town) -> str:
    sheet = new_id()
    await town.write("claim_sheet", id=str(sheet), state="uploaded", done=0, total=0)

    async def take(uow: UnitOfWork) -> bool:
        return await sheet_rows.take(uow.session, sheet) is not None

    return await town.meet(take, take)


async def _collecting(town: Town) -> UUID:
    """Return a period whose days are over, being collected."""
    admin = town.people.staff(Role.COMMUNITY_ADMIN)
    days = {"begins_on": date(2026, 4, 1), "ends_on": YESTERDAY, "notice_days": 7}
    period = await town.books.work(lambda uow: periods.open_period(uow=uow, principal=admin, name="四月", **days))
    return period.id


async def _collected_twice(town: Town) -> str:
    period, admin = await _collecting(town), town.people.staff(Role.COMMUNITY_ADMIN)
    return await town.meet(*(does(periods.collect_period, principal=admin, period_id=period) for _ in range(2)))


async def _reviewed_and_entered(town: Town) -> str:
    period, admin = await _collecting(town), town.people.staff(Role.COMMUNITY_ADMIN)
    await town.books.work(does(periods.collect_period, principal=admin, period_id=period))
    return await town.meet(
        does(periods.review_period, principal=town.people.staff(Role.ASSESSOR), period_id=period),
        does(periods.require_open, on=YESTERDAY, is_entry=True),
    )


async def _sealed_by_hand_and_by_the_clock(town: Town) -> str:
    supervisor = town.people.staff(Role.SUPERVISOR)
    await town.books.work(does(seals.seal_books, principal=supervisor))
    town.clock.advance(timedelta(days=1))
    return await town.meet(*(does(seals.seal_books, principal=who) for who in (supervisor, None)))


async def _joined_both_ways(town: Town) -> str:
    admin = town.people.staff(Role.COMMUNITY_ADMIN)
    one, other = [await town.open_household() for _ in range(2)]
    return await town.meet(
        *(
            does(families.merge_households, principal=admin, household_id=giver, into_household_id=taker, reason="并户")
            for giver, taker in ((one, other), (other, one))
        )
    )


RULES = {
    "two budgets for the same days": Meeting("budgets.lock_budgets", _two_budgets, "BudgetOverlapsError", "ok"),
    "a budget charged and made smaller": Meeting(
        "budgets.get", _charged_and_made_smaller, "BudgetBelowChargedError", "23514"
    ),
    "two versions of the list": Meeting("rulebooks.next_version", _two_versions, "ok", "23505"),
    "a draft discarded and changed": Meeting("rulebook_drafts.get", _discarded_and_changed, "WrongStateError", "ok"),
    "a draft discarded and decided": Meeting(
        "rulebook_drafts.find_of_proposal_for_update", _discarded_and_decided, "ok, discarded", "ok, adopted"
    ),
    "a kinship ended twice": Meeting("kinships.get_standing_for_update", _ended_twice, "KinshipNotFoundError", "ok"),
    "a claim withdrawn and verified": Meeting(
        "claims.get", _withdrawn_and_verified, "WrongStateError, withdrawn", "ok, verified"
    ),
    "one claim over the cap": Meeting("claims.lock_caps", _one_claim_over_the_cap, "CapReachedError", "ok"),
    "a claim and a sheet": Meeting("claims.lock_every_cap", _a_claim_and_a_sheet, "ok 1", "ok 0"),
    "an appeal withdrawn and upheld": Meeting(
        "appeals.get", _withdrawn_and_upheld, "WrongStateError, withdrawn", "ok, upheld"
    ),
    "a sheet discarded and applied": Meeting(
        "claim_sheets.get", _discarded_and_applied, "WrongStateError, discarded", "ok, applying"
    ),
    "two workers at a sheet": Meeting("claim_sheets.take", _two_workers_at_a_sheet, "ok False", "ok True"),
    "a round collected twice": Meeting("periods.get", _collected_twice, "WrongStateError", "ok"),
    "a round reviewed and entered for": Meeting("periods.close_gate", _reviewed_and_entered, "PeriodClosedError", "ok"),
    "books sealed by hand and by the clock": Meeting(
        "seals.lock_schedule", _sealed_by_hand_and_by_the_clock, "ok", "23505"
    ),
    "two households joined both ways": Meeting(
        "families.get_files_for_update", _joined_both_ways, "HouseholdClosedError", "ok"
    ),
}
"""By what meets."""
