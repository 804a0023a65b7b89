"""Asks WeChat to judge pictures. The answer is pushed within thirty minutes (`pushes/`); what is never answered goes to a person.

The call is made outside any transaction. Should the process die between the answer and the note of it, WeChat is asked once more and
the first answer finds no picture: a second look does no harm.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import structlog

from services.media.assets import repository, usecases
from services.media.assets.domain import CHECK_TIME_LIMIT, AssetAction, action_of
from services.media.assets.signed_links import Rendition, link_path, make_link
from services.media.settings import CheckMode
from services.media.uploaders import usecases as uploaders
from shared.heartbeats import beat, rest
from shared.kernel.errors import UnavailableError
from shared.kernel.state_machine import WrongStateError
from shared.uow import open_session, unit_of_work
from shared.wechat import WechatApp, WechatClient
from shared.wechat_errors import WechatBusyError, WechatError, WechatTokenError, WechatUnreachableError

if TYPE_CHECKING:
    from services.media.assets.domain import Asset
    from services.media.settings import Settings
    from shared.runtime import Runtime

log = structlog.get_logger(__name__)

BATCH: Final = 50
IDLE_SECONDS: Final = 2.0
_LATER = (WechatBusyError, WechatTokenError, WechatUnreachableError)


class PictureChecker:
    """Has pictures judged by WeChat."""

    def __init__(self, runtime: Runtime[Settings], wechat: WechatClient) -> None:
        self._runtime = runtime
        self._wechat = wechat

    async def run(self) -> None:
        """Ask until cancelled."""
        while True:
            try:
                await self.ask_due()
            except (UnavailableError, OSError) as error:
                log.warning("checker_waits", error=str(error))
            await rest(IDLE_SECONDS)

    async def ask_due(self) -> int:
        """Ask for one batch of pictures and return how many were looked at."""
        database = self._runtime.database
        async with open_session(database, database.worker) as session:
            waiting = await repository.list_unasked(session, BATCH)
        for asset in waiting:
            beat()
            await self._ask(asset)
        return len(waiting)

    async def _ask(self, asset: Asset) -> None:
        database, clock = self._runtime.database, self._runtime.clock
        async with unit_of_work(database, clock, asset.community_id) as uow:
            openid = await uploaders.find_openid(uow=uow, account_id=asset.owner_account_id)
        trace_id = None
        if openid is not None:
            try:
                trace_id = await self._wechat.check_media(openid=openid, media_url=self._url_of(asset))
            except _LATER as error:
                log.warning("check_waits", code=error.code)
                return
            except WechatError as error:
                log.warning("check_refused", code=error.code, asset_id=str(asset.id))
        async with unit_of_work(database, clock, asset.community_id) as uow:
            if trace_id is not None:
                await usecases.note_asked(uow=uow, asset_id=asset.id, trace_id=trace_id)
            else:
                # Nobody WeChat knows, or nothing it will judge: a person has to, unless one already has.
                with suppress(WrongStateError):
                    await usecases.record_check(
                        uow=uow, asset_id=asset.id, action=AssetAction.CHECK_DOUBTED, reason="微信没有检查这张照片"
                    )

    def _url_of(self, asset: Asset) -> str:
        settings = self._runtime.settings
        link = make_link(
            community_id=asset.community_id,
            asset_id=asset.id,
            rendition=Rendition.PUBLIC,
            now=self._runtime.clock.now(),
            lifetime=CHECK_TIME_LIMIT + timedelta(minutes=5),
            is_held=True,
        )
        return settings.public_url.rstrip("/") + link_path(link, settings.link_keys()[-1])


async def take_verdict(runtime: Runtime[Settings], trace_id: str, suggestion: str) -> None:
    """Note what WeChat answered about a picture.

    Idempotency: a second copy of the answer, or one that comes after a person decided, changes nothing.
    """
    database = runtime.database
    async with open_session(database, database.worker) as session:
        found = await repository.find_by_trace(session, trace_id)
    if found is None:
        log.info("check_of_nothing", trace_id=trace_id)
        return
    community_id, asset_id = found
    try:
        async with unit_of_work(database, runtime.clock, community_id) as uow:
            await usecases.record_check(uow=uow, asset_id=asset_id, action=action_of(suggestion), reason="微信自动检查")
    except WrongStateError as late:
        log.info("check_came_late", asset_id=str(asset_id), state=str(late.facts["state"]))


def build_checker(runtime: Runtime[Settings]) -> PictureChecker | None:
    """Return the checker, or None where WeChat is not asked."""
    settings = runtime.settings
    if settings.check_mode is not CheckMode.WECHAT or settings.wechat_app_id is None or settings.wechat_secret is None:
        return None
    app = WechatApp(settings.wechat_app_id, settings.wechat_secret, settings.wechat_base_url)
    return PictureChecker(runtime, WechatClient(app, clock=runtime.clock))
