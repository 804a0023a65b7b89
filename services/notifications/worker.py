"""The background half of the notifications service: `python -m services.notifications.worker`."""

from typing import Any

from services.notifications.channels import WechatChannel
from services.notifications.inbox import events as inbox
from services.notifications.main import build_runtime
from services.notifications.messages import repository, usecases
from services.notifications.recipients import events as recipients
from services.notifications.sender import MessageSender
from services.notifications.settings import Settings
from services.notifications.wakeups import Wakeups
from shared.handlers import Handler, Handlers
from shared.runtime import Runtime
from shared.sweeps import Sweep
from shared.uow import UnitOfWork
from shared.wechat import WechatApp, WechatClient
from shared.worker import Task, Worker, run_worker


def create_worker(runtime: Runtime[Settings]) -> Worker:
    """Build the worker on a runtime. Without an AppID it fills inboxes and sends nothing."""
    wakeups = Wakeups(runtime.redis)
    return Worker(
        runtime=runtime,
        handlers=_in_turn(recipients.HANDLERS, inbox.build_handlers(wakeups)),
        sweeps=[Sweep("give_up_attempts", repository.list_stuck, usecases.give_up_attempt)],
        extra=_senders(runtime),
    )


def _in_turn(learn: Handlers, tell: Handlers) -> Handlers:
    """Return the handlers of both; of a fact both hear, who is who is learnt first and told afterwards."""

    def both(first: Handler, second: Handler) -> Handler:
        async def handle(uow: UnitOfWork, event: Any) -> None:
            await first(uow, event)
            await second(uow, event)

        return handle

    return {**learn, **tell} | {cls: both(learn[cls], tell[cls]) for cls in learn.keys() & tell.keys()}


def _senders(runtime: Runtime[Settings]) -> list[Task]:
    settings = runtime.settings
    if settings.wechat_app_id is None or settings.wechat_secret is None:
        return []
    app = WechatApp(settings.wechat_app_id, settings.wechat_secret, settings.wechat_base_url)
    client = WechatClient(app, clock=runtime.clock)
    return [MessageSender(runtime, WechatChannel(client, settings.wechat_templates)).run]


if __name__ == "__main__":
    run_worker(lambda: create_worker(build_runtime()))
