"""What others are told of an objection to a round: that it waits for an answer, and the answer."""

from typing import Any

import pytest

from shared.contracts.events import PeriodMoved, PeriodObjectionMoved
from shared.testing.clients import ClientFor, People
from tests.points.conftest import OpenHousehold
from tests.points.round_kit import RoundKit


@pytest.mark.parametrize(("is_upheld", "state"), [(True, "upheld"), (False, "dismissed")])
async def test_an_objection_is_told_when_raised_and_when_answered(
    kit: RoundKit,
    people: People,
    client_for: ClientFor,
    open_household: OpenHousehold,
    facts_of: Any,
    *,
    is_upheld: bool,
    state: str,
) -> None:
    household = await open_household()
    path = await kit.open()
    await kit.publicise(path)
    resident = client_for("points", people.resident(household))
    objection = (await resident.post(f"{path}/objections", json={"reason": "漏记一次巡逻"})).json()
    answer = {"is_upheld": is_upheld, "answer": "查过记录"}
    await kit.supervisor.post(f"{path}/objections/{objection['id']}/answers", json=answer)

    facts = await facts_of("points", people.community_id)
    told = [fact for fact in facts if isinstance(fact, PeriodObjectionMoved)]
    assert [(fact.state, fact.answer) for fact in told] == [("raised", ""), (state, "查过记录")]
    assert {(fact.household_id, fact.reason) for fact in told} == {(household, "漏记一次巡逻")}
    assert all(fact.moved_at for fact in facts if isinstance(fact, PeriodMoved))
