"""Every statement of claims."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Select,
    Uuid,
    and_,
    case,
    column,
    func,
    insert,
    literal,
    select,
    table,
    text,
    union_all,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.points.claims.caps import Taken
from services.points.claims.domain import COUNTING, PUBLIC, WATCHING, Claim, Filters, PanelVote, State
from services.points.claims.errors import ClaimNotFoundError
from services.points.claims.models import ClaimObjection, ClaimRow, ClaimVote
from services.points.rulebooks.domain import ItemGroup, Policy, RuleItem, Verifier
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.kernel.values import Points
from shared.pagination import PageRequest, Slice, before

POST_AT_ONCE: Final = 200
"""Claims posted in one transaction; more would hold their households' accounts for too long."""
CARE: Final = table(
    "adoption_duty",
    column("household_id", Uuid),
    column("item_code"),
    column("done_on", Date),
    column("points", Integer),
    schema="points",
)
COUNTED: Final = union_all(
    select(
        col(ClaimRow.household_id),
        col(ClaimRow.item_code),
        col(ClaimRow.happened_on),
        col(ClaimRow.quantity).label("units"),
        case((col(ClaimRow.group) != ItemGroup.MINUS, col(ClaimRow.points)), else_=0).label("earned"),
    ).where(col(ClaimRow.state).in_(COUNTING)),
    select(CARE.c.household_id, CARE.c.item_code, CARE.c.done_on, literal(1), CARE.c.points).where(CARE.c.points > 0),
).subquery("counted")
"""What uses up the caps: claims that were not refused, deductions earning nothing, and days of care that were paid (`duties`)."""
_ROW = ClaimRow.__table__  # type: ignore[attr-defined]  # SQLModel's metaclass sets it.


def visible_to(principal: Principal, now: datetime) -> ColumnElement[bool]:
    """Return which claims this principal may see.

    Its own; what hangs out or may be appealed against; those of its grids and buildings; all for those who judge. A draft is seen by who writes it
    and the household it is about.
    """
    own = (col(ClaimRow.account_id) == principal.account_id) | (col(ClaimRow.household_id) == principal.household_id)
    is_submitted = col(ClaimRow.state) != State.DRAFT
    if principal.has(*WATCHING):
        return own | is_submitted
    appeals = func.make_interval(0, 0, 0, col(ClaimRow.appeal_days))
    open_to_all = col(ClaimRow.state).in_(PUBLIC) | and_(
        col(ClaimRow.state) == State.POSTED, col(ClaimRow.posted_at) > now - appeals
    )
    allowed = own if principal.household_id is None and not principal.roles else own | open_to_all
    for grant in principal.roles:
        if grant.role not in {Role.GRID_WORKER, Role.BUILDING_HEAD}:
            continue
        if grant.scope_kind is ScopeKind.COMMUNITY:
            return own | is_submitted
        column = {ScopeKind.GRID: ClaimRow.grid_id, ScopeKind.BUILDING: ClaimRow.building_id}.get(grant.scope_kind)
        if column is not None:
            allowed |= is_submitted & (col(column) == UUID(grant.scope_id))
    return allowed


def _domain(row: Any) -> Claim:
    facts = {name: getattr(row, name) for name in Claim.__slots__}
    return Claim(
        **facts
        | {
            "group": ItemGroup(row.group),
            "verifier": Verifier(row.verifier),
            "points": Points(row.points),
            "state": State(row.state),
            "member_ids": tuple(row.member_ids),
            "photo_ids": tuple(row.photo_ids),
        }
    )


def _values(community_id: UUID, claim: Claim) -> dict[str, Any]:
    facts: dict[str, Any] = {name: getattr(claim, name) for name in Claim.__slots__}
    lists = {"photo_ids": list(claim.photo_ids), "member_ids": list(claim.member_ids)}
    words = {"group": claim.group.value, "verifier": claim.verifier.value, "state": claim.state.value}
    return facts | lists | words | {"community_id": community_id}


