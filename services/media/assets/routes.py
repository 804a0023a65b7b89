"""Routes of assets, and of the files behind signed links."""

from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.media.assets import errors, usecases
from services.media.assets.byte_ranges import UnsatisfiableRangeError, parse_range
from services.media.assets.domain import Asset, AssetState, object_key
from services.media.assets.schemas import AssetRead, LinkRead, ReviewCreate
from services.media.assets.signed_links import FILES_PATH, Link, Rendition, check_link, link_path, make_link
from services.media.assets.sniffing import MediaType
from services.media.intake import TakenIn, desk_of
from services.media.settings import CheckMode, Settings
from shared.auth import AUTH_ERRORS, CurrentPrincipal, runtime_of
from shared.idempotency import IDEMPOTENCY_ERRORS, CommandRoute, Uow
from shared.kernel.errors import ForbiddenError
from shared.kernel.state_machine import WrongStateError
from shared.pagination import CursorInvalidError, Page, Paging, page_of
from shared.problems import RangeUnsatisfiableError, problem_response, problems
from shared.runtime import Runtime
from shared.uow import UnitOfWork, unit_of_work

router = APIRouter(prefix="/api/v1/media/assets", tags=["照片与文件"], route_class=CommandRoute)
files_router = APIRouter(prefix=FILES_PATH, tags=["照片与文件"])

INTAKE_ERRORS = (
    errors.UploadMalformedError,
    errors.EmptyFileError,
    errors.FileTooLargeError,
    errors.UnsupportedTypeError,
    errors.UnreadableFileError,
    errors.PictureTooLargeError,
    errors.IntakeBusyError,
    errors.StorageUnavailableError,
)
UPLOAD_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {
                            "type": "string",
                            "format": "binary",
                            "description": "JPEG, PNG, WebP, HEIC, PDF or MP4, at most 10 MB.",
                        }
                    },
                }
            }
        },
    }
}

FILE_ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"description": "The file.", "content": {t: {} for t in ("image/jpeg", "application/pdf", "video/mp4")}},
    206: {"description": "The part that `Range` asked for."},
    304: {"description": "The caller's copy is still good."},
}


@router.post(
    "",
    status_code=201,
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, *INTAKE_ERRORS),
    openapi_extra=UPLOAD_BODY,
)
async def upload_asset(request: Request, principal: CurrentPrincipal, upload: TakenIn, uow: Uow) -> AssetRead:
    """Upload one photo, document or film.

    The type is told by the content. Pictures are turned upright, re-encoded and freed of everything the camera wrote; films lose
    place and time. Others see the file once its state is `pass`.
    """
    runtime: Runtime[Settings] = runtime_of(request)
    asset = await usecases.admit_upload(
        uow=uow,
        principal=principal,
        asset_id=upload.asset_id,
        file=upload.file,
        passes_by_itself=runtime.settings.check_mode is CheckMode.LOCAL,
    )
    upload.is_admitted = True
    return _read(asset, request, uow)


@router.get("", responses=problems(*AUTH_ERRORS, CursorInvalidError))
async def list_assets(
    *,
    request: Request,
    response: Response,
    principal: CurrentPrincipal,
    uow: Uow,
    paging: Paging,
    state: Annotated[AssetState | None, Query(description="Only files in this state.")] = None,
    mine: Annotated[bool, Query(description="Only the caller's own files.")] = False,
) -> Page[AssetRead]:
    """List the files the caller may see, newest first. Reviewers find what waits for them under `state=review`."""
    found = await usecases.list_assets(uow=uow, principal=principal, page=paging, state=state, is_mine=mine)
    return page_of(found.map(lambda asset: _read(asset, request, uow)), request, response)


@router.get("/{asset_id}", responses=problems(*AUTH_ERRORS, errors.AssetNotFoundError))
async def read_asset(request: Request, asset_id: UUID, principal: CurrentPrincipal, uow: Uow) -> AssetRead:
    """Read what is known of a file, with fresh links to its copies."""
    return _read(await usecases.get_asset(uow=uow, principal=principal, asset_id=asset_id), request, uow)


@router.post(
    "/{asset_id}/reviews",
    responses=problems(*AUTH_ERRORS, *IDEMPOTENCY_ERRORS, errors.AssetNotFoundError, ForbiddenError, WrongStateError),
)
async def review_asset(
    request: Request, asset_id: UUID, review: ReviewCreate, principal: CurrentPrincipal, uow: Uow
) -> AssetRead:
    """Decide as a reviewer whether a file is shown. Nobody reviews an own upload."""
    asset = await usecases.review_asset(
        uow=uow, principal=principal, asset_id=asset_id, judgement=review.judgement, reason=review.reason
    )
    return _read(asset, request, uow)


@router.delete(
    "/{asset_id}", status_code=204, responses=problems(*AUTH_ERRORS, errors.AssetNotFoundError, errors.NotOwnerError)
)
async def delete_asset(asset_id: UUID, principal: CurrentPrincipal, uow: Uow) -> None:
    """Take an own file back. Links to it stop working at once; its bytes are erased a week later."""
    await usecases.delete_asset(uow=uow, principal=principal, asset_id=asset_id)


