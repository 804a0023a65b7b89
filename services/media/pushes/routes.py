"""Where WeChat pushes what it has to say. Answered at once; what is not about pictures is acknowledged and passed over."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import PlainTextResponse

from services.media.checker import take_verdict
from services.media.settings import Settings
from shared.auth import runtime_of
from shared.problems import MalformedError, problems
from shared.runtime import Runtime
from shared.wechat_push import WechatPushError, decrypt, require_signature

router = APIRouter(prefix="/api/v1/media/wechat_pushes", tags=["照片与文件"])

MAX_PUSH_BYTES = 64 * 1024
Signed = Annotated[str, Query(max_length=128)]


@router.get("", response_class=PlainTextResponse, responses=problems(WechatPushError))
async def confirm_address(
    *, request: Request, signature: Signed, timestamp: Signed, nonce: Signed, echostr: Signed
) -> PlainTextResponse:
    """Confirm to WeChat that this address is ours."""
    require_signature(signature, _token(runtime_of(request)), timestamp, nonce)
    return PlainTextResponse(echostr)


@router.post("", response_class=PlainTextResponse, responses=problems(WechatPushError, MalformedError))
async def receive_push(
    *,
    request: Request,
    timestamp: Signed,
    nonce: Signed,
    signature: Signed = "",
    msg_signature: Signed = "",
) -> PlainTextResponse:
    """Take a push of WeChat's; a second copy of it changes nothing."""
    runtime: Runtime[Settings] = runtime_of(request)
    require_signature(signature, _token(runtime), timestamp, nonce)
    message = await _read(request)
    aes_key = runtime.settings.wechat_push_aes_key
    if aes_key is not None:
        sealed = str(message.get("Encrypt", ""))
        require_signature(msg_signature, _token(runtime), timestamp, nonce, sealed)
        message = _parse(
            decrypt(sealed, aes_key=aes_key.get_secret_value(), app_id=runtime.settings.wechat_app_id or "")
        )
    if message.get("Event") == "wxa_media_check":
        result = message.get("result")
        suggestion = str(result.get("suggest", "")) if isinstance(result, dict) else ""
        await take_verdict(runtime, str(message.get("trace_id", "")), suggestion)
    return PlainTextResponse("success")


def _token(runtime: Runtime[Settings]) -> str:
    token = runtime.settings.wechat_push_token
    if token is None:
        raise WechatPushError
    return token.get_secret_value()


async def _read(request: Request) -> dict[str, Any]:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_PUSH_BYTES:
            raise MalformedError
    return _parse(bytes(body))


def _parse(body: bytes) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise MalformedError from None
    if not isinstance(message, dict):
        raise MalformedError
    return message
