"""Every field of every form takes what people write, keeps it as it is, and refuses what does not fit: never an error of ours.

The forms are made from the services' own OpenAPI, so that a new route is tried without a word here.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx2
import pytest

from launcher.story.cast import picture
from shared.ids import new_id
from shared.kernel.principal import Role
from shared.testing.clients import Apps, ClientFor, People
from tests.architecture.forms import body_of, fields_of, filled, is_file, multipart, resolved, texts
from tests.architecture.test_api import SERVICES
from tests.architecture.test_tenancy import hear_everything
from tests.architecture.walk import Step, ids_in, made, named

STRANGE = "'; DROP TABLE x;-- <b onclick=alert(1)>&amp;</b> 👵🏻‍🌾 \u202eمرحبا\u202c 零\u200b宽 %s {0} \\u0041 王小二"
LONG = "长" * 50_001
FIRST_AND_LAST = {
    "date": ("0001-01-01", "9999-12-31"),
    "date-time": ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"),
}
"""The edges of the calendar: a time zone or a day more falls off."""
AWAY = "wechat.unreachable"
"""There is no WeChat here to ask."""


@dataclass
class Desk:
    """Where forms are handed in: one service, somebody with every role, and ids that exist."""

    document: Mapping[str, Any]
    clients: list[httpx2.AsyncClient]
    ids: Mapping[str, list[UUID]]
    accepted: list[str] = field(default_factory=list)
    made: dict[str, str] = field(default_factory=dict)
    """The id of what was made last, by the address it was made at."""

    def steps(self) -> Iterator[Step]:
        """Return every operation, those with the shortest addresses first: what they make is there for the others."""
        paths = self.document["paths"]
        for path in sorted(paths, key=lambda p: (p.count("/"), p)):
            for method in ("get", "post", "put"):
                if method in paths[path]:
                    yield Step(method, path, paths[path][method])

    def path(self, step: Step) -> str:
        """Return an address with ids that exist, as far as there are any."""
        path = step.path
        for name in step.id_names:
            before = path.partition(f"/{{{name}}}")[0]
            if before in self.made:
                path = path.replace(f"{{{name}}}", self.made[before])
            path = path.replace(f"{{{name}}}", str(next(iter(named(name, self.ids)), new_id())))
        for name, value in step.others(self.document).items():
            path = path.replace(f"{{{name}}}", str(value))
        return path

    def strange(self, pointer: str, schema: Mapping[str, Any]) -> Any:
        """Return a text people would not write, as far as the field has room for it; times, ids and codes as they are asked for."""
        name = pointer.rpartition("/")[2]
        if schema.get("format") == "uuid":
            return str(next(iter(named(name, self.ids)), new_id()))
        strange = STRANGE[: schema.get("maxLength", len(STRANGE))].strip()
        if "format" in schema or not re.search(schema.get("pattern", ""), strange):
            return made(self.document, schema)
        return strange

    async def ask(
        self, step: Step, client: httpx2.AsyncClient, headers: Mapping[str, str] | None = None, **how: Any
    ) -> httpx2.Response:
        """Ask; the answer must be one the route tells of and no error of ours."""
        headers = {**(headers or {}), **({"If-Match": '"1"'} if step.method == "put" else {})}
        answer = await client.request(step.method.upper(), self.path(step), headers=headers, **how)
        told = (str(step), str(how)[:1_000], answer.status_code, answer.text[:400])
        assert answer.status_code < 500 or answer.json()["code"] == AWAY, told
        assert str(answer.status_code) in step.operation["responses"], told
        if answer.status_code == 201 and "id" in (made := answer.json()):
            self.made[answer.request.url.path] = made["id"]
        return answer


def is_strange(text: str) -> bool:
    """Tell the strange text, whole or as much of it as a field has room for."""
    return len(text) > 2 and STRANGE.startswith(text)


def changed_texts(sent: Any, answered: Any) -> list[tuple[str, str]]:
    """Return the strange texts that an answer gives back under the same name and not as they were sent."""
    written = {(name, text) for name, text in texts(sent) if is_strange(text)}
    names = {name for name, _ in written}
    return [
        (name, text)
        for name, text in texts(answered)
        if name in names and text[:3] == STRANGE[:3] and (name, text) not in written
    ]


async def spoilt(desk: Desk, step: Step) -> list[str]:
    """Hand in strange texts, and return those that come back as something else."""
    if (schema := body_of(desk.document, step.operation)) is None:
        return []
    body = filled(desk.document, schema, desk.strange)
    if not any(is_strange(text) for _, text in texts(body)):
        return []
    for client in desk.clients:
        answer = await desk.ask(step, client, json=body)
        if answer.is_success and answer.headers.get("content-type", "").startswith("application/json"):
            desk.accepted.append(str(step))
            return [f"{step} {name}: {text}" for name, text in changed_texts(body, answer.json())]
    return []


PICTURE = picture((90, 120, 60))
FILE_NAMES = {
    "strange": STRANGE.replace('"', "").encode(),
    "elsewhere": "../../etc/花名册.csv".encode(),
    "of Windows": r"C:\文件\花名册.csv".encode(),
    "NUL inside": b"a\x00b.csv",
    "not UTF-8": b"\xb9\xcc.csv",
    "too long": "长".encode() * 2_000,
    "empty": b"",
    "none": None,
}
LONGEST_NAME = 255
"""Characters of a file's name that a file system has room for, and more than anybody reads."""


