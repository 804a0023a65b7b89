"""Many attempts at once: each mistake counts, each code works once."""

import asyncio
from typing import Any

import pytest

from services.identity.entrance import Entrance
from services.identity.staff.usecases import sign_in_staff
from shared.kernel.errors import DomainError
from shared.kernel.principal import Role
from shared.testing.clients import ClientFor
from tests.identity.conftest import Office


async def attempt(entrance: Entrance, **proof: Any) -> str:
    try:
        await sign_in_staff(entrance=entrance, community_id=None, device="", **proof)
    except DomainError as refusal:
        return refusal.code
    return "in"


async def test_parallel_guesses_are_all_counted(office: Office, entrance: Entrance) -> None:
    issued = await office.take_on(Role.INSPECTOR)
    guess = {"user_name": issued.user_name, "password": "wrong", "totp_code": None}
    outcome = await asyncio.gather(*(attempt(entrance, **guess) for _ in range(12)))
    assert outcome.count("identity.sign_in_refused") == 4
    assert outcome.count("identity.account_locked") == 8
    assert await attempt(entrance, **guess | {"password": issued.password}) == "identity.account_locked"


async def test_one_code_lets_one_in(office: Office, entrance: Entrance) -> None:
    issued = await office.take_on(Role.STOREKEEPER)
    proof = {"user_name": issued.user_name, "password": issued.password, "totp_code": office.digits(issued)}
    outcome = await asyncio.gather(*(attempt(entrance, **proof) for _ in range(6)))
    assert outcome.count("in") == 1
    assert set(outcome) <= {"in", "identity.totp_wrong", "identity.account_locked"}


@pytest.mark.parametrize("count", [4])
async def test_one_user_name_is_given_once(office: Office, client_for: ClientFor, count: int) -> None:
    body = {"items": [{"user_name": "li.si", "name": "李四"}]}
    clients = [client_for("identity", office.admin) for _ in range(count)]
    answers = await asyncio.gather(*(client.post("/api/v1/identity/staff", json=body) for client in clients))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * (count - 1)
    assert {a.json()["code"] for a in answers if a.status_code == 409} == {"identity.user_name_taken"}
