"""A vote is checked by a program that knows nothing of ours; whatever is changed in the export, it notices."""

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from services.proposals.ballots import sealing
from services.proposals.exports import verifier
from services.proposals.rounds.domain import Grade, Method
from tests.proposals.conftest import Neighbourhood, problem_of


async def export(place: Neighbourhood, who, round_: dict) -> bytes:
    response = await place.try_get(who, f"/rounds/{round_['id']}/export")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "application/zip"
    return response.content


async def voted(place: Neighbourhood, **changes) -> dict:
    round_ = await place.open_round_at_once(**changes)
    for voter, choice in zip(place.residents[:10], ["yes"] * 7 + ["no"] * 2 + ["abstain"], strict=True):
        assert (await place.vote(voter, round_, choice)).status_code == 201
    await place.sweep("proposals", "sequence_ballots")
    await place.close(round_)
    return round_


def run_verifier(folder: Path, bundle: bytes) -> tuple[int, str]:
    """Run the program that lies in the export, isolated from everything installed."""
    path = folder / "round.zip"
    path.write_bytes(bundle)
    with zipfile.ZipFile(path) as opened:
        (folder / "verify.py").write_bytes(opened.read("verify.py"))
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", str(folder / "verify.py"), str(path)],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "utf-8"},
        timeout=240,
    )
    return done.returncode, done.stdout.decode() + done.stderr.decode()


async def test_the_export_of_a_vote_verifies_itself(neighbourhood: Neighbourhood, tmp_path: Path) -> None:
    place = neighbourhood
    round_ = await voted(place)
    code, report = run_verifier(tmp_path, await export(place, place.supervisor, round_))
    assert code == 0, report
    assert "选票 10 张，一户一票" in report
    assert "重新计票与公布的结果一致" in report
    assert "同意：7 户" in report
    assert "结论：通过" in report
    receipt_key = (await place.get(place.residents[0], f"/rounds/{round_['id']}/log/head"))["public_key"]
    assert receipt_key in report, "a voter compares the key with the one on the receipt"


async def test_neighbours_get_the_edition_that_opens_no_ballot(neighbourhood: Neighbourhood, tmp_path: Path) -> None:
    place = neighbourhood
    round_ = await voted(place)
    bundle = await export(place, place.residents[0], round_)
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        assert sorted(opened.namelist()) == ["README.txt", "heads.json", "log.jsonl", "verify.py"]
    code, report = run_verifier(tmp_path, bundle)
    assert code == 0, report
    assert "公开版核验包" in report


async def test_a_public_grade_is_open_to_everybody(neighbourhood: Neighbourhood, tmp_path: Path) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once(template="four_and_two_residents", grade=Grade.NAMED_PUBLIC)
    for voter in place.residents[:8]:
        await place.post(voter, f"/rounds/{round_['id']}/check-ins")
        await place.vote(voter, round_, "yes")
    await place.close(round_)
    code, report = run_verifier(tmp_path, await export(place, place.residents[0], round_))
    assert code == 0, report
    assert "重新计票与公布的结果一致" in report


async def test_nothing_is_exported_before_the_count(neighbourhood: Neighbourhood) -> None:
    place = neighbourhood
    round_ = await place.open_round_at_once()
    for who in (place.residents[0], place.secretary, place.supervisor):
        refused = await place.try_get(who, f"/rounds/{round_['id']}/export")
        assert problem_of(refused) == (409, "proposals.log_sealed")


