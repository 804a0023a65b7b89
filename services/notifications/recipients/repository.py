"""Every statement about recipients."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, and_, delete, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.notifications.recipients.domain import Holders, Recipient, Residents
from services.notifications.recipients.models import HouseholdPlaceRow, RecipientRow, RoleHolderRow
from shared.contracts.events import RoleGranted, RoleRevoked
from shared.db import upsert
from shared.kernel.principal import AccountKind, ScopeKind


async def put(session: AsyncSession, community_id: UUID, recipient: Recipient) -> None:
    """Enter an account or overwrite what was known of it; an openid once known stays until another one is told."""
    values = {
        "kind": recipient.kind,
        "household_id": recipient.household_id,
        "resident_id": recipient.resident_id,
        "wechat_openid": recipient.wechat_openid,
    }
    changes = values if recipient.wechat_openid else {k: v for k, v in values.items() if k != "wechat_openid"}
    await session.execute(
        insert(RecipientRow)
        .values(community_id=community_id, account_id=recipient.account_id, **values)
        .on_conflict_do_update(index_elements=["community_id", "account_id"], set_=changes)
    )


async def find(session: AsyncSession, community_id: UUID, account_id: UUID) -> Recipient | None:
    """Return what is known of an account."""
    row = (
        await session.execute(
            select(RecipientRow).where(
                col(RecipientRow.community_id) == community_id, col(RecipientRow.account_id) == account_id
            )
        )
    ).scalar_one_or_none()
    if row is None:
        return None
    return Recipient(row.account_id, row.kind, row.household_id, row.resident_id, row.wechat_openid)


async def remove(session: AsyncSession, community_id: UUID, account_id: UUID) -> None:
    """Forget an account and its roles."""
    for table in (RecipientRow, RoleHolderRow):
        await session.execute(
            delete(table).where(col(table.community_id) == community_id, col(table.account_id) == account_id)
        )


async def leave_household(session: AsyncSession, community_id: UUID, resident_id: UUID, household_id: UUID) -> None:
    """Take a person's accounts out of a household they left; one that has joined another stays there."""
    await session.execute(
        update(RecipientRow)
        .where(
            col(RecipientRow.community_id) == community_id,
            col(RecipientRow.resident_id) == resident_id,
            col(RecipientRow.household_id) == household_id,
        )
        .values(household_id=None)
    )


async def put_role(session: AsyncSession, community_id: UUID, granted: RoleGranted) -> None:
    """Enter a role, or its new period."""
    period = {"from_on": granted.from_on, "until_on": granted.until_on}
    await session.execute(
        insert(RoleHolderRow)
        .values(
            community_id=community_id,
            account_id=granted.account_id,
            role=granted.role,
            scope_kind=granted.scope_kind,
            scope_id=granted.scope_id,
            **period,
        )
        .on_conflict_do_update(
            index_elements=["community_id", "account_id", "role", "scope_kind", "scope_id"], set_=period
        )
    )


async def remove_role(session: AsyncSession, community_id: UUID, revoked: RoleRevoked) -> None:
    """Take a role away."""
    await session.execute(
        delete(RoleHolderRow).where(
            col(RoleHolderRow.community_id) == community_id,
            col(RoleHolderRow.account_id) == revoked.account_id,
            col(RoleHolderRow.role) == revoked.role,
            col(RoleHolderRow.scope_kind) == revoked.scope_kind,
            col(RoleHolderRow.scope_id) == revoked.scope_id,
        )
    )


async def list_of_household(session: AsyncSession, community_id: UUID, household_id: UUID) -> Sequence[UUID]:
    """Return the accounts of a household in the order of their ids."""
    return await _ids(
        session,
        community_id,
        col(RecipientRow.household_id) == household_id,
    )


async def list_people(session: AsyncSession, community_id: UUID, resident_ids: Sequence[UUID]) -> Sequence[UUID]:
    """Return the accounts of persons who belong to a household, in the order of the accounts' ids."""
    is_at_home = col(RecipientRow.household_id).is_not(None)
    return await _ids(session, community_id, and_(col(RecipientRow.resident_id).in_(resident_ids), is_at_home))


async def put_places(session: AsyncSession, rows: Sequence[HouseholdPlaceRow]) -> None:
    """Enter where households live, or where they live now."""
    await upsert(session, HouseholdPlaceRow, [row.model_dump() for row in rows])


async def list_residents(session: AsyncSession, community_id: UUID, residents: Residents) -> Sequence[UUID]:
    """Return the accounts of residents in the order of their ids; only those of a grid or building when one is named.

    Who has left without joining another household is a resident no more.
    """
    lives_here = col(RecipientRow.household_id).is_not(None)
    is_resident = and_(col(RecipientRow.kind) == AccountKind.RESIDENT.value, lives_here)
    if residents.scope_kind is ScopeKind.COMMUNITY:
        return await _ids(session, community_id, is_resident)
    by_grid = residents.scope_kind is ScopeKind.GRID
    place = col(HouseholdPlaceRow.grid_id) if by_grid else col(HouseholdPlaceRow.building_id)
    lives_there = (
        select(col(HouseholdPlaceRow.household_id))
        .where(col(HouseholdPlaceRow.community_id) == community_id, place == residents.scope_id)
        .scalar_subquery()
    )
    return await _ids(session, community_id, and_(is_resident, col(RecipientRow.household_id).in_(lives_there)))


async def list_holders(session: AsyncSession, community_id: UUID, holders: Holders, today: date) -> Sequence[UUID]:
    """Return the accounts that hold one of the roles today, in the order of their ids."""
    reach = col(RoleHolderRow.scope_kind) == ScopeKind.COMMUNITY.value
    covered: ColumnElement[bool]
    if holders.scope_kind is None:
        covered = col(RoleHolderRow.role).is_not(None)
    else:
        covered = or_(
            reach,
            and_(
                col(RoleHolderRow.scope_kind) == holders.scope_kind.value,
                col(RoleHolderRow.scope_id) == holders.scope_id,
            ),
        )
    rows = await session.execute(
        select(col(RoleHolderRow.account_id))
        .where(
            col(RoleHolderRow.community_id) == community_id,
            col(RoleHolderRow.role).in_([role.value for role in holders.roles]),
            covered,
            col(RoleHolderRow.from_on) <= today,
            or_(col(RoleHolderRow.until_on).is_(None), col(RoleHolderRow.until_on) >= today),
        )
        .distinct()
        .order_by(col(RoleHolderRow.account_id))
    )
    return list(rows.scalars())


async def _ids(session: AsyncSession, community_id: UUID, condition: ColumnElement[bool]) -> Sequence[UUID]:
    rows = await session.execute(
        select(col(RecipientRow.account_id))
        .where(col(RecipientRow.community_id) == community_id, condition)
        .order_by(col(RecipientRow.account_id))
    )
    return list(rows.scalars())
