"""A building with neighbours, and the way to a vote in it."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest

from services.proposals.logs.signing import Signer, signer_from
from services.proposals.processes.domain import ProcessState, StepState
from services.proposals.processes.models import Process, ProcessStep
from services.proposals.processes.templates import get_template, template_to_json
from services.proposals.proposals import usecases as proposals
from services.proposals.proposals.domain import ProposalState
from services.proposals.rolls import usecases as rolls
from services.proposals.rolls.domain import ScopeKind
from services.proposals.rounds import usecases as rounds
from services.proposals.rounds.domain import Grade, Method, RoundState
from services.proposals.rounds.schemas import RoundRead
from services.proposals.steps import usecases as steps
from shared.contracts.events import HouseholdRegistered, ResidentJoined
from shared.ids import new_id
from shared.kernel.clock import FixedClock
from shared.kernel.principal import Principal, Role
from shared.testing.clients import Apps, ClientFor, People
from shared.testing.factories import WorkIn

API = "/api/v1/proposals"


def problem_of(response: httpx2.Response) -> tuple[int, str]:
    """Return status and code of a refusal."""
    return response.status_code, response.json().get("code", "")


class RefusedError(AssertionError):
    """A command that was meant to succeed did not; `code` says why."""

    def __init__(self, path: str, response: httpx2.Response) -> None:
        self.code = problem_of(response)[1]
        super().__init__(f"{path}: {response.status_code} {self.code} {response.text}")


@dataclass
class Neighbourhood:
    """One building of a fresh community; every household has one adult who can act, `second` adults for some."""

    people: People
    clients: ClientFor
    clock: FixedClock
    sweep: Any
    work_in: WorkIn
    apps: Apps
    building_id: UUID
    residents: list[Principal] = field(default_factory=list)
    seconds: list[Principal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.secretary = self.people.staff(Role.BRANCH_SECRETARY)
        self.supervisor = self.people.staff(Role.SUPERVISOR)
        self.township = self.people.staff(Role.TOWNSHIP_OFFICER)
        self.grid_worker = self.people.staff(Role.GRID_WORKER)

    async def post(self, who: Principal, path: str, body: dict | None = None, *, key: str | None = None) -> Any:
        """Post as somebody and return the body of a success."""
        response = await self.try_post(who, path, body, key=key)
        if response.status_code not in (200, 201):
            raise RefusedError(path, response)
        return response.json()

    async def try_post(
        self, who: Principal, path: str, body: dict | None = None, *, key: str | None = None
    ) -> httpx2.Response:
        """Post as somebody and return whatever comes."""
        headers = {} if key is None else {"Idempotency-Key": key}
        return await self.clients("proposals", who).post(API + path, json=body or {}, headers=headers)

    async def get(self, who: Principal, path: str) -> Any:
        """Get as somebody and return the body of a success."""
        response = await self.clients("proposals", who).get(API + path)
        assert response.status_code == 200, (path, response.status_code, response.text)
        return response.json()

    async def try_get(self, who: Principal, path: str) -> httpx2.Response:
        """Get as somebody and return whatever comes."""
        return await self.clients("proposals", who).get(API + path)

    def later(self, **kwargs: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(**kwargs))

    async def open_proposal(self, *, template: str = "four_and_two_owners") -> dict:
        """Open a proposal for the building, without a concern."""
        body = {
            "template": template,
            "scope_kind": "building",
            "scope_id": str(self.building_id),
            "title": "12 栋加装电梯",
            "body": "在 12 栋北侧加装电梯一部，费用按楼层分摊。",
        }
        return await self.post(self.secretary, "/proposals", body)

    async def endorse(self, proposal: dict) -> None:
        """Let as many households endorse as are needed."""
        for resident in self.residents[: proposal["endorsements_needed"]]:
            await self.post(resident, f"/proposals/{proposal['id']}/endorsements", {"text_hash": proposal["text_hash"]})

    async def hear_opinions(self, proposal: dict) -> None:
        """Let the grid worker note the opinion of half of the households."""
        for resident in self.residents[: (len(self.residents) + 1) // 2]:
            body = {
                "text_hash": proposal["text_hash"],
                "stance": "for",
                "channel": "home_visit",
                "household_id": str(resident.household_id),
            }
            await self.post(self.grid_worker, f"/proposals/{proposal['id']}/opinions", body)

    async def start_process(self, proposal: dict) -> dict:
        """Start the process."""
        body = {"proposal_id": proposal["id"], "rules_signed_off_by": "王主任"}
        return await self.post(self.secretary, "/processes", body)

    async def pass_meeting(self, process: dict, step: str, *, names: int = 9, present: int = 7, yes: int = 6) -> dict:
        """Hold the meeting of a step and close the step with it."""
        self.later(hours=1)
        base = f"/processes/{process['id']}/steps/{step}"
        meeting = await self.post(
            self.secretary,
            f"{base}/meetings",
            {"title": "会议", "place": "党群服务中心", "names": [f"党员 {n}" for n in range(names)]},
        )
        await self.post(
            self.secretary, f"/meetings/{meeting['id']}/check-ins", {"numbers": list(range(1, present + 1))}
        )
        await self.post(
            self.secretary,
            f"/meetings/{meeting['id']}/closings",
            {"yes": yes, "no": 0, "abstain": 0, "minutes": "会议经过讨论，同意。"},
        )
        return await self.post(self.secretary, f"{base}/completions", {"meeting_id": meeting["id"]})

    async def file(self, who: Principal, process: dict, step: str, kind: str) -> None:
        """File evidence for a step."""
        await self.post(who, f"/processes/{process['id']}/steps/{step}/evidence", {"kind": kind, "note": "同意"})

    async def reach_residents(self, *, template: str = "four_and_two_owners") -> tuple[dict, dict]:
        """Bring a fresh proposal to the residents' step; return proposal and process."""
        proposal = await self.open_proposal(template=template)
        await self.endorse(proposal)
        await self.hear_opinions(proposal)
        process = await self.start_process(proposal)
        await self.pass_meeting(process, "branch_proposes")
        await self.pass_meeting(process, "committees_discuss")
        await self.file(self.township, process, "party_deliberates", "township_sign_off")
        process = await self.pass_meeting(process, "party_deliberates", names=30, present=20, yes=15)
        return proposal, process

    async def draft_round(self, process: dict, **changes: Any) -> dict:
        """Freeze the building's roll and draft the vote of the residents' step over it."""
        roll = await self.post(
            self.secretary,
            "/rolls",
            {"title": "12 栋名册", "scope_kind": "building", "scope_id": str(self.building_id)},
        )
        closes_at = self.clock.now() + timedelta(days=7)
        body = {"roll_id": roll["id"], "question": "是否同意加装电梯？", "closes_at": closes_at.isoformat()}
        return await self.post(
            self.secretary, f"/processes/{process['id']}/steps/residents_decide/rounds", body | changes
        )

    async def open_round_at_once(
        self,
        *,
        template: str = "four_and_two_owners",
        days: int = 7,
        state: RoundState = RoundState.OPEN,
        **changes: Any,
    ) -> dict:
        """Put an open vote into the database without the way that leads there; return the round."""
        async with self.work_in("proposals", self.people.community_id) as uow:
            proposal = await proposals.open_proposal(
                uow=uow,
                principal=self.secretary,
                concern_id=None,
                template=template,
                scope_kind=ScopeKind.BUILDING,
                scope_id=self.building_id,
                title="12 栋加装电梯",
                body=f"在 12 栋北侧加装电梯一部（{new_id()}）。",
            )
            proposal.state, proposal.endorsements = ProposalState.DELIBERATING, proposal.endorsements_needed
            proposal.opinions = proposal.households_in_scope
            process = Process(
                community_id=uow.community_id,
                id=new_id(),
                proposal_id=proposal.id,
                text_hash=proposal.text_hash,
                template=template_to_json(get_template(template)),
                rules_signed_off_by="王主任",
                state=ProcessState.RUNNING,
                open_position=3,
                open_attempt=1,
                step_opened_at=uow.now,
                started_by=self.secretary.account_id,
                started_at=uow.now,
            )
            uow.session.add(process)
            await uow.session.flush()
            uow.session.add(
                ProcessStep(
                    community_id=uow.community_id,
                    process_id=process.id,
                    position=3,
                    attempt=1,
                    code="residents_decide",
                    title="居民会议决议",
                    state=StepState.OPEN,
                    opened_at=uow.now,
                )
            )
            await uow.session.flush()
            roll = await rolls.freeze_roll(
                uow=uow,
                principal=self.secretary,
                title="名册",
                scope_kind=ScopeKind.BUILDING,
                scope_id=self.building_id,
            )
            asked: dict[str, Any] = {
                "question": "是否同意？",
                "method": Method.YES_NO_ABSTAIN,
                "options": [],
                "max_choices": 1,
                "grade": Grade.NAMED_PRIVATE,
                "opens_at": uow.now,
                "closes_at": uow.now + timedelta(days=days),
            }
            row = await steps.draft_round(
                uow=uow,
                principal=self.secretary,
                process_id=process.id,
                step_code="residents_decide",
                roll_id=roll.id,
                **(asked | changes),
            )
            if state in (RoundState.FROZEN, RoundState.OPEN):
                await rounds.freeze_round(
                    uow=uow,
                    principal=self.secretary,
                    round_id=row.id,
                    secret=os.urandom(32),
                    cipher=self.apps.runtime("proposals").cipher,
                    signer=self.signer,
                )
            if state is RoundState.OPEN:
                await rounds.open_round(uow=uow, principal=self.secretary, round_id=row.id, signer=self.signer)
            return RoundRead.model_validate(row).model_dump(mode="json")

    @property
    def signer(self) -> Signer:
        """The service's signer."""
        return signer_from(self.apps.runtime("proposals").settings.receipt_key.get_secret_value())

    async def open_round(self, *, template: str = "four_and_two_owners") -> dict:
        """Bring a fresh proposal to an open vote; return the round."""
        _, process = await self.reach_residents(template=template)
        drafted = await self.draft_round(process)
        await self.post(self.secretary, f"/rounds/{drafted['id']}/freezes")
        return await self.post(self.secretary, f"/rounds/{drafted['id']}/openings")

    async def vote(self, who: Principal, round_: dict, *choice: str, key: str | None = None) -> httpx2.Response:
        """Cast a ballot."""
        body = {"choice": list(choice), "frozen_hash": round_["frozen_hash"]}
        return await self.try_post(who, f"/rounds/{round_['id']}/ballots", body, key=key)

    async def close(self, round_: dict) -> None:
        """Let the time run out, and the clock do its work."""
        self.later(days=8)
        await self.sweep("proposals", "close_rounds")
        await self.sweep("proposals", "tally_rounds")