async def lock_caps(session: AsyncSession, community_id: UUID, household_id: UUID, item_code: str | None) -> None:
    """Let one claim of a household, and of a shared item when named, be counted and entered at a time.

    Locks/IO: all caps of the community together with others, then the item, then the household, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock_shared(hashtextextended(:name, 0))"), {"name": f"claims:{community_id}"}
    )
    shared = [] if item_code is None else [f"claims:{community_id}:{item_code}"]
    for name in (*shared, f"claims:{household_id}"):
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


async def lock_every_cap(session: AsyncSession, community_id: UUID) -> None:
    """Let nobody else enter a claim in this community.

    Locks/IO: all caps of the community, alone, until the transaction ends.
    """
    await session.execute(
        text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"claims:{community_id}"}
    )


async def lock_taken(
    session: AsyncSession, community_id: UUID, household_id: UUID, on: date, item: RuleItem, policy: Policy
) -> Taken:
    """Return what counts around a day under each cap that a claim, or paid care, of the item falls under.

    Locks/IO: those caps, until the transaction ends.
    """
    is_shared, days = item.community_cap_count is not None, item.cap_days
    await lock_caps(session, community_id, household_id, item.code if is_shared else None)
    has_limit = policy.household_cap_points is not None
    own = COUNTED.c.household_id == household_id
    same = COUNTED.c.item_code == item.code
    return Taken(
        by_household=await _count(session, COUNTED.c.units, on, days, same, own),
        by_everybody=await _count(session, COUNTED.c.units, on, days, same) if is_shared else {},
        earned=await _count(session, COUNTED.c.earned, on, policy.household_cap_days, own) if has_limit else {},
    )


async def _count(
    session: AsyncSession, what: ColumnElement[int], on: date, days: int, *which: ColumnElement[bool]
) -> dict[date, int]:
    day = COUNTED.c.happened_on
    near = (day > on - timedelta(days=days), day < on + timedelta(days=days))
    statement = select(day, func.sum(what)).where(*which, *near).group_by(day)
    return {one: int(amount) for one, amount in (await session.execute(statement)).all()}


async def list_taken(session: AsyncSession, since: date, until: date) -> list[tuple[UUID, str, date, int, int]]:
    """Return (household, item, day, units, points earned) of what counts in a time; deductions earn nothing."""
    keys = (COUNTED.c.household_id, COUNTED.c.item_code, COUNTED.c.happened_on)
    statement: Select[*tuple[Any, ...]] = (
        select(*keys, func.sum(COUNTED.c.units), func.sum(COUNTED.c.earned))
        .where(COUNTED.c.happened_on.between(since, until))
        .group_by(*keys)
    )
    return [
        (household, code, day, int(units), int(points))
        for household, code, day, units, points in (await session.execute(statement)).all()
    ]


async def add(session: AsyncSession, community_id: UUID, claims: Sequence[Claim]) -> None:
    """Enter claims.

    Errors: ResubmissionError (uq_claim_resubmits).
    """
    await session.execute(insert(_ROW), [_values(community_id, claim) for claim in claims])


async def save(session: AsyncSession, community_id: UUID, claim: Claim) -> None:
    """Write a draft as it is now."""
    await session.execute(update(_ROW).where(_ROW.c.id == claim.id).values(**_values(community_id, claim)))


async def get(
    session: AsyncSession, principal: Principal, claim_id: UUID, now: datetime, *, for_update: bool = False
) -> Claim:
    """Return a claim this principal may see; `for_update` locks its row.

    Errors: ClaimNotFoundError.
    """
    statement = select(ClaimRow).where(col(ClaimRow.id) == claim_id, visible_to(principal, now))
    statement = statement.execution_options(populate_existing=True)
    if for_update:
        statement = statement.with_for_update()
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise ClaimNotFoundError
    return _domain(row)


async def find(session: AsyncSession, principal: Principal, claim_id: UUID, now: datetime) -> Claim | None:
    """Return a claim this principal may see, or None."""
    row = (
        await session.execute(select(ClaimRow).where(col(ClaimRow.id) == claim_id, visible_to(principal, now)))
    ).scalar_one_or_none()
    return None if row is None else _domain(row)


async def list_submitted(session: AsyncSession, claim_ids: Iterable[UUID]) -> dict[UUID, Claim]:
    """Return these claims by id, those left out that were never submitted or taken back."""
    unseen = (State.DRAFT, State.WITHDRAWN)
    statement = select(ClaimRow).where(col(ClaimRow.id).in_(list(claim_ids)), col(ClaimRow.state).not_in(unseen))
    return {row.id: _domain(row) for row in (await session.execute(statement)).scalars()}


def _filtered(principal: Principal, filters: Filters, now: datetime) -> Select[Any]:
    statement = select(ClaimRow).where(visible_to(principal, now))
    same = {
        ClaimRow.state: filters.state,
        ClaimRow.household_id: filters.household_id,
        ClaimRow.grid_id: filters.grid_id,
        ClaimRow.item_code: filters.item_code,
        ClaimRow.group: filters.group,
        ClaimRow.sheet_id: filters.sheet_id,
    }
    for field, value in same.items():
        if value is not None:
            statement = statement.where(col(field) == value)
    if filters.happened_from is not None:
        statement = statement.where(col(ClaimRow.happened_on) >= filters.happened_from)
    if filters.happened_to is not None:
        statement = statement.where(col(ClaimRow.happened_on) <= filters.happened_to)
    return statement.order_by(col(ClaimRow.created_at).desc(), col(ClaimRow.id).desc())


async def list_page(
    session: AsyncSession, principal: Principal, page: PageRequest, filters: Filters, now: datetime
) -> Slice[Claim]:
    """Return claims this principal may see, newest first."""
    statement = _filtered(principal, filters, now).limit(page.limit + 1)
    if (after := page.after_moment_and_id()) is not None:
        statement = statement.where(before([col(ClaimRow.created_at), col(ClaimRow.id)], after))
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_domain(row) for row in rows], page.limit, lambda c: (c.created_at, c.id))


async def list_all(
    session: AsyncSession, principal: Principal, filters: Filters, now: datetime, *, limit: int
) -> list[Claim]:
    """Return at most `limit` claims this principal may see, newest first, without a cursor."""
    rows = (await session.execute(_filtered(principal, filters, now).limit(limit))).scalars().all()
    return [_domain(row) for row in rows]


async def save_state(session: AsyncSession, claim_id: UUID, state: State, **values: Any) -> None:
    """Write what a locked claim became; its notice ends with any move that does not begin one."""
    facts = {"notice_ends_at": None, "post_after": None, "reason": ""} | values
    await session.execute(update(_ROW).where(_ROW.c.id == claim_id).values(state=state.value, **facts))


async def add_vote(session: AsyncSession, community_id: UUID, claim_id: UUID, vote: PanelVote) -> None:
    """Enter an assessor's vote.

    Errors: AlreadyVotedError (pk_claim_vote).
    """
    await session.execute(insert(ClaimVote), [{"community_id": community_id, "claim_id": claim_id, **asdict(vote)}])


async def list_votes(session: AsyncSession, claim_id: UUID) -> list[PanelVote]:
    """Return the panel's votes so far, oldest first."""
    columns = [col(getattr(ClaimVote, name)) for name in PanelVote.__slots__]
    statement = (
        select(*columns)
        .where(col(ClaimVote.claim_id) == claim_id)
        .order_by(col(ClaimVote.cast_at), col(ClaimVote.account_id))
    )
    return [PanelVote(*row) for row in (await session.execute(statement)).all()]


