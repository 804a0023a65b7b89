"""What the terminal says at the first start: somebody for every role, on one screen."""

import json

import pytest

from launcher import welcome
from launcher.demo.community import model_community
from launcher.demo.load import DemoAccount
from launcher.demo.staff import model_staff
from launcher.home import Home
from shared.kernel.principal import Role

FIRST = {"admin": Role.COMMUNITY_ADMIN, "township1": Role.TOWNSHIP_OFFICER, "district1": Role.DISTRICT_OFFICER}
BY_CARD = {Role.RESIDENT, Role.HOUSEHOLDER}
LINES_ON_A_SCREEN = 24


def roles_of(user_name: str) -> set[Role]:
    """Return what somebody may do after signing in: what was granted, and what the roster says."""
    if user_name in FIRST:
        return {FIRST[user_name]}
    member = next(member for member in model_staff() if member.user_name == user_name)
    home = member.household_code
    resident = next(one for one in model_community().residents if (one.household_code, one.name) == (home, member.name))
    derived = {Role.PARTY_MEMBER: resident.is_party_member, Role.REPRESENTATIVE: resident.is_representative}
    return {Role(one.role) for one in member.roles} | {role for role, holds in derived.items() if holds}


def test_the_accounts_shown_hold_every_role() -> None:
    held = BY_CARD.union(*(roles_of(user_name) for user_name in welcome.SHOWN))
    assert held == set(Role)
    assert Role.PARTY_MEMBER in roles_of("secretary")


async def test_everybody_is_printed_on_one_screen(tmp_path, capsys: pytest.CaptureFixture[str]) -> None:
    home = Home(tmp_path)
    for name in FIRST:
        file = {"admin": "admin", "township1": "township", "district1": "district"}[name]
        secrets = {"user_name": name, "password": "p" * 18, "totp_secret": "s"}
        (tmp_path / f"{file}.json").write_text(json.dumps(secrets), encoding="utf-8")
    accounts = [DemoAccount(m.user_name, m.name, m.duty, "p" * 18, "s") for m in model_staff()]
    demo = {"cards": {"H0001": "12345678"}, "accounts": [vars_of(account) for account in accounts]}
    (tmp_path / welcome.DEMO_FILE).write_text(json.dumps(demo), encoding="utf-8")

    await welcome.welcome(home, "http://127.0.0.1:8000", 9.0)

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) <= LINES_ON_A_SCREEN, lines
    for user_name in welcome.SHOWN:
        assert sum(line.split()[:1] == [user_name] for line in lines) == 1, user_name
    assert any("居民" in line and "12345678" in line for line in lines)


def vars_of(account: DemoAccount) -> dict[str, str]:
    return {name: getattr(account, name) for name in ("user_name", "name", "duty", "password", "totp_secret")}
