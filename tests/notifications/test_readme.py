"""The README draws what the code does."""

from pathlib import Path

from services.notifications.inbox import errors as inbox
from services.notifications.inbox.silent import SILENT
from services.notifications.inbox.wording import TELLERS
from services.notifications.messages.domain import LIFE
from services.notifications.streams import errors as streams

SERVICES = {"identity", "media", "points", "property", "proposals"}
README = (Path(__file__).parents[2] / "services/notifications/README.md").read_text("utf-8")


def test_the_diagram_is_the_table():
    assert LIFE.mermaid() in README


def test_every_refusal_is_listed():
    for error in (inbox.ItemNotFoundError, streams.TooManyStreamsError, streams.StreamsFullError):
        assert error.code in README


def test_every_fact_has_its_line():
    table, _, silent = README.partition("## Who hears what")[2].partition("Nobody hears")
    assert {cls.event_type for cls in TELLERS} == {
        word for word in table.split("`") if word.partition(".")[0] in SERVICES
    }
    assert {cls.event_type for cls in SILENT} <= set(silent.split("`"))
