"""What the door itself refuses or cannot reach.

```
RefusalError(reason, **facts)      reason is one of the constants below
```

The reasons carry an HTTP status because this is the edge: there is no domain underneath that could tell it otherwise. The
document has the same members, and the same code for the same trouble, as the services' own (`shared.problems`, which the
gateway may not import: it reaches the database).
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

Fact = str | int | bool | None | list[str]

PROBLEM_TYPE_PREFIX: Final = "/problems/"
PROBLEM_MEDIA_TYPE: Final = b"application/problem+json"


@dataclass(frozen=True, slots=True)
class Reason:
    """A kind of refusal: status, stable code, a heading and a plain sentence that says what to do."""

    status: int
    code: str
    title: str
    detail: str


UNKNOWN_PATH: Final = Reason(404, "route_not_found", "没有这个地址", "没有这个地址，请检查网址是否写对。")
METHOD_NOT_ALLOWED: Final = Reason(405, "method_not_allowed", "这个地址不支持这种操作", "这个地址不支持这种操作。")
MALFORMED: Final = Reason(400, "malformed", "请求格式不对", "请求的格式不对，系统没有处理：{why}。")
UNAUTHENTICATED: Final = Reason(401, "unauthenticated", "请先登录", "登录已过期或还没有登录，请重新登录。")
CORS_CLOSED: Final = Reason(403, "gateway.cors_closed", "不允许跨站访问", "这个网站没有被允许调用本系统的接口。")
BODY_TOO_SLOW: Final = Reason(
    408, "gateway.request_timeout", "上传太慢", "等了太久还没有收完您发送的内容，请换个网络再试。"
)
BODY_TOO_LARGE: Final = Reason(413, "too_large", "内容太大", "发送的内容超过了上限 {limit_bytes} 字节，请缩小后再发。")
TOO_MANY: Final = Reason(429, "too_many", "操作太频繁", "操作太频繁，请 {retry_after_seconds} 秒后再试。")
NO_WEBSOCKET: Final = Reason(
    400, "gateway.websocket_unsupported", "不支持 WebSocket", "本系统不使用 WebSocket，实时消息请用 SSE 接口。"
)
UNREACHABLE: Final = Reason(
    502, "gateway.service_unreachable", "服务暂时连不上", "这项服务暂时连不上，请过一会儿再试。"
)
TOO_SLOW: Final = Reason(
    504,
    "gateway.service_timeout",
    "服务响应太慢",
    "这项服务响应太慢；刚才的操作可能已经生效，请先刷新查看再决定是否重试。",
)
UNEXPECTED: Final = Reason(500, "unexpected", "系统出错了", "系统出了意外，已记录下来；请把编号告诉社区工作人员。")
NOT_READY: Final = Reason(503, "gateway.not_ready", "系统还没有准备好", "系统正在启动或维护，请稍后再试。")

REASONS: Final[Mapping[str, Reason]] = {
    reason.code: reason
    for reason in (
        UNKNOWN_PATH,
        METHOD_NOT_ALLOWED,
        MALFORMED,
        UNAUTHENTICATED,
        CORS_CLOSED,
        BODY_TOO_SLOW,
        BODY_TOO_LARGE,
        TOO_MANY,
        NO_WEBSOCKET,
        UNREACHABLE,
        TOO_SLOW,
        UNEXPECTED,
        NOT_READY,
    )
}


class RefusalError(Exception):
    """The door answers with a problem instead of passing the request on."""

    def __init__(self, reason: Reason, *, headers: tuple[tuple[bytes, bytes], ...] = (), **facts: Fact) -> None:
        self.reason = reason
        self.headers = headers
        self.facts = facts
        super().__init__(reason.code)

    def body(self, request_id: str) -> bytes:
        """Return the problem document of RFC 9457."""
        reason = self.reason
        document = {
            "type": f"{PROBLEM_TYPE_PREFIX}{reason.code}",
            "title": reason.title,
            "status": reason.status,
            "detail": reason.detail.format(**self.facts),
            "instance": request_id,
            "code": reason.code,
            **self.facts,
        }
        return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