async def add_objection(session: AsyncSession, objection: ClaimObjection) -> None:
    """Enter an objection."""
    session.add(objection)
    await session.flush()


async def list_objections(session: AsyncSession, claim_id: UUID) -> Sequence[ClaimObjection]:
    """Return a claim's objections with their answers, oldest first."""
    statement = (
        select(ClaimObjection)
        .where(col(ClaimObjection.claim_id) == claim_id)
        .order_by(col(ClaimObjection.made_at), col(ClaimObjection.id))
    )
    return (await session.execute(statement)).scalars().all()


async def list_objectors(session: AsyncSession, claim_id: UUID) -> Sequence[UUID]:
    """Return the households whose objections to a claim wait for an answer."""
    waiting = select(col(ClaimObjection.household_id)).where(
        col(ClaimObjection.claim_id) == claim_id, col(ClaimObjection.answered_at).is_(None)
    )
    return (await session.execute(waiting)).scalars().all()


async def answer_objections(
    session: AsyncSession, claim_id: UUID, *, is_upheld: bool, answer: str, answered_by: UUID, now: datetime
) -> None:
    """Write the answer to a claim's open objections."""
    await session.execute(
        update(ClaimObjection)
        .where(col(ClaimObjection.claim_id) == claim_id, col(ClaimObjection.answered_at).is_(None))
        .values(is_upheld=is_upheld, answer=answer, answered_by=answered_by, answered_at=now)
        .execution_options(synchronize_session=False)
    )


async def find_due(session: AsyncSession, now: datetime, limit: int) -> Sequence[tuple[UUID, UUID]]:
    """Return communities with published claims whose notice has ended, once for each batch that waits, longest waiting first."""
    statement = (
        select(col(ClaimRow.community_id), func.count())
        .where(col(ClaimRow.state) == State.PUBLICISED, col(ClaimRow.post_after) <= now)
        .group_by(col(ClaimRow.community_id))
        .order_by(func.min(col(ClaimRow.post_after)))
        .limit(limit)
    )
    found = (await session.execute(statement)).all()
    return [(community, community) for community, count in found for _ in range(-(-count // POST_AT_ONCE))]


async def lock_due(session: AsyncSession, now: datetime) -> list[Claim]:
    """Return a batch of published claims whose notice has ended, longest waiting first, and lock them; those somebody is at are left out."""
    statement = (
        select(ClaimRow)
        .where(col(ClaimRow.state) == State.PUBLICISED, col(ClaimRow.post_after) <= now)
        .order_by(col(ClaimRow.post_after), col(ClaimRow.id))
        .limit(POST_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    return [_domain(row) for row in (await session.execute(statement)).scalars()]


async def post(session: AsyncSession, community_id: UUID, claim_ids: Sequence[UUID], now: datetime) -> None:
    """Post locked claims in one round trip.

    Locks/IO: the accounts of all their households, in the order of the accounts' ids.
    """
    # On a busy machine a batch takes longer than a statement for a person at a screen may.
    await session.execute(text("SELECT set_config('statement_timeout', '60s', true)"))
    await session.execute(
        text("SELECT points.post_claims(:community_id, CAST(:claims AS uuid[]), :now)"),
        {"community_id": community_id, "claims": list(claim_ids), "now": now},
    )


async def postpone(session: AsyncSession, claim_ids: Sequence[UUID], until: datetime, reason: str) -> None:
    """Try to post these locked claims later, and say why."""
    await session.execute(update(_ROW).where(_ROW.c.id.in_(claim_ids)).values(post_after=until, reason=reason))
