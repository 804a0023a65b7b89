"""Every failure is a problem document in plain Chinese, and OpenAPI tells of each beforehand."""

import json
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any, Literal

import pydantic
import pytest
from openapi_spec_validator import validate
from pydantic import AwareDatetime, TypeAdapter

from shared.ids import new_id
from shared.kernel.errors import ConflictError, DomainError, Kind, TooManyError
from shared.problems import STATUS, codes_of, document, explain, place, problems, status_of
from shared.testing.clients import People
from tests.shared.conftest import NoteClient
from tests.shared.trial import Trial

NOTES = "/api/v1/trial/notes"


class FactsError(ConflictError):
    code = "trial.facts"
    detail = "第 {slot} 格。"


def test_every_kind_has_a_status() -> None:
    assert set(STATUS) == set(Kind)
    assert len(set(STATUS.values())) == len(Kind)


def test_facts_never_replace_standard_members() -> None:
    told = document(FactsError(slot=3, status=200, code="x", names=["甲"]), "id-1")
    assert told == {
        "type": "/problems/trial.facts",
        "title": ConflictError.title,
        "status": 409,
        "detail": "第 3 格。",
        "instance": "id-1",
        "code": "trial.facts",
        "slot": 3,
        "names": ["甲"],
    }


@pytest.mark.parametrize("error", [e for e in DomainError.__subclasses__() if e.code in set(Kind)])
def test_status_follows_the_kind(error: type[DomainError]) -> None:
    assert status_of(error) == STATUS[error.kind]


@pytest.mark.parametrize(
    ("location", "part", "pointer"),
    [
        (("body",), "body", ""),
        (("body", "words"), "body", "/words"),
        (("body", "lines", 0, "a/b~c"), "body", "/lines/0/a~1b~0c"),
        (("query", "limit"), "query", "/limit"),
        (("path", "note_id"), "path", "/note_id"),
        (("header", "if-match"), "header", "/if-match"),
        (("words",), "body", "/words"),
        ((), "body", ""),
    ],
)
def test_place(location: tuple[object, ...], part: str, pointer: str) -> None:
    assert place(location) == {"in": part, "pointer": pointer}


class Colour(StrEnum):
    RED = "red"
    GREEN = "green"
    BLUE = "blue"


@pytest.mark.parametrize(
    ("asked", "given", "words"),
    [
        (date, "2026-02-30", "日期的格式不对，应像 2026-05-01 这样写。"),
        (date, "2026-05-01T08:00:00Z", "日期的格式不对，应像 2026-05-01 这样写。"),
        (date, "0000-01-01", "日期的格式不对，应像 2026-05-01 这样写。"),
        (date, None, "日期的格式不对，应像 2026-05-01 这样写。"),
        (datetime, "2026-02-30", "日期时间的格式不对，应像 2026-05-01T08:00:00Z 这样写。"),
        (AwareDatetime, "2026-05-01T08:00:00", "日期时间要写明时区，应像 2026-05-01T08:00:00Z 这样写。"),
        (time, "25:00", "时间的格式不对，应像 09:30 这样写。"),
        (Colour, "white", "只能是：red、green、blue。"),
        (Literal["draft", "on_sale"], "sold", "只能是：draft、on_sale。"),
        (Literal["draft"], "sold", "只能是：draft。"),
        (int, "x", "这里应填写整数。"),
        (dict[str, int], "x", "填写不对。"),
    ],
)
def test_advice_fits_what_is_asked(asked: Any, given: object, words: str) -> None:
    with pytest.raises(pydantic.ValidationError) as refusal:
        TypeAdapter(asked).validate_python(given)
    assert [explain(error)["detail"] for error in refusal.value.errors()] == [words]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, [("/words", "missing", "这一项必填。")]),
        ({"words": ""}, [("/words", "string_too_short", "至少要写 1 个字。")]),
        ({"words": "   "}, [("/words", "string_too_short", "至少要写 1 个字。")]),
        ({"words": "好" * 101}, [("/words", "string_too_long", "最多写 100 个字。")]),
        ({"words": 5}, [("/words", "string_type", "这里应填写文字。")]),
        ({"words": "好", "slot": "3"}, [("/slot", "int_type", "这里应填写整数。")]),
        ({"words": "好", "slot": 1.5}, [("/slot", "int_type", "这里应填写整数。")]),
        ({"words": "好", "slot": True}, [("/slot", "value_error", "这里应填写整数。")]),
        ({"words": "好", "slot": 2**63}, [("/slot", "less_than", f"应小于 {2**63}。")]),
        ({"words": "好", "slot": -(2**63) - 1}, [("/slot", "greater_than_equal", f"不能小于 {-(2**63)}。")]),
        ({"words": "好", "colour": "red"}, [("/colour", "extra_forbidden", "没有这一项，请去掉。")]),
        ({"words": "好\x00"}, [("", "value_error", "含有不能保存的控制字符，请删去后再提交。")]),
        ({"words": "好\ud800"}, [("", "value_error", "含有不能保存的控制字符，请删去后再提交。")]),
    ],
)
async def test_form_is_corrected_field_by_field(
    notes_for: NoteClient, people: People, body: dict[str, Any], errors: list[tuple[str, str, str]]
) -> None:
    response = await notes_for(people.staff()).post(
        NOTES, content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "validation_failed")
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["detail"] == f"有 {len(errors)} 处填写不对，请按提示改正后再提交。"
    assert [(e["pointer"], e["type"], e["detail"]) for e in problem["errors"]] == errors
    assert {e["in"] for e in problem["errors"]} == {"body"}


