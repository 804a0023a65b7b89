"""The client against the local WeChat server, every documented refusal included."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
from pydantic import SecretStr

from launcher.wechat_local import LocalWechat, create_app
from shared import wechat_errors as errors
from shared.kernel.clock import FixedClock
from shared.kernel.errors import Kind
from shared.wechat import Suggestion, WechatApp, WechatClient, fit_field

TEMPLATE = "template-vote-opened"
SEND = "/cgi-bin/message/subscribe/send"


@dataclass
class Pair:
    """A client, the server it talks to and the clock both read."""

    client: WechatClient
    server: LocalWechat
    clock: FixedClock
    paths: list[str]

    async def signed_in(self, openid: str = "openid-1") -> str:
        await self.client.sign_in(self.server.mint_login_code(openid))
        return openid


class CountingTransport(httpx2.ASGITransport):
    """The ASGI transport, remembering which paths were called."""

    def __init__(self, app: object, paths: list[str]) -> None:
        super().__init__(app=app)
        self.paths = paths

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.paths.append(request.url.path)
        return await super().handle_async_request(request)


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    clock = FixedClock(datetime(2026, 3, 2, 8, tzinfo=UTC))
    server = LocalWechat(clock=clock, pages=frozenset({"pages/vote/show"}))
    paths: list[str] = []
    app = WechatApp(server.app_id, SecretStr(server.app_secret), base_url="http://wechat.local")
    client = WechatClient(app, clock=clock, transport=CountingTransport(create_app(server), paths))
    yield Pair(client, server, clock, paths)
    await client.aclose()


async def test_a_login_code_gives_the_openid_once(pair: Pair) -> None:
    code = pair.server.mint_login_code("openid-1")
    identity = await pair.client.sign_in(code)
    assert (identity.openid, identity.unionid, identity.app_id) == ("openid-1", None, "wx-local")
    assert identity.session_key not in repr(identity)
    with pytest.raises(errors.WechatCodeUsedError) as refused:
        await pair.client.sign_in(code)
    assert refused.value.facts["errcode"] == 40163
    assert refused.value.kind is Kind.UNAUTHENTICATED


@pytest.mark.parametrize(
    ("age", "is_good"), [(timedelta(minutes=5) - timedelta(seconds=1), True), (timedelta(minutes=5), False)]
)
async def test_a_login_code_is_good_for_five_minutes(pair: Pair, age: timedelta, is_good: bool) -> None:
    code = pair.server.mint_login_code("openid-1")
    pair.clock.advance(age)
    if is_good:
        assert (await pair.client.sign_in(code)).openid == "openid-1"
    else:
        with pytest.raises(errors.WechatCodeInvalidError):
            await pair.client.sign_in(code)


@pytest.mark.parametrize(
    ("errcode", "error"),
    [
        (-1, errors.WechatBusyError),
        (45011, errors.WechatBusyError),
        (45009, errors.WechatQuotaError),
        (40029, errors.WechatCodeInvalidError),
        (40163, errors.WechatCodeUsedError),
        (40226, errors.WechatRiskyUserError),
        (40013, errors.WechatAppError),
        (40125, errors.WechatAppError),
        (41002, errors.WechatAppError),
        (41004, errors.WechatAppError),
        (40164, errors.WechatAddressError),
        (61004, errors.WechatAddressError),
        (48001, errors.WechatPermissionError),
        (43101, errors.WechatGrantSpentError),
        (40003, errors.WechatOpenidError),
        (40037, errors.WechatTemplateError),
        (41030, errors.WechatPageError),
        (47003, errors.WechatFieldError),
        (61010, errors.WechatInactiveUserError),
        (87014, errors.WechatContentError),
        (40001, errors.WechatTokenError),
        (40014, errors.WechatTokenError),
        (42001, errors.WechatTokenError),
        (99999, errors.WechatError),
    ],
)
async def test_every_errcode_has_its_error_and_the_code_is_not_tried_again(
    pair: Pair, errcode: int, error: type[errors.WechatError]
) -> None:
    pair.server.script("/sns/jscode2session", errcode)
    with pytest.raises(errors.WechatError) as refused:
        await pair.client.sign_in(pair.server.mint_login_code("openid-1"))
    assert type(refused.value) is error
    assert refused.value.facts["errcode"] == errcode
    assert refused.value.facts["call"] == "jscode2session"
    assert "{" not in refused.value.message
    assert pair.paths == ["/sns/jscode2session"]


def test_no_errcode_is_claimed_twice() -> None:
    claimed = [code for cls in set(errors.ERROR_BY_ERRCODE.values()) for code in cls.errcodes]
    assert sorted(claimed) == sorted(set(claimed)) == sorted(errors.ERROR_BY_ERRCODE)


async def test_wrong_app_id_or_secret_is_a_configuration_error(pair: Pair) -> None:
    for wrong in (WechatApp("wx-other", SecretStr("x")), WechatApp("wx-local", SecretStr("wrong"))):
        app = WechatApp(wrong.app_id, wrong.secret, base_url="http://wechat.local")
        client = WechatClient(app, clock=pair.clock, transport=httpx2.ASGITransport(app=create_app(pair.server)))
        with pytest.raises(errors.WechatAppError):
            await client.sign_in(pair.server.mint_login_code("openid-1"))
        await client.aclose()


async def test_a_phone_code_gives_the_number_once(pair: Pair) -> None:
    code = pair.server.mint_phone_code("13800001234")
    assert await pair.client.phone_number(code) == "13800001234"
    with pytest.raises(errors.WechatCodeUsedError):
        await pair.client.phone_number(code)


async def test_a_phone_number_granted_to_another_app_is_refused(pair: Pair) -> None:
    code = pair.server.mint_phone_code("13800001234")
    await pair.client.phone_number(pair.server.mint_phone_code("13800000000"))  # fetches the access token
    pair.server.app_id = "wx-somebody-else"
    with pytest.raises(errors.WechatForeignPhoneError):
        await pair.client.phone_number(code)


async def test_one_token_serves_until_shortly_before_its_end(pair: Pair) -> None:
    for _ in range(3):
        await pair.client.phone_number(pair.server.mint_phone_code("13800001234"))
    assert pair.paths.count("/cgi-bin/stable_token") == 1
    pair.clock.advance(timedelta(seconds=7200) - timedelta(minutes=5))
    await pair.client.phone_number(pair.server.mint_phone_code("13800001234"))
    assert pair.paths.count("/cgi-bin/stable_token") == 2


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_rejected_token_is_refreshed_once_and_the_call_repeated(pair: Pair, errcode: int) -> None:
    openid = await pair.signed_in()
    pair.server.allow(openid, TEMPLATE)
    pair.server.script(SEND, errcode)
    await pair.client.send_subscription(openid=openid, template_id=TEMPLATE, data={"thing1": "表决开始"})
    assert pair.server.forced_refreshes == 1
    assert [m["touser"] for m in pair.server.messages] == [openid]


async def test_a_token_rejected_twice_is_given_up(pair: Pair) -> None:
    openid = await pair.signed_in()
    pair.server.script(SEND, 40001, times=2)
    with pytest.raises(errors.WechatTokenError):
        await pair.client.send_subscription(openid=openid, template_id=TEMPLATE, data={"thing1": "表决开始"})
    assert pair.paths.count(SEND) == 2


async def test_no_more_than_twenty_forced_refreshes_a_day(pair: Pair) -> None:
    await pair.client.phone_number(pair.server.mint_phone_code("13800001234"))
    for _ in range(20):
        pair.server.tokens.clear()
        await pair.client.phone_number(pair.server.mint_phone_code("13800001234"))
    pair.server.tokens.clear()
    with pytest.raises(errors.WechatQuotaError):
        await pair.client.phone_number(pair.server.mint_phone_code("13800001234"))
    assert pair.server.forced_refreshes == 20
    pair.clock.advance(timedelta(days=1))
    assert await pair.client.phone_number(pair.server.mint_phone_code("13800001234")) == "13800001234"


async def test_one_accept_lets_one_message_through(pair: Pair) -> None:
    openid = await pair.signed_in()
    pair.server.allow(openid, TEMPLATE)
    message = {"thing1": "青龙泉社区健身角改造方案征求意见开始了请您参加", "time2": "2026-03-02 08:00"}
    await pair.client.send_subscription(openid=openid, template_id=TEMPLATE, data=message, page="pages/vote/show?id=1")
    sent = pair.server.messages[0]["data"]["thing1"]["value"]
    assert sent == "青龙泉社区健身角改造方案征求意见开始了…"
    assert len(sent) == 20
    with pytest.raises(errors.WechatGrantSpentError):
        await pair.client.send_subscription(openid=openid, template_id=TEMPLATE, data=message)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"openid": "nobody"}, errors.WechatOpenidError),
        ({"template_id": ""}, errors.WechatTemplateError),
        ({"page": "pages/nowhere"}, errors.WechatPageError),
        ({"data": {"thing1": ""}}, errors.WechatFieldError),
    ],
)
async def test_a_message_that_is_wrong_says_what_is_wrong(
    pair: Pair, changes: dict[str, object], error: type[errors.WechatError]
) -> None:
    openid = await pair.signed_in()
    pair.server.allow(openid, TEMPLATE)
    message = {"openid": openid, "template_id": TEMPLATE, "data": {"thing1": "通知"}, **changes}
    with pytest.raises(error):
        await pair.client.send_subscription(**message)
    assert pair.server.messages == []


@pytest.mark.parametrize(
    ("content", "suggestion"),
    [
        ("楼道灯坏了三天了", Suggestion.PASS),
        ("加微信领红包", Suggestion.REVIEW),
        ("赌博", Suggestion.RISKY),
        ("灯" * 2_500 + "赌博", Suggestion.RISKY),
        ("加微信" + "灯" * 2_500, Suggestion.REVIEW),
        ("", Suggestion.PASS),
    ],
)
async def test_a_text_is_judged_by_its_worst_part(pair: Pair, content: str, suggestion: Suggestion) -> None:
    openid = await pair.signed_in()
    assert await pair.client.check_text(openid=openid, content=content) is suggestion


async def test_87014_means_risky(pair: Pair) -> None:
    openid = await pair.signed_in()
    pair.server.script("/wxa/msg_sec_check", 87014)
    assert await pair.client.check_text(openid=openid, content="你好") is Suggestion.RISKY


async def test_a_text_of_someone_not_seen_for_two_hours_cannot_be_judged(pair: Pair) -> None:
    openid = await pair.signed_in()
    pair.clock.advance(timedelta(hours=2))
    assert await pair.client.check_text(openid=openid, content="你好") is Suggestion.PASS
    pair.clock.advance(timedelta(seconds=1))
    with pytest.raises(errors.WechatInactiveUserError):
        await pair.client.check_text(openid=openid, content="你好")


async def test_a_picture_check_returns_a_trace_id(pair: Pair) -> None:
    openid = await pair.signed_in()
    trace_id = await pair.client.check_media(openid=openid, media_url="https://media.example/1.jpg")
    assert pair.server.media_checks[trace_id]["media_type"] == 2


async def test_a_mini_program_code_is_a_picture(pair: Pair) -> None:
    picture = await pair.client.mini_program_code(scene="h=42&b=7", page="pages/vote/show")
    assert picture.startswith(b"\x89PNG")
    with pytest.raises(errors.WechatPageError):
        await pair.client.mini_program_code(scene="h=42", page="pages/nowhere")


@pytest.mark.parametrize("scene", ["", "x" * 33, "a%20b", "户卡"])
async def test_a_scene_wechat_would_refuse_is_never_sent(pair: Pair, scene: str) -> None:
    with pytest.raises(ValueError, match="scene"):
        await pair.client.mini_program_code(scene=scene, page="pages/vote/show")
    assert pair.paths == []


class Broken(httpx2.AsyncBaseTransport):
    """Answers with whatever it was given, or fails to connect."""

    def __init__(self, answer: httpx2.Response | Exception) -> None:
        self.answer = answer

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.ConnectError("refused"),
        httpx2.ReadTimeout("slow"),
        httpx2.Response(502, text="bad gateway"),
        httpx2.Response(200, text="<html>"),
        httpx2.Response(200, json=["errcode"]),
        httpx2.Response(200, json={"errcode": "many"}),
        httpx2.Response(200, json={"openid": "o"}),
        httpx2.Response(200, json={"openid": 5, "session_key": "k"}),
    ],
)
async def test_an_answer_that_is_not_the_protocol_is_unreachable_and_tells_no_secret(
    answer: httpx2.Response | Exception,
) -> None:
    app = WechatApp("wx-local", SecretStr("very-secret"), base_url="http://wechat.local")
    client = WechatClient(app, clock=FixedClock(datetime(2026, 3, 2, tzinfo=UTC)), transport=Broken(answer))
    with pytest.raises(errors.WechatUnreachableError) as refused:
        await client.sign_in("code")
    assert "very-secret" not in f"{refused.value!r} {refused.value.facts} {refused.value.__cause__!r}"
    await client.aclose()


@pytest.mark.parametrize(
    ("name", "value", "fitted"),
    [
        ("thing1", "二十个字" * 5, "二十个字" * 5),
        ("thing12", "二十个字" * 5 + "多", "二十个字" * 4 + "二十个…"),
        ("name1", "一二三四五六七八九十十一", "一二三四五六七八九…"),
        ("phrase3", "审核已通过了", "审核已通…"),
        ("time2", "2026-03-02 08:00:00 星期一 上午八点整", "2026-03-02 08:00:00 星期一 上午八点整"),
    ],
)
def test_fields_are_cut_to_what_wechat_takes(name: str, value: str, fitted: str) -> None:
    assert fit_field(name, value) == fitted
