"""A unit of work for routes whose answers hold secrets."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends, Request

from shared.auth import CurrentPrincipal, runtime_of
from shared.uow import UnitOfWork, unit_of_work


async def unremembered_unit_of_work(request: Request, principal: CurrentPrincipal) -> AsyncIterator[UnitOfWork]:
    """Open a unit of work whose outcome is not kept for replay under an Idempotency-Key: a secret is written down nowhere."""
    runtime = runtime_of(request)
    async with unit_of_work(runtime.database, runtime.clock, principal.community_id) as uow:
        yield uow


UnrememberedUow = Annotated[UnitOfWork, Depends(unremembered_unit_of_work, scope="function")]