async def misnamed(desk: Desk, step: Step) -> list[str]:
    """Hand in files whose names are strange, beside strange texts, and return what comes back as something else."""
    if (schema := fields_of(desk.document, step.operation)) is None:
        return []
    taken: set[str] = set()
    found: list[str] = []
    files = [name for name, one in schema["properties"].items() if is_file(one)]
    fields = {
        name: str(filled(desk.document, one, desk.strange, f"/{name}"))
        for name, one in schema["properties"].items()
        if name not in files
    }
    for kind, sent in FILE_NAMES.items() if files else ():
        for content in ("户号,姓名\n".encode(), PICTURE):
            form = multipart(fields, dict.fromkeys(files, (sent, content)))
            answer = await desk.ask(step, desk.clients[0], **form)
            if not answer.is_success:
                continue
            taken.add(kind)
            told = answer.json()
            kept = [text for name, text in texts(told) if name == "file_name"]
            found += [f"{step} a name {kind} became {text!r}" for text in kept if not is_kept(sent or b"", text)]
            found += [f"{step} {name}: {text}" for name, text in changed_texts(fields, told)]
    if files and "strange" not in taken:
        found.append(f"{step} takes no file at all: the walk shows nothing")
    return found


def is_kept(sent: bytes, told: str) -> bool:
    """Tell whether a file's name came back as it was sent, or a beginning of it, without what no text may hold.

    Old browsers sent a whole path, of which the last part is meant, and the letters of the machine's own alphabet.
    """
    if len(told) > LONGEST_NAME or "\0" in told:
        return False
    try:
        text = sent.decode()
    except UnicodeDecodeError:
        text = sent.decode("latin-1")
    meant = (text.replace("\0", ""), text.rpartition("\\")[2])
    return any(name.startswith(told) and bool(told) is bool(name) for name in meant)


def beyond(edge: int, tried: list[str]) -> Any:
    """Return what writes a text too long for anything, or an edge of the calendar, into every field, and notes where."""

    def write(pointer: str, schema: Mapping[str, Any]) -> Any:
        kind = schema.get("format", "")
        if kind and kind not in FIRST_AND_LAST:
            return made({}, schema)
        tried.append(pointer)
        return FIRST_AND_LAST[kind][edge] if kind else LONG

    return write


async def unbounded(desk: Desk, step: Step) -> list[str]:
    """Return the fields of a form that take a text of any length, or any year."""
    if (schema := body_of(desk.document, step.operation)) is None:
        return []
    found = []
    for edge in (0, 1):
        fields: list[str] = []
        body = filled(desk.document, schema, beyond(edge, fields))
        if not fields or (edge == 1 and FIRST_AND_LAST["date"][1] not in str(body)):
            continue
        answer = await desk.ask(step, desk.clients[0], json=body)
        refused = {error["pointer"] for error in answer.json().get("errors", [])}
        found += [f"{step} {pointer}: {answer.status_code}" for pointer in fields if pointer not in refused]
    return found


