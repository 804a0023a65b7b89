"""What can be done with assets. Each runs inside the caller's unit of work."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from services.media.assets import domain, repository
from services.media.assets.domain import Asset, AssetAction, AssetActor, AssetState, CleanFile, Verdict
from services.media.assets.errors import AssetDeletedError, AssetNotFoundError
from services.media.assets.signed_links import Link
from shared.contracts.events import AssetDeleted, AssetPassed, AssetRejected

if TYPE_CHECKING:
    from shared.kernel.principal import Principal
    from shared.pagination import PageRequest, Slice
    from shared.uow import UnitOfWork


class Judgement(StrEnum):
    """What a reviewer can say."""

    APPROVE = "approve"
    REJECT = "reject"


async def admit_upload(
    *, uow: UnitOfWork, principal: Principal, asset_id: UUID, file: CleanFile, passes_by_itself: bool
) -> Asset:
    """Make an asset of a cleaned and stored file.

    With `passes_by_itself` the local check is the whole check: what could be decoded and re-encoded is shown.
    Idempotency: by the Idempotency-Key of the request; a second upload of the same picture is a second asset.
    """
    asset = domain.admit(file, asset_id=asset_id, principal=principal, now=uow.now)
    await repository.add(uow.session, asset)
    if passes_by_itself:
        checker = frozenset({AssetActor.CHECKER})
        return await _judge(uow, asset, AssetAction.CHECK_PASSED, checker, account_id=None, reason="")
    return asset


async def get_asset(*, uow: UnitOfWork, principal: Principal, asset_id: UUID) -> Asset:
    """Return an asset the caller may see.

    Errors: AssetNotFoundError.
    """
    asset = await repository.get(uow.session, uow.community_id, asset_id)
    domain.require_visible(asset, principal)
    return asset


async def list_assets(
    *,
    uow: UnitOfWork,
    principal: Principal,
    page: PageRequest,
    state: AssetState | None = None,
    is_mine: bool = False,
) -> Slice[Asset]:
    """List the assets the caller may see, newest first."""
    owner = principal.account_id if is_mine else None
    return await repository.list_assets(uow.session, principal, page, state=state, owner_account_id=owner)


async def review_asset(
    *, uow: UnitOfWork, principal: Principal, asset_id: UUID, judgement: Judgement, reason: str
) -> Asset:
    """Let a reviewer decide about an asset.

    Locks/IO: the asset's row.
    Errors: AssetNotFoundError, ForbiddenError, WrongStateError.
    Idempotency: none by nature; a second decision of the same kind is WrongStateError.
    """
    asset = await repository.get_for_update(uow.session, uow.community_id, asset_id)
    domain.require_visible(asset, principal)
    action = AssetAction.APPROVE if judgement is Judgement.APPROVE else AssetAction.REJECT
    actors = domain.acting_as(asset, principal)
    return await _judge(uow, asset, action, actors, account_id=principal.account_id, reason=reason)


async def record_check(*, uow: UnitOfWork, asset_id: UUID, action: AssetAction, reason: str = "") -> Asset:
    """Note what an automatic check found.

    Locks/IO: the asset's row.
    Errors: AssetNotFoundError; WrongStateError when a person was faster.
    Idempotency: the caller drops second copies of an answer; one that comes through is WrongStateError.
    """
    asset = await repository.get_for_update(uow.session, uow.community_id, asset_id)
    checker = frozenset({AssetActor.CHECKER})
    return await _judge(uow, asset, action, checker, account_id=None, reason=reason)


async def note_asked(*, uow: UnitOfWork, asset_id: UUID, trace_id: str) -> None:
    """Remember under which name WeChat checks an asset."""
    await repository.note_asked(uow.session, uow.community_id, asset_id, trace_id)


async def time_out_check(uow: UnitOfWork, asset_id: UUID) -> None:
    """Hand an asset whose check was not answered in time to the reviewers.

    Locks/IO: the asset's row, skipped when somebody is at it.
    Idempotency: does nothing for an asset that has been decided.
    """
    asset = await repository.find_pending_for_update(uow.session, uow.community_id, asset_id, uow.now)
    if asset is not None:
        clock = frozenset({AssetActor.CLOCK})
        await _judge(uow, asset, AssetAction.TIME_OUT, clock, account_id=None, reason="自动检查没有按时给出结果")


async def delete_asset(*, uow: UnitOfWork, principal: Principal, asset_id: UUID) -> None:
    """Take an own asset back.

    Locks/IO: the asset's row. The bytes are erased later, by the worker.
    Errors: AssetNotFoundError (also when it is deleted already), NotOwnerError.
    """
    asset = await repository.get_for_update(uow.session, uow.community_id, asset_id)
    gone = domain.delete(asset, principal, uow.now)
    await repository.save(uow.session, gone)
    await _write_verdict(uow, asset, AssetAction.DELETE, principal.account_id, "")
    uow.announce(asset_id, AssetDeleted(asset_id=asset_id, owner_account_id=asset.owner_account_id))


async def open_link(*, uow: UnitOfWork, link: Link) -> Asset:
    """Return the asset a valid link leads to. The link itself is the permission; what is gone or was rejected since is not handed out.

    Errors: AssetNotFoundError for an asset or copy that never was or is hidden from whom the link was made for; AssetDeletedError.
    """
    asset = await repository.get(uow.session, uow.community_id, link.asset_id)
    if asset.state is AssetState.DELETED:
        raise AssetDeletedError
    if link.rendition not in asset.renditions or not (link.is_held or asset.state is AssetState.PASS):
        raise AssetNotFoundError
    return asset


async def _judge(
    uow: UnitOfWork,
    asset: Asset,
    action: AssetAction,
    actors: frozenset[AssetActor],
    *,
    account_id: UUID | None,
    reason: str,
) -> Asset:
    decided = domain.decide(asset, action, actors, uow.now)
    await repository.save(uow.session, decided)
    await _write_verdict(uow, decided, action, account_id, reason)
    if decided.state is AssetState.PASS:
        uow.announce(
            asset.id,
            AssetPassed(
                asset_id=asset.id,
                owner_account_id=asset.owner_account_id,
                media_type=asset.media_type.value,
                dhash=None if asset.dhash is None else f"{asset.dhash:016x}",
            ),
        )
    elif decided.state is AssetState.RISKY:
        uow.announce(
            asset.id,
            AssetRejected(asset_id=asset.id, owner_account_id=asset.owner_account_id, reason=reason),
        )
    return decided


async def _write_verdict(
    uow: UnitOfWork, asset: Asset, action: AssetAction, account_id: UUID | None, reason: str
) -> None:
    verdict = Verdict(
        id=uow.new_id(),
        asset_id=asset.id,
        action=action,
        account_id=account_id,
        reason=reason,
        decided_at=uow.now,
    )
    await repository.add_verdict(uow.session, uow.community_id, verdict)
