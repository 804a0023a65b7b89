"""The door's own addresses, as OpenAPI."""

from typing import Any, Final


def _ok(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


_PART: Final[dict[str, Any]] = {
    "type": "object",
    "required": ["status"],
    "description": "首页的一块内容。",
    "properties": {
        "status": {
            "type": "string",
            "enum": ["ok", "none", "unavailable"],
            "description": "ok：有内容；none：这一块不适用于当前账号；unavailable：暂时取不到，其余照常显示。",
            "examples": ["ok"],
        },
        "data": {"description": "status 为 ok 时，与对应接口的返回相同。"},
        "code": {"type": "string", "description": "status 为 none 时的问题编号。", "examples": ["no_household"]},
        "detail": {
            "type": "string",
            "description": "status 为 none 时给人看的说明。",
            "examples": ["您的账号还没有绑定到户。"],
        },
    },
}

_NAMES: Final = {
    "balance": "积分余额",
    "votes": "我可以投的票",
    "notices": "公示",
    "tickets": "我的报修",
    "inbox": "未读消息",
}

OWN_API: Final[dict[str, Any]] = {
    "openapi": "3.1.0",
    "info": {"title": "gateway", "version": "1", "description": "网关自己的接口：首页与健康检查。"},
    "paths": {
        "/api/v1/home": {
            "get": {
                "operationId": "get_home",
                "summary": "首页",
                "description": "居民首页一次取齐：积分、可投的票、公示、报修、未读消息。某一块失败不影响其余各块。",
                "security": [{"bearer": []}],
                "responses": {
                    "200": _ok(
                        "各块内容。",
                        {
                            "type": "object",
                            "required": list(_NAMES),
                            "properties": {
                                name: {"$ref": "#/components/schemas/HomePart", "description": words}
                                for name, words in _NAMES.items()
                            },
                        },
                    )
                },
            }
        },
        "/healthz": {
            "get": {
                "operationId": "get_health",
                "summary": "是否在运行",
                "responses": {"200": _ok("在运行。", {"type": "object"})},
            }
        },
        "/readyz": {
            "get": {
                "operationId": "get_readiness",
                "summary": "各项服务是否就绪",
                "responses": {
                    "200": _ok("全部就绪。", {"type": "object"}),
                    "503": _ok("有服务未就绪。", {"type": "object"}),
                },
            }
        },
    },
    "components": {
        "schemas": {"HomePart": _PART},
        "securitySchemes": {
            "bearer": {"type": "http", "scheme": "bearer", "description": "Access token from identity."}
        },
    },
}
