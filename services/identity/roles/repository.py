"""Every statement about role grants."""

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.identity.roles.domain import Grant
from services.identity.roles.errors import RoleGrantNotFoundError
from services.identity.roles.models import RoleGrantRow
from shared.kernel.principal import Principal, Role, ScopeKind
from shared.pagination import PageRequest, Slice

SEES_ALL = (
    Role.COMMUNITY_ADMIN,
    Role.PROPERTY_MANAGER,
    Role.SUPERVISOR,
    Role.BRANCH_SECRETARY,
    Role.COMMITTEE_MEMBER,
    Role.TOWNSHIP_OFFICER,
    Role.DISTRICT_OFFICER,
)


def visible_to(principal: Principal) -> ColumnElement[bool]:
    """Return which grants this principal may see: its own, or all when it grants or oversees."""
    return true() if principal.has(*SEES_ALL) else col(RoleGrantRow.account_id) == principal.account_id


async def lock_grants(session: AsyncSession, community_id: UUID) -> None:
    """Let one grant of a community be decided after the other: one person's roles may hang on two accounts.

    Locks/IO: an advisory lock until the transaction ends.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"role_grants:{community_id}", 0))))


async def add_grants(session: AsyncSession, community_id: UUID, grants: Sequence[Grant]) -> None:
    """Enter grants, all in one statement.

    Errors: RoleHeldError (by constraint) when one is held from the same day on.
    """
    session.add_all(
        RoleGrantRow(
            community_id=community_id,
            id=grant.id,
            account_id=grant.account_id,
            role=grant.role,
            scope_kind=grant.scope_kind,
            scope_id=grant.scope_id,
            from_on=grant.from_on,
            until_on=grant.until_on,
            granted_by=grant.granted_by,
            granted_at=grant.granted_at,
            revoke_reason="",
        )
        for grant in grants
    )
    await session.flush()


async def get_grant_for_update(session: AsyncSession, grant_id: UUID) -> Grant:
    """Return a standing grant.

    Locks/IO: its row.
    Errors: RoleGrantNotFoundError, for a revoked one too.
    """
    statement = (
        select(RoleGrantRow)
        .where(col(RoleGrantRow.id) == grant_id, col(RoleGrantRow.revoked_at).is_(None))
        .with_for_update()
    )
    row = (await session.execute(statement)).scalar_one_or_none()
    if row is None:
        raise RoleGrantNotFoundError
    return _grant(row)


async def save_revocation(session: AsyncSession, grant: Grant) -> None:
    """Write that a grant was taken back."""
    await session.execute(
        update(RoleGrantRow)
        .where(col(RoleGrantRow.id) == grant.id)
        .values(revoked_by=grant.revoked_by, revoked_at=grant.revoked_at, revoke_reason=grant.revoke_reason)
    )


async def list_held(session: AsyncSession, account_ids: Iterable[UUID], *, on: date | None = None) -> Sequence[Grant]:
    """Return the standing grants of some accounts; only those that count on a day, when one is given."""
    statement = select(RoleGrantRow).where(
        col(RoleGrantRow.account_id).in_(list(account_ids)), col(RoleGrantRow.revoked_at).is_(None)
    )
    if on is not None:
        statement = statement.where(
            col(RoleGrantRow.from_on) <= on,
            or_(col(RoleGrantRow.until_on).is_(None), col(RoleGrantRow.until_on) >= on),
        )
    return [_grant(row) for row in (await session.execute(statement)).scalars()]


async def list_grants(
    session: AsyncSession,
    principal: Principal,
    *,
    account_id: UUID | None,
    role: Role | None,
    is_standing: bool | None,
    page: PageRequest,
) -> Slice[Grant]:
    """List grants in the order they were given."""
    statement = select(RoleGrantRow).where(visible_to(principal)).order_by(col(RoleGrantRow.id)).limit(page.limit + 1)
    if account_id is not None:
        statement = statement.where(col(RoleGrantRow.account_id) == account_id)
    if role is not None:
        statement = statement.where(col(RoleGrantRow.role) == role)
    if is_standing is not None:
        statement = statement.where(col(RoleGrantRow.revoked_at).is_(None) == is_standing)
    if (after := page.after_id()) is not None:
        statement = statement.where(col(RoleGrantRow.id) > after)
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_grant(row) for row in rows], page.limit, lambda grant: (grant.id,))


def _grant(row: RoleGrantRow) -> Grant:
    return Grant(
        id=row.id,
        account_id=row.account_id,
        role=Role(row.role),
        scope_kind=ScopeKind(row.scope_kind),
        scope_id=row.scope_id,
        from_on=row.from_on,
        until_on=row.until_on,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        revoked_by=row.revoked_by,
        revoked_at=row.revoked_at,
        revoke_reason=row.revoke_reason,
    )
