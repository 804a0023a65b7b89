"""What a community has in this service, for proofs that nobody else can reach it."""

from typing import Any

from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn
from tests.proposals.conftest import Neighbourhood, settle


async def seed(
    client_for: ClientFor, people: People, hear: Any, sweep: Any, work_in: WorkIn, apps: Apps, clock: FixedClock
) -> None:
    """Take a concern to a vote, the vote to a tally, and its result to a notice with an objection."""
    place = Neighbourhood(people, client_for, clock, sweep, work_in, apps, building_id=new_id())
    await settle(place, hear)
    await place.post(place.residents[0], "/concerns", {"title": "没有电梯", "body": "老人上下楼难", "place": "12 栋"})
    _, process = await place.reach_residents()
    drafted = await place.draft_round(process)
    await place.post(place.secretary, f"/rounds/{drafted['id']}/freezes")
    round_ = await place.post(place.secretary, f"/rounds/{drafted['id']}/openings")
    for voter in place.residents[:10]:
        assert (await place.vote(voter, round_, "yes")).status_code == 201
    await sweep("proposals", "sequence_ballots")
    await place.close(round_)
    for who, kind in ((place.township, "township_sign_off"), (place.supervisor, "supervision_opinion")):
        await place.file(who, process, "residents_decide", kind)
    steps = f"/processes/{process['id']}/steps"
    await place.post(place.secretary, f"{steps}/residents_decide/completions", {"round_id": round_["id"]})
    notice = await place.post(
        place.secretary,
        f"{steps}/decision_published/notices",
        {"title": "结果公示", "body": "表决通过。", "places": ["12 栋大厅"], "contact": "王主任"},
    )
    await place.post(place.residents[0], f"/notices/{notice['id']}/objections", {"body": "采光怎么办"})
