"""What routes of this service ask FastAPI for."""

from typing import Annotated, cast

from fastapi import Depends, Request

from services.identity.entrance import Entrance
from services.identity.signing import TokenSigner
from shared.auth import runtime_of
from shared.crypto import FieldCipher
from shared.wechat import WechatClient


async def entrance_of(request: Request) -> Entrance:
    """Return what a sign-in works with."""
    runtime = runtime_of(request)
    return Entrance(runtime.database, runtime.clock, runtime.cipher)


async def signer_of(request: Request) -> TokenSigner:
    """Return the process's signer."""
    return cast("TokenSigner", request.app.state.signer)


async def wechat_of(request: Request) -> WechatClient:
    """Return the process's WeChat client."""
    return cast("WechatClient", request.app.state.wechat)


async def cipher_of(request: Request) -> FieldCipher:
    """Return the cipher of personal fields and stored secrets."""
    return runtime_of(request).cipher


CurrentEntrance = Annotated[Entrance, Depends(entrance_of)]
Signer = Annotated[TokenSigner, Depends(signer_of)]
Wechat = Annotated[WechatClient, Depends(wechat_of)]
Cipher = Annotated[FieldCipher, Depends(cipher_of)]