def rewrite(bundle: bytes, **changes) -> bytes:
    """Return the export with some members changed by functions over their parsed content."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(bundle)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            stem, _, kind = name.partition(".")
            if stem in changes:
                if kind == "jsonl":
                    lines = [json.loads(line) for line in content.decode().splitlines()]
                    lines = changes[stem](lines) or lines
                    content = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
                else:
                    value = json.loads(content)
                    content = json.dumps(changes[stem](value) or value, ensure_ascii=False).encode()
            new.writestr(name, content)
    return out.getvalue()


def change_leaf(number: int, old: str, new: str):
    def change(log: list[dict]) -> None:
        assert old in log[number]["leaf"]
        log[number]["leaf"] = log[number]["leaf"].replace(old, new)

    return change


def set_at(path: list, value):
    def change(document) -> None:
        for step in path[:-1]:
            document = document[step]
        assert document[path[-1]] != value
        document[path[-1]] = value

    return change


def flip_seal(ballots: dict) -> None:
    body = ballots["ballots"][0]
    body["sealed"] = body["sealed"][:-2] + format(int(body["sealed"][-2:], 16) ^ 1, "02x")


def swap_seals(ballots: dict) -> None:
    one, two = ballots["ballots"][:2]
    one["sealed"], two["sealed"] = two["sealed"], one["sealed"]


TAMPERINGS = {
    "a ballot is missing from the log": ({"log": lambda log: log[:5] + log[6:]}, "第 5 条缺失或重复"),
    "the end of the log is cut off": ({"log": lambda log: log[:-1]}, "树头"),
    "an entry is rewritten": ({"log": change_leaf(3, '"unit":"', '"unit":"0')}, "第 3 条被改动"),
    "two entries change places": ({"log": lambda log: [*log[:3], log[4], log[3], *log[5:]]}, "第 3 条缺失或重复"),
    "a hash is replaced": ({"log": set_at([4, "leaf_hash"], "0" * 64)}, "第 4 条被改动"),
    "the chain is replaced": ({"log": set_at([4, "chain"], "0" * 64)}, "次序被改动"),
    "a root is replaced": ({"heads": set_at(["heads", 0, "root"], "0" * 64)}, "与日志不一致"),
    "a time is replaced": ({"heads": set_at(["heads", 0, "at"], "2020-01-01T00:00:00.000000Z")}, "签名不对"),
    "another key signed": ({"heads": set_at(["public_key"], "0" * 64)}, "签名不对"),
    "an area grew": ({"roll": set_at([0, "area_cm2e2"], 99_999_999)}, "名册与投票前公布的哈希不一致"),
    "a unit was added": ({"roll": lambda roll: [*roll, roll[0]]}, "名册与投票前公布的哈希不一致"),
    "a sealed choice was altered": ({"ballots": flip_seal}, "被调换"),
    "two sealed choices were swapped": ({"ballots": swap_seals}, "被调换"),
    "another round's key": ({"ballots": set_at(["secret"], "11" * 32)}, "不是这次表决的密钥"),
    "a ballot was taken out": ({"ballots": lambda b: b | {"ballots": b["ballots"][1:]}}, "张数与日志不一致"),
    "nonsense": ({"heads": lambda _: {"heads": []}}, "核验包损坏"),
}


async def test_every_tampering_is_noticed(neighbourhood: Neighbourhood, tmp_path: Path, capsys) -> None:
    round_ = await voted(neighbourhood)
    bundle = await export(neighbourhood, neighbourhood.supervisor, round_)
    path = tmp_path / "tampered.zip"
    for name, (changes, message) in TAMPERINGS.items():
        path.write_bytes(rewrite(bundle, **changes))
        assert verifier.main([str(path)]) == 1, name
        assert message in capsys.readouterr().out, name
    path.write_bytes(rewrite(bundle))
    assert verifier.main([str(path)]) == 0


def test_the_verifier_says_how_it_is_used(capsys, tmp_path: Path) -> None:
    assert verifier.main([]) == 2
    assert "用法" in capsys.readouterr().out
    (tmp_path / "empty.zip").write_bytes(b"")
    assert verifier.main([str(tmp_path / "empty.zip")]) == 1


secrets_ = st.binary(min_size=32, max_size=32)


@settings(max_examples=20, deadline=None)
@given(secrets_, st.binary(max_size=100))
def test_its_signatures_agree_with_the_library(secret: bytes, message: bytes) -> None:
    key = Ed25519PrivateKey.from_private_bytes(secret)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verifier.is_signed(public, message, signature)
    assert not verifier.is_signed(public, message + b"!", signature)
    assert not verifier.is_signed(public, message, signature[:-1] + bytes([signature[-1] ^ 1]))
    assert not verifier.is_signed(b"\xff" * 32, message, signature)


@settings(max_examples=20, deadline=None)
@given(secrets_, secrets_, st.binary(max_size=200), st.binary(max_size=40))
def test_its_unsealing_agrees_with_the_library(secret: bytes, once: bytes, choice: bytes, bound_to: bytes) -> None:
    public = sealing.public_key_of(secret)
    assert verifier.x25519(secret, (9).to_bytes(32, "little")) == public
    assert X25519PrivateKey.from_private_bytes(secret).public_key().public_bytes_raw() == public
    sealed = sealing.SealingKey(public, once).seal(choice, bound_to=bound_to)
    assert verifier.unseal(sealed, secret, public, bound_to) == choice
    with pytest.raises(ValueError, match="seal broken"):
        verifier.unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), secret, public, bound_to)


async def test_the_export_of_a_tie_comes_to_the_same_tie(neighbourhood: Neighbourhood, tmp_path: Path, capsys) -> None:
    place = neighbourhood
    asked = {"method": Method.APPROVE, "options": [("a", "亭子"), ("b", "停车位"), ("c", "花坛")], "max_choices": 2}
    round_ = await place.open_round_at_once(template="four_and_two_residents", grade=Grade.NAMED_PUBLIC, **asked)
    for voter in place.residents[:8]:
        await place.post(voter, f"/rounds/{round_['id']}/check-ins")
        assert (await place.vote(voter, round_, "c", "b")).status_code == 201
    await place.close(round_)
    path = tmp_path / "tie.zip"
    path.write_bytes(await export(place, place.residents[0], round_))
    assert verifier.main([str(path)]) == 0
    report = capsys.readouterr().out
    assert "重新计票与公布的结果一致" in report
    assert "结论：平票（停车位、花坛），没有作出决定" in report