@pytest.fixture
async def neighbourhood(
    people: People, client_for: ClientFor, clock: FixedClock, sweep: Any, hear: Any, work_in: WorkIn, apps: Apps
) -> Neighbourhood:
    """A building of 12 households, one of them with a second adult and one child."""
    place = Neighbourhood(people, client_for, clock, sweep, work_in, apps, building_id=new_id())
    await settle(place, hear)
    return place


async def settle(place: Neighbourhood, hear: Any) -> None:
    """Let 12 households move in."""
    people, grid_id = place.people, new_id()
    for number in range(1, 13):
        resident = people.resident()
        place.residents.append(resident)
        await hear(
            "proposals",
            people.community_id,
            HouseholdRegistered(
                household_id=resident.household_id,
                household_number=f"QLQ-12-{number:04}",
                grid_id=grid_id,
                grid_name="第三网格",
                building_id=place.building_id,
                building_name="12栋",
                householder_name="王**",
                area_cm2e2=8_900 + number,
                resident_count=1,
                address=f"12栋 {number} 室",
            ),
        )
        await join(hear, resident)
    second = people.resident(place.residents[0].household_id)
    place.seconds.append(second)
    await join(hear, second)
    child = people.resident(place.residents[0].household_id)
    place.seconds.append(child)
    await join(hear, child, is_adult=False)


async def join(hear: Any, resident: Principal, *, is_adult: bool = True) -> None:
    """Tell proposals that somebody lives in a household."""
    assert resident.resident_id is not None
    assert resident.household_id is not None
    await hear(
        "proposals",
        resident.community_id,
        ResidentJoined(
            resident_id=resident.resident_id,
            household_id=resident.household_id,
            name=resident.name,
            is_householder=True,
            is_adult=is_adult,
        ),
    )