@pytest.mark.parametrize("body", ["null", "[]", "3", '"words"'])
async def test_body_that_is_no_object(notes_for: NoteClient, people: People, body: str) -> None:
    response = await notes_for(people.staff()).post(NOTES, content=body, headers={"Content-Type": "application/json"})
    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")


@pytest.mark.parametrize(
    "body",
    [b"{", b"", b"{'words': 1}", b'{"words": "\xff"}', b"[" * 100_000, b'{"slot": ' + b"9" * 5_000 + b"}"],
    ids=["cut", "empty", "quotes", "not-utf8", "deep", "long-number"],
)
async def test_json_that_cannot_be_read(notes_for: NoteClient, people: People, body: bytes) -> None:
    response = await notes_for(people.staff()).post(NOTES, content=body, headers={"Content-Type": "application/json"})
    assert response.status_code in {400, 422}
    assert response.json()["code"] in {"malformed", "validation_failed"}
    assert response.status_code != 422 or not body


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", None])
async def test_body_of_another_type(notes_for: NoteClient, people: People, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    response = await notes_for(people.staff()).post(NOTES, content=b'{"words": "x"}', headers=headers)
    assert (response.status_code, response.json()["code"]) == (422, "validation_failed")


@pytest.mark.parametrize(
    ("query", "where"),
    [
        ("limit=0", "/limit"),
        ("limit=201", "/limit"),
        ("limit=x", "/limit"),
        ("cursor=" + "a" * 1001, "/cursor"),
    ],
)
async def test_query_that_does_not_fit(notes_for: NoteClient, people: People, query: str, where: str) -> None:
    response = await notes_for(people.staff()).get(f"{NOTES}?{query}")
    assert response.status_code == 422
    assert [(e["in"], e["pointer"]) for e in response.json()["errors"]] == [("query", where)]


async def test_id_that_is_none(notes_for: NoteClient, people: People) -> None:
    response = await notes_for(people.staff()).get(f"{NOTES}/abc")
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"in": "path", "pointer": "/note_id", "type": "uuid_parsing", "detail": "编号的格式不对。"}
    ]


@pytest.mark.parametrize("path", [f"{NOTES}?words=%00", f"{NOTES}/%00"])
async def test_nul_in_the_address(notes_for: NoteClient, people: People, path: str) -> None:
    response = await notes_for(people.staff()).get(path)
    assert (response.status_code, response.json()["code"]) == (400, "malformed")


