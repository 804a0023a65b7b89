"""Every statement about clients and their secrets."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.identity.clients.domain import Client, ClientSecret
from services.identity.clients.errors import ClientNotFoundError
from services.identity.clients.models import ClientRow, ClientSecretRow
from shared.pagination import PageRequest, Slice


async def add_client(session: AsyncSession, client: Client, created_by: UUID) -> None:
    """Let a system in."""
    session.add(
        ClientRow(
            community_id=client.community_id,
            id=client.id,
            name=client.name,
            scopes=sorted(client.scopes),
            created_by=created_by,
            created_at=client.created_at,
        )
    )
    await session.flush()


async def find_client(session: AsyncSession, client_id: UUID, *, for_update: bool = False) -> Client | None:
    """Return a client of this community that is not disabled, or None.

    Locks/IO: its row, when asked for update.
    """
    statement = select(ClientRow).where(col(ClientRow.id) == client_id, col(ClientRow.disabled_at).is_(None))
    row = (await session.execute(statement.with_for_update() if for_update else statement)).scalar_one_or_none()
    return None if row is None else _client(row)


async def get_client_for_update(session: AsyncSession, client_id: UUID) -> Client:
    """Return a client.

    Locks/IO: its row, so that two rotations are decided one after the other.
    Errors: ClientNotFoundError.
    """
    client = await find_client(session, client_id, for_update=True)
    if client is None:
        raise ClientNotFoundError
    return client


async def list_secrets(session: AsyncSession, client_id: UUID) -> Sequence[ClientSecret]:
    """Return every secret a client ever had, newest first."""
    statement = (
        select(ClientSecretRow)
        .where(col(ClientSecretRow.client_id) == client_id)
        .order_by(col(ClientSecretRow.created_at).desc(), col(ClientSecretRow.id).desc())
        .limit(1_000)
    )
    return [
        ClientSecret(row.id, row.digest, row.created_at, row.expires_at)
        for row in (await session.execute(statement)).scalars()
    ]


async def save_secrets(
    session: AsyncSession, community_id: UUID, client_id: UUID, secrets: Sequence[ClientSecret]
) -> None:
    """Write a client's secrets: new ones are entered, known ones get their new end."""
    known = {secret.id: secret for secret in await list_secrets(session, client_id)}
    for secret in secrets:
        if secret.id not in known:
            session.add(
                ClientSecretRow(
                    community_id=community_id,
                    client_id=client_id,
                    id=secret.id,
                    digest=secret.digest,
                    created_at=secret.created_at,
                    expires_at=secret.expires_at,
                )
            )
        elif secret.expires_at != known[secret.id].expires_at:
            await session.execute(
                update(ClientSecretRow)
                .where(col(ClientSecretRow.client_id) == client_id, col(ClientSecretRow.id) == secret.id)
                .values(expires_at=secret.expires_at)
            )
    await session.flush()


async def disable_client(session: AsyncSession, client: Client) -> None:
    """Write that a system was shut out."""
    await session.execute(
        update(ClientRow).where(col(ClientRow.id) == client.id).values(disabled_at=client.disabled_at)
    )


async def list_clients(session: AsyncSession, page: PageRequest) -> Slice[Client]:
    """List the community's clients in the order they were let in, those shut out included."""
    statement = select(ClientRow).order_by(col(ClientRow.id)).limit(page.limit + 1)
    if (after := page.after_id()) is not None:
        statement = statement.where(col(ClientRow.id) > after)
    rows = (await session.execute(statement)).scalars().all()
    return Slice.cut([_client(row) for row in rows], page.limit, lambda client: (client.id,))


def _client(row: ClientRow) -> Client:
    return Client(row.id, row.community_id, row.name, frozenset(row.scopes), row.created_at, row.disabled_at)