async def sealed_link(
    *,
    request: Request,
    community_id: UUID,
    asset_id: UUID,
    rendition: Rendition,
    expires: Annotated[int, Query(ge=0, lt=2**40, description="End of the link, seconds since 1970.")],
    signature: Annotated[str, Query(max_length=128, description="Seal over all facts of the link.")],
    held: Annotated[
        bool, Query(description="Whether the link is good while the file is not shown to neighbours.")
    ] = False,
) -> Link:
    """Read a link and check its seal; a link that fits is the permission.

    Errors: LinkInvalidError, LinkExpiredError.
    """
    runtime: Runtime[Settings] = runtime_of(request)
    link = Link(community_id, asset_id, rendition, expires, held)
    check_link(link, signature, runtime.settings.link_keys(), runtime.clock.now())
    return link


async def linked_asset(request: Request, link: Annotated[Link, Depends(sealed_link)]) -> Asset:
    """Return the asset of a link; the connection is given back before the first byte goes out."""
    runtime = runtime_of(request)
    async with unit_of_work(runtime.database, runtime.clock, link.community_id) as uow:
        return await usecases.open_link(uow=uow, link=link)


@files_router.get(
    "/{community_id}/{asset_id}/{rendition}",
    response_class=StreamingResponse,
    responses=FILE_ANSWERS
    | problems(
        errors.LinkInvalidError,
        errors.LinkExpiredError,
        errors.AssetNotFoundError,
        errors.AssetDeletedError,
        errors.StorageUnavailableError,
        RangeUnsatisfiableError,
    ),
)
async def download_file(
    request: Request,
    link: Annotated[Link, Depends(sealed_link)],
    asset: Annotated[Asset, Depends(linked_asset)],
    range_: Annotated[str | None, Header(alias="Range", description="One range of bytes.")] = None,
    if_none_match: Annotated[str | None, Header(description="ETag of the copy the caller has.")] = None,
) -> Response:
    """Fetch a copy of a file by its signed link. No token is needed; the link ends by itself."""
    headers = _file_headers(link, asset, runtime_of(request))
    if if_none_match is not None and headers["ETag"] in [tag.strip() for tag in if_none_match.split(",")]:
        return Response(status_code=304, headers=headers)
    files = desk_of(request).files
    name = object_key(link.community_id, link.asset_id, link.rendition)
    part = None
    if range_ is not None:
        size = await files.size(name)
        try:
            part = parse_range(range_, size)
        except UnsatisfiableRangeError:
            refusal = problem_response(request, RangeUnsatisfiableError(byte_size=size))
            refusal.headers["Content-Range"] = f"bytes */{size}"
            return refusal
    stored = await files.open(name, part)
    if part is None:
        headers["Content-Length"] = str(stored.byte_size)
        return StreamingResponse(stored.chunks, headers=headers, media_type=asset.media_type)
    headers["Content-Length"] = str(part.byte_count)
    headers["Content-Range"] = f"bytes {part.start}-{part.end - 1}/{stored.byte_size}"
    return StreamingResponse(stored.chunks, 206, headers=headers, media_type=asset.media_type)


def _file_headers(link: Link, asset: Asset, runtime: Runtime[Settings]) -> dict[str, str]:
    seconds = max(0, link.expires_at - int(runtime.clock.now().timestamp()))
    kind = "attachment" if asset.media_type is MediaType.PDF else "inline"
    suffix = {MediaType.PDF: "pdf", MediaType.MP4: "mp4"}.get(asset.media_type, "jpg")
    return {
        # A copy is never changed under its name, so its name is its version.
        "ETag": f'"{asset.id.hex}-{link.rendition}"',
        "Cache-Control": f"private, max-age={seconds}, immutable",
        "Accept-Ranges": "bytes",
        "Content-Disposition": f'{kind}; filename="{asset.id.hex}.{suffix}"',
        # Whatever a document contains, it runs nothing in our name.
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def _read(asset: Asset, request: Request, uow: UnitOfWork) -> AssetRead:
    runtime: Runtime[Settings] = runtime_of(request)
    key = runtime.settings.link_keys()[-1]
    lifetime = timedelta(seconds=runtime.settings.link_lifetime_seconds)
    links = []
    for rendition in asset.renditions:
        link = make_link(
            community_id=asset.community_id,
            asset_id=asset.id,
            rendition=rendition,
            now=uow.now,
            lifetime=lifetime,
            # Who reads what has not passed is its owner or a reviewer; everybody else's link ends with the verdict.
            is_held=asset.state is not AssetState.PASS,
        )
        links.append(LinkRead(rendition=rendition, url=link_path(link, key), expires_at=link.expires))
    return AssetRead(
        id=asset.id,
        state=asset.state,
        owner_account_id=asset.owner_account_id,
        media_type=asset.media_type,
        original_media_type=asset.original_media_type,
        original_bytes=asset.original_bytes,
        original_sha256=asset.original_sha256,
        public_bytes=asset.public_bytes,
        width_px=asset.width_px,
        height_px=asset.height_px,
        perceptual_hash=None if asset.dhash is None else f"{asset.dhash:016x}",
        uploaded_at=asset.uploaded_at,
        decided_at=asset.decided_at,
        links=links,
    )
