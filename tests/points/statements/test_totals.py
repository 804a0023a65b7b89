"""Totals of a period: what counts where, what never changes, and the whole model community at once."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from services.points.ledger import usecases as ledger
from services.points.ledger.domain import AccountKind, Asset, TransferKind
from services.points.statements import usecases as statements
from services.points.statements.domain import Level, Span, Total, root_of
from shared.ids import new_id
from shared.kernel.values import Points
from shared.pagination import PageRequest
from shared.testing.clients import People
from shared.testing.factories import WorkIn
from tests.points.conftest import OpenHousehold
from tests.points.round_kit import RoundKit

MODEL_COMMUNITY = """
    WITH home AS (
        INSERT INTO points.household (community_id, id, number, householder_name, grid_id, grid_name, building_id, building_name, status,
                registered_at)
            SELECT :c, gen_random_uuid(), 'QLQ-' || lpad(n::text, 4, '0'), '王**',
                md5('grid' || n % 8)::uuid, n % 8 + 1 || '号网格', md5('building' || n % 165)::uuid, n % 165 + 1 || '栋', 'active', :began
            FROM generate_series(1, 4152) n RETURNING id, number
    ), account AS (
        INSERT INTO points.account (community_id, id, kind, owner_id, asset, available, held, version, head, opened_at)
            SELECT :c, gen_random_uuid(), 'household', home.id, asset, 0, 0, 0, '\\x', :began
            FROM home CROSS JOIN (VALUES ('standing'), ('spendable')) a (asset) RETURNING id, asset, owner_id
    ), issuance AS (
        SELECT points.system_account(:c, 'issuance', asset, :began) AS id, asset FROM (VALUES ('standing'), ('spendable')) a (asset)
    )
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary, event_at,
            created_at)
        SELECT :c, gen_random_uuid(), a.asset, CASE n WHEN 0 THEN 'opening' ELSE 'claim' END, CASE n WHEN 0 THEN 100 ELSE n END,
            i.id, a.id, gen_random_uuid(), '清扫', :began, :began
        FROM account a JOIN issuance i ON i.asset = a.asset CROSS JOIN generate_series(0, 1) n