async def test_refusal_of_the_domain(notes_for: NoteClient, people: People) -> None:
    response = await notes_for(people.staff()).get(f"{NOTES}/{new_id()}")
    problem = response.json()
    assert (response.status_code, problem["code"]) == (404, "trial.note_not_found")
    assert problem["instance"] == response.headers["x-request-id"]
    assert problem["type"] == "/problems/trial.note_not_found"


async def test_address_that_leads_nowhere(notes_for: NoteClient, people: People) -> None:
    response = await notes_for(people.staff()).get("/api/v1/trial/nothing")
    assert (response.status_code, response.json()["code"]) == (404, "route_not_found")
    assert response.json()["title"] == "没有这个地址"


async def test_method_that_is_not_offered(notes_for: NoteClient, people: People) -> None:
    response = await notes_for(people.staff()).delete(NOTES)
    assert (response.status_code, response.json()["code"]) == (405, "method_not_allowed")
    assert set(response.headers["allow"].split(", ")) <= {"GET", "POST"}


async def test_unexpected_error_keeps_its_secret_and_names_itself(
    notes_for: NoteClient, people: People, capsys: pytest.CaptureFixture[str]
) -> None:
    response = await notes_for(people.staff()).post(
        NOTES, json={"words": "出错"}, headers={"X-Request-Id": "req-12345678"}
    )
    problem = response.json()
    assert (response.status_code, problem["code"]) == (500, "unexpected")
    assert "defect" not in response.text
    assert "req-12345678" in problem["detail"]
    assert response.headers.get_list("x-request-id") == ["req-12345678"]
    logged = [json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{")]
    assert [(line["event"], line["request_id"]) for line in logged] == [("unexpected", "req-12345678")]
    assert "RuntimeError: a defect" in logged[0]["exception"]


async def test_error_of_the_driver_outside_a_unit_of_work(
    notes_for: NoteClient, people: People, service: Trial
) -> None:
    """`没有名字的约束` breaks a constraint nobody named: a defect, told once and with one id."""
    response = await notes_for(people.staff()).post(NOTES, json={"words": "没有名字的约束"})
    assert (response.status_code, response.json()["code"]) == (500, "unexpected")
    assert response.headers.get_list("x-request-id") == [response.json()["instance"]]


@pytest.mark.parametrize(
    ("given", "kept"),
    [("abcd-1234.X_y", True), ("short", False), ("a" * 65, False), ("with space", False), ("x;y=zzzz", False)],
)
async def test_request_id_of_the_caller(notes_for: NoteClient, people: People, given: str, kept: bool) -> None:
    response = await notes_for(people.staff()).get(NOTES, headers={"X-Request-Id": given})
    assert (response.headers["x-request-id"] == given) is kept
    assert len(response.headers["x-request-id"]) >= 8


def test_problems_groups_codes_by_status() -> None:
    class OtherError(ConflictError):
        code = "trial.other"

    told = problems(FactsError, TooManyError, OtherError)
    assert list(told) == [409, 429]
    assert set(told[409]["content"]["application/problem+json"]["examples"]) == {"trial.facts", "trial.other"}


def test_openapi_tells_the_truth(service: Trial) -> None:
    schema = service.app.openapi()
    validate(schema)
    text = json.dumps(schema)
    assert "HTTPValidationError" not in text
    assert "Problem" in schema["components"]["schemas"]
    for path, operations in schema["paths"].items():
        for method, operation in operations.items():
            codes = codes_of(operation)
            assert {"unexpected", "unavailable", "database_busy"} <= codes, (path, method)
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert set(response["content"]) == {"application/problem+json"}, (path, method, status)
    create = schema["paths"][NOTES]["post"]
    assert {"validation_failed", "malformed", "idempotency_key_reused", "trial.slot_taken"} <= codes_of(create)
    assert set(create["responses"]["503"]["content"]["application/problem+json"]["examples"]) == {
        "keys_unavailable",
        "unavailable",
        "database_busy",
    }


def test_openapi_is_declared_once_however_often_it_is_asked(service: Trial) -> None:
    assert json.dumps(service.app.openapi()) == json.dumps(service.app.openapi())
    assert "examples" in json.dumps(service.app.openapi()["paths"][NOTES]["post"]["responses"]["422"])
