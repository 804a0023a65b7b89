"""Tickets over HTTP: the whole journey, who may do what, lists, and the log."""

from tests.property.conftest import Case


async def test_a_lamp_is_reported_repaired_and_rated(case: Case) -> None:
    closed = await case.until("closed")

    assert (closed["state"], closed["outcome"], closed["attempt"]) == ("closed", "fixed", 1)
    assert closed["rated_at"] is not None
    log = await case.community.get(case.resident, f"{case.path}/events")
    assert [line["action"] for line in log["lines"]] == [
        "submit",
        "accept",
        "offer",
        "take",
        "arrive",
        "start",
        "finish",
        "confirm",
        "rate",
    ]
    assert log["is_sound"]