"""
"""4,152 households in 165 buildings and 8 grids, each opened with 100 points and given one claim worth 1."""


def span_of(kit: RoundKit, **facts: Any) -> Span:
    """Return two months around the present."""
    now = kit.clock.now()
    days = {"begins_at": now - timedelta(days=10), "ends_at": now + timedelta(days=50)}
    return Span(
        period_id=new_id(),
        name="2026年5—6月",
        begins_on=(now - timedelta(days=10)).date(),
        ends_on=(now + timedelta(days=50)).date(),
        **({"previous_period_id": None, "previous_edition": None} | days | facts),
    )


async def total_of(uow: Any, span: Span, level: Level, subject_id: UUID, edition: int = 1) -> Total:
    found = await statements.find_total(
        uow=uow, period_id=span.period_id, edition=edition, level=level, subject_id=subject_id
    )
    assert found is not None
    return found


@pytest.mark.breaks_books  # The model community's entries are left out; nothing here reads them.
async def test_the_model_community_is_summed_in_one_statement(kit: RoundKit, people: People, work_in: WorkIn) -> None:
    async with work_in("points", people.community_id) as uow:
        await uow.session.execute(text(MODEL_COMMUNITY), {"c": people.community_id, "began": kit.clock.now()})
        span = span_of(kit)
        root = await statements.write_edition(uow=uow, span=span, edition=1)
        households = await statements.list_all_totals(
            uow=uow, period_id=span.period_id, edition=1, level=Level.HOUSEHOLD
        )
        others = [
            total
            for level in (Level.BUILDING, Level.GRID, Level.COMMUNITY)
            for total in await statements.list_all_totals(uow=uow, period_id=span.period_id, edition=1, level=level)
        ]
        whole = await total_of(uow, span, Level.COMMUNITY, people.community_id)
        assert await statements.count_changed(uow=uow, period_id=span.period_id, edition=1) == 0
        await uow.session.rollback()

    assert (len(households), len(others)) == (4152, 165 + 8 + 1)
    assert {(t.standing_opening, t.standing_added, t.standing_closing, t.claims) for t in households} == {
        (100, 1, 101, 1)
    }
    assert (whole.households, whole.standing_closing, whole.spendable_closing) == (4152, 4152 * 101, 4152 * 101)
    assert root == root_of(span.period_id, None, [*households, *others])


async def test_what_counts_where(kit: RoundKit, people: People, work_in: WorkIn, open_household: OpenHousehold) -> None:
    """Opening, earned, lost, and undone within the period or from an earlier one."""
    before = kit.clock.now() - timedelta(days=30)
    household, other = await open_household(), await open_household()
    old = await kit.credit(household, 7, at=before, assets=(Asset.SPENDABLE,))
    await kit.credit(household, 20)
    young = await kit.credit(household, 4, assets=(Asset.SPENDABLE,))
    span = span_of(kit)
    async with work_in("points", people.community_id) as uow:
        await ledger.deduct_household(
            uow=uow,
            household_id=household,
            amount=Points(2),
            kind=TransferKind.DEDUCTION,
            source_id=new_id(),
            summary="车辆乱停",
        )
        for transfer_id in (old, young):
            await ledger.reverse_transfer(
                uow=uow,
                transfer_id=transfer_id,
                source_id=new_id(),
                summary="申诉成立",
                acting_account_id=new_id(),
            )
    async with work_in("points", people.community_id) as uow:
        await statements.write_edition(uow=uow, span=span, edition=1)
    async with work_in("points", people.community_id) as uow:
        own = await total_of(uow, span, Level.HOUSEHOLD, household)
        others = await total_of(uow, span, Level.HOUSEHOLD, other)
        whole = await total_of(uow, span, Level.COMMUNITY, people.community_id)
        corrections = await statements.list_corrections(
            uow=uow, period_id=span.period_id, edition=1, page=PageRequest()
        )
        account = await ledger.account_of(
            uow=uow, kind=AccountKind.HOUSEHOLD, owner_id=household, asset=Asset.SPENDABLE
        )
        balance = await ledger.balance_of(uow=uow, account_id=account)

    assert (own.standing_opening, own.standing_added, own.standing_taken, own.standing_corrected) == (100, 20, 2, 0)
    assert (own.spendable_opening, own.spendable_added, own.spendable_taken) == (107, 24, 6)
    assert (own.spendable_corrected, own.spendable_closing) == (-7, 118)
    assert balance == (118, 0), "what the statement says is what the account holds"
    assert (own.claims, own.deductions, own.score_e2, own.rank, others.rank) == (1, 1, 1800, 1, 2)
    assert (others.standing_closing, others.score_e2) == (100, 0)
    assert (whole.households, whole.standing_closing, whole.score_e2) == (2, 218, 900)
    assert [(c.amount, c.asset, c.original_summary, c.household_id) for c in corrections.rows] == [
        (-7, "spendable", "楼道清扫", household)
    ]


async def test_the_next_statement_goes_on_where_the_last_ended(
    kit: RoundKit, people: People, work_in: WorkIn, open_household: OpenHousehold
) -> None:
    household = await open_household()
    await kit.credit(household, 9)
    first = span_of(kit)
    later = span_of(
        kit,
        begins_at=first.ends_at,
        ends_at=first.ends_at + timedelta(days=60),
        previous_period_id=first.period_id,
        previous_edition=1,
    )
    async with work_in("points", people.community_id) as uow:
        first_root = await statements.write_edition(uow=uow, span=first, edition=1)
    kit.clock.set(first.ends_at + timedelta(days=1))
    await kit.credit(household, 5)
    newcomer = await open_household()
    async with work_in("points", people.community_id) as uow:
        root = await statements.write_edition(uow=uow, span=later, edition=1)
        own = await total_of(uow, later, Level.HOUSEHOLD, household)
        new = await total_of(uow, later, Level.HOUSEHOLD, newcomer)
        totals = [
            total
            for level in Level
            for total in await statements.list_all_totals(uow=uow, period_id=later.period_id, edition=1, level=level)
        ]

    assert (own.standing_opening, own.standing_added, own.standing_closing) == (109, 5, 114)
    assert (new.standing_opening, new.standing_added, new.score_e2) == (100, 0, 0)
    assert root == root_of(later.period_id, first_root, totals)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE points.statement_total SET standing_added = 1000",
        "DELETE FROM points.statement_total",
        "TRUNCATE points.statement_total",
        "UPDATE points.statement_edition SET root = 'x'",
        (
            "INSERT INTO points.statement_total SELECT community_id, period_id, edition, level, gen_random_uuid(), label, householder_name,"
            " grid_id, grid_name, building_id, building_name, households, standing_opening, standing_added, standing_taken,"
            " standing_corrected, standing_closing, spendable_opening, spendable_added, spendable_taken, spendable_corrected,"
            " spendable_closing, claims, deductions, score_e2, rank FROM points.statement_total WHERE level = 'household'"
        ),
    ],
)
async def test_what_was_drawn_up_never_changes(
    kit: RoundKit, people: People, work_in: WorkIn, open_household: OpenHousehold, change: str
) -> None:
    await open_household()
    span = span_of(kit)
    async with work_in("points", people.community_id) as uow:
        await statements.write_edition(uow=uow, span=span, edition=1)

    with pytest.raises(DBAPIError):
        async with work_in("points", people.community_id) as uow:
            await uow.session.execute(text(change))


async def test_a_changed_ledger_is_noticed(
    kit: RoundKit, people: People, work_in: WorkIn, open_household: OpenHousehold
) -> None:
    households = [await open_household() for _ in range(3)]
    span = span_of(kit)
    async with work_in("points", people.community_id) as uow:
        await statements.write_edition(uow=uow, span=span, edition=1)
        assert await statements.count_changed(uow=uow, period_id=span.period_id, edition=1) == 0
    await kit.credit(households[0], 1)

    async with work_in("points", people.community_id) as uow:
        assert await statements.count_changed(uow=uow, period_id=span.period_id, edition=1) == 1