async def unbounded_fields(desk: Desk, step: Step) -> list[str]:
    """Return the fields beside a file that take a text of any length, or any day."""
    if (schema := fields_of(desk.document, step.operation)) is None:
        return []
    files = [name for name, one in schema["properties"].items() if is_file(one)]
    plain = {**schema, "properties": {k: v for k, v in schema["properties"].items() if k not in files}}
    found = []
    for edge in (0, 1) if files and plain["properties"] else ():
        tried: list[str] = []
        body = filled(desk.document, plain, beyond(edge, tried))
        form = multipart(body, dict.fromkeys(files, (b"a.csv", b"x")))
        answer = await desk.ask(step, desk.clients[0], **form)
        refused = {error["pointer"] for error in answer.json().get("errors", [])}
        found += [f"{step} {pointer}: {answer.status_code}" for pointer in tried if pointer not in refused]
    return found


async def ageless(desk: Desk, step: Step) -> list[str]:
    """Return the dates in an address that may lie at the edge of the calendar."""
    asked = {p["name"]: resolved(desk.document, p["schema"]) for p in step.operation.get("parameters", [])}
    times = {name: schema["format"] for name, schema in asked.items() if schema.get("format") in FIRST_AND_LAST}
    found = []
    for edge in (0, 1) if times else ():
        query = {name: FIRST_AND_LAST[kind][edge] for name, kind in times.items()}
        answer = await desk.ask(step, desk.clients[0], params=query)
        refused = {error["pointer"] for error in answer.json().get("errors", [])}
        found += [f"{step} {name}: {answer.status_code}" for name in times if f"/{name}" not in refused]
    return found


@pytest.mark.parametrize("service", SERVICES)
async def test_forms_keep_what_people_write_and_refuse_what_does_not_fit(
    service: str, apps: Apps, client_for: ClientFor, people: People, hear: Any
) -> None:
    await hear_everything(apps, hear, service, people.community_id)
    ids = await ids_in(apps.runtime(service).database, people.community_id)
    household_id = next(iter(ids.get("household_id", [])), new_id())
    staff, resident = people.staff(*Role, household_id=household_id), people.resident(household_id)
    clients = [client_for(service, staff), client_for(service, resident)]
    desk = Desk(apps.app(service).openapi(), clients, ids)

    found = [
        finding
        for step in desk.steps()
        for walk in (spoilt, unbounded, ageless, misnamed, unbounded_fields)
        for finding in await walk(desk, step)
    ]

    assert not found, "\n".join(["", *found])
    assert desk.accepted or service == "media", "nothing was accepted: the walk shows nothing"


@pytest.mark.parametrize(
    ("sent", "told", "is_right"),
    [
        ("花名册.csv", "花名册.csv", True),
        ("长" * 900, "长" * 200, True),
        ("长" * 900, "长" * 256, False),
        ("花名册.csv", "", False),
        ("", "", True),
        ("a\0b.csv", "ab.csv", True),
        ("a\0b.csv", "a\0b.csv", False),
        ("<b>.csv", "&lt;b&gt;.csv", False),
        ("花名册.csv", "花名册.csv".encode().decode("latin-1"), False),
        (r"C:\文件\花名册.csv", "花名册.csv", True),
    ],
)
def test_a_name_that_was_changed_is_found(sent: str, told: str, is_right: bool) -> None:
    assert is_kept(sent.encode(), told) is is_right


def test_a_text_that_comes_back_as_something_else_is_found() -> None:
    sent = {"title": STRANGE, "lines": [{"note": STRANGE[:20]}]}
    assert changed_texts(sent, {"title": STRANGE, "lines": [{"note": STRANGE[:20]}], "other": "x"}) == []
    escaped = STRANGE.replace("<", "&lt;")
    assert changed_texts(sent, {"title": escaped, "note": STRANGE[:19]}) == [("title", escaped), ("note", STRANGE[:19])]
