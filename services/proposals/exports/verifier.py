"""核验程序 Checks a vote by its export, without network and without anything but Python's standard library.

    python3 verify.py 核验包.zip

It recomputes every hash, checks every signature, opens the sealed ballots with the round's key (full exports), counts again by the
frozen rule and prints a report in Chinese. It shares no code with the service on purpose: two independent ways to one result.
"""

import hashlib
import hmac
import json
import sys
import zipfile
from fractions import Fraction
from typing import Any

# --- Ed25519 verification (RFC 8032) and X25519 (RFC 7748) over the field of 2^255 - 19 ---------------------------------

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]


def _recover_x(y: int, sign: int) -> int:
    if y >= P:
        raise ValueError("not a point")
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P or (x == 0 and sign):
        raise ValueError("not a point")
    return P - x if x & 1 != sign else x


def _decode_point(raw: bytes) -> Point:
    y = int.from_bytes(raw, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x = _recover_x(y, sign)
    return (x, y, 1, x * y % P)


def _add(a: Point, b: Point) -> Point:
    u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    w, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = v - u, z - w, z + w, v + u
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def _multiply(scalar: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    return total


_BASE_Y = 4 * pow(5, P - 2, P) % P
_BASE_X = _recover_x(_BASE_Y, 0)
BASE: Point = (_BASE_X, _BASE_Y, 1, _BASE_X * _BASE_Y % P)


def is_signed(public_key: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is good."""
    if len(public_key) != 32 or len(signature) != 64:
        return False
    try:
        key, commitment = _decode_point(public_key), _decode_point(signature[:32])
    except ValueError:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= Q:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + public_key + message).digest(), "little") % Q
    left, right = _multiply(scalar, BASE), _add(commitment, _multiply(challenge, key))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def x25519(secret: bytes, point: bytes) -> bytes:
    """Return the shared secret of a secret and a public point."""
    scalar = int.from_bytes(secret, "little") & ~7 & (2**255 - 1) | 2**254
    u = int.from_bytes(point, "little") & (2**255 - 1)
    x2, z2, x3, z3, swap = 1, 0, u, 1, 0
    for bit in range(254, -1, -1):
        now = scalar >> bit & 1
        if swap ^ now:
            x2, x3, z2, z3 = x3, x2, z3, z2
        swap = now
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, u * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, P - 2, P) % P).to_bytes(32, "little")


# --- HKDF-SHA-256 (RFC 5869) and ChaCha20-Poly1305 (RFC 8439) -----------------------------------------------------------


def _hkdf(secret: bytes, salt: bytes, info: bytes) -> bytes:
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()


def _quarter(s: list[int], a: int, b: int, c: int, d: int) -> None:
    for x, y, z, turn in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
        s[x] = (s[x] + s[y]) & 0xFFFFFFFF
        s[z] ^= s[x]
        s[z] = (s[z] << turn | s[z] >> (32 - turn)) & 0xFFFFFFFF


def _chacha_block(key: bytes, counter: int, nonce: bytes) -> bytes:
    words = [int.from_bytes(part, "little") for part in (b"expa", b"nd 3", b"2-by", b"te k")]
    words += [int.from_bytes(key[i : i + 4], "little") for i in range(0, 32, 4)]
    words += [counter, *(int.from_bytes(nonce[i : i + 4], "little") for i in range(0, 12, 4))]
    state = list(words)
    for _ in range(10):
        for column in range(4):
            _quarter(state, column, 4 + column, 8 + column, 12 + column)
        for column in range(4):
            _quarter(state, column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4)
    return b"".join(((a + b) & 0xFFFFFFFF).to_bytes(4, "little") for a, b in zip(state, words, strict=True))


def _poly1305(key: bytes, message: bytes) -> bytes:
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    total = 0
    for i in range(0, len(message), 16):
        total = (total + int.from_bytes(message[i : i + 16] + b"\x01", "little")) * r % (2**130 - 5)
    return ((total + int.from_bytes(key[16:], "little")) & (2**128 - 1)).to_bytes(16, "little")


def _padded(data: bytes) -> bytes:
    return data + b"\x00" * (-len(data) % 16)


def unseal(sealed: bytes, secret: bytes, public_key: bytes, bound_to: bytes) -> bytes:
    """Open a sealed choice; ValueError when a bit of it was changed."""
    sender, body, tag = sealed[:32], sealed[32:-16], sealed[-16:]
    key = _hkdf(x25519(secret, sender), sender + public_key, b"diyuan.sealed_choice.v2" + bound_to)
    nonce = b"\x00" * 12
    authenticated = (
        _padded(bound_to) + _padded(body) + len(bound_to).to_bytes(8, "little") + len(body).to_bytes(8, "little")
    )
    if not hmac.compare_digest(_poly1305(_chacha_block(key, 0, nonce)[:32], authenticated), tag):
        raise ValueError("seal broken")
    stream = b"".join(_chacha_block(key, 1 + i, nonce) for i in range(len(body) // 64 + 1))
    return bytes(a ^ b for a, b in zip(body, stream, strict=False))


# --- Hashes of the log ---------------------------------------------------------------------------------------------------


def canonical(value: Any) -> bytes:
    """Return the one byte string a value has."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def tagged(tag: str, *parts: bytes) -> bytes:
    """Hash parts under a domain tag."""
    data = tag.encode() + b"\x00" + b"".join(len(part).to_bytes(8, "big") + part for part in parts)
    return hashlib.sha256(data).digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash a leaf as RFC 6962 does."""
    return hashlib.sha256(b"\x00" + data).digest()


def tree_root(leaves: list[bytes]) -> bytes:
    """Return the RFC 6962 root: pair up level by level, an odd one moves up as it is."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    while len(leaves) > 1:
        pairs = zip(leaves[::2], leaves[1::2], strict=False)
        odd = leaves[-1:] if len(leaves) % 2 else []
        leaves = [hashlib.sha256(b"\x01" + a + b).digest() for a, b in pairs] + odd
    return leaves[0]


# --- The checks ----------------------------------------------------------------------------------------------------------


class Failed(Exception):  # noqa: N818 - what a check says, not a fault of this program.
    """A check that did not hold."""


def require(holds: bool, message: str) -> None:
    """Stop with a message unless something holds."""
    if not holds:
        raise Failed(message)


def check_log(log: list[dict[str, Any]], heads: dict[str, Any]) -> str:
    """Check order, hashes, chain and every signed tree head."""
    chain, hashes, chains = b"\x00" * 32, [], []
    for number, entry in enumerate(log):
        require(entry["position"] == number, f"日志第 {number} 条缺失或重复")
        hashed = leaf_hash(entry["leaf"].encode())
        require(hashed.hex() == entry["leaf_hash"], f"日志第 {number} 条被改动")
        require(canonical(json.loads(entry["leaf"])) == entry["leaf"].encode(), f"日志第 {number} 条的写法不规范")
        chain = tagged("diyuan.log.chain.v1", chain, hashed)
        require(chain.hex() == entry["chain"], f"日志第 {number} 条的次序被改动")
        hashes.append(hashed)
        chains.append(chain)
    public_key = bytes.fromhex(heads["public_key"])
    for head in heads["heads"]:
        size = head["size"]
        require(0 < size <= len(log), f"树头 {size} 超出日志")
        require(tree_root(hashes[:size]).hex() == head["root"], f"树头 {size} 与日志不一致")
        require(chains[size - 1].hex() == head["chain"], f"树头 {size} 的链值不一致")
        signed = {key: head[key] for key in ("round", "size", "root", "chain", "at")} | {"tag": "diyuan.tree_head.v1"}
        require(is_signed(public_key, canonical(signed), bytes.fromhex(head["signature"])), f"树头 {size} 的签名不对")
    require(bool(heads["heads"]) and heads["heads"][-1]["size"] == len(log), "最后一个树头没有包含全部日志")
    return f"日志 {len(log)} 条，次序连续，{len(heads['heads'])} 个签名树头全部相符"


def check_freeze(content: dict[str, Any], leaves: list[dict[str, Any]]) -> str:
    """Check that every event names the frozen round."""
    frozen = tagged("diyuan.round_freeze.v1", canonical(content)).hex()
    require(leaves[0]["frozen"] == frozen, "冻结的内容与哈希不一致")
    for leaf in leaves:
        require(leaf["frozen"] == frozen, "有一条日志不属于这次表决")
    return f"冻结内容的哈希 {frozen[:16]}… 与每条日志相符"


def check_roll(content: dict[str, Any], roll: list[dict[str, Any]]) -> str:
    """Check the roll against the hash published before the opening."""
    leaves = [leaf_hash(canonical(unit | {"tag": "diyuan.roll_unit.v1"})) for unit in roll]
    require(tree_root(leaves).hex() == content["roll"], "名册与投票前公布的哈希不一致")
    return f"名册 {len(roll)} 户，与投票前公布的哈希相符"


def open_ballots(
    content: dict[str, Any], roll: list[dict[str, Any]], casts: list[dict[str, Any]], ballots: dict[str, Any]
) -> dict[str, list[str]]:
    """Open every ballot of the log; return what each unit chose."""
    secret, public_key = bytes.fromhex(ballots["secret"]), bytes.fromhex(content["public_key"])
    require(x25519(secret, (9).to_bytes(32, "little")) == public_key, "启封密钥不是这次表决的密钥")
    sealed = {item["ballot"]: bytes.fromhex(item["sealed"]) for item in ballots["ballots"]}
    require(len(sealed) == len(ballots["ballots"]) == len(casts), "选票张数与日志不一致")
    units, known = {unit["unit"] for unit in roll}, {option["code"] for option in content["options"]}
    choices: dict[str, list[str]] = {}
    for cast in casts:
        body = sealed.get(cast["ballot"], b"")
        require(hashlib.sha256(body).hexdigest() == cast["sealed"], f"选票 {cast['ballot']} 被调换")
        require(cast["unit"] in units, f"选票 {cast['ballot']} 的投票户不在名册里")
        require(cast["unit"] not in choices, f"{cast['unit']} 投了两次")
        bound_to = bytes.fromhex(cast["round"].replace("-", "") + cast["ballot"].replace("-", ""))
        try:
            choice = json.loads(unseal(body, secret, public_key, bound_to))
        except ValueError:
            raise Failed(f"选票 {cast['ballot']} 无法启封") from None
        require(set(choice) <= known and len(set(choice)) == len(choice) > 0, f"选票 {cast['ballot']} 不是有效的选择")
        choices[cast["unit"]] = choice
    return choices


def recount(
    content: dict[str, Any], roll: list[dict[str, Any]], choices: dict[str, list[str]], stored: dict[str, Any]
) -> dict[str, Any]:
    """Count again and decide by the frozen rule with rational numbers; presence is a record of its own and taken as logged."""

    def weigh(units: list[dict[str, Any]]) -> dict[str, int]:
        return {
            "units": len(units),
            "heads": sum(unit["heads"] for unit in units),
            "area_cm2e2": sum(unit["area_cm2e2"] for unit in units),
        }

    counts = []
    for option in content["options"]:
        chosen = [unit for unit in roll if option["code"] in choices.get(unit["unit"], [])]
        counts.append({"code": option["code"], "label": option["label"], **weigh(chosen)})
    leaders = leading(content, counts)
    voted = weigh([unit for unit in roll if unit["unit"] in choices])
    figures: dict[str, dict[str, int]] = {}
    for measure, name in (("heads", "heads"), ("area", "area_cm2e2"), ("households", "units")):
        figures[measure] = {
            "eligible": weigh(roll)[name],
            **dict.fromkeys(("taking_part", "cast", "cast_valid"), voted[name]),
            **({"yes": leaders[0][name]} if len(leaders) == 1 else {}),
        }
    present = stored["figures"].get("households", {}).get("present")
    if present is not None:
        figures["households"]["present"] = present
    tie = {"tied": [count["code"] for count in leaders]} if len(leaders) > 1 else {}
    held = decide(content["rule"]["held_when"], figures)
    decided = not tie and decide(content["rule"]["decided_when"], figures)
    return tie | {
        "winner": None if tie else leaders[0]["code"],
        "is_held": held,
        "is_decided": decided,
        "is_passed": held and decided,
        "counts": counts,
        "figures": figures,
    }


def leading(content: dict[str, Any], counts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the option put to the rule, or every option that leads with the same votes."""
    if content["method"] == "yes_no_abstain":
        return [count for count in counts if count["code"] == "yes"]
    rule = canonical(content["rule"]["decided_when"])
    names = ["units" if b'"households"' in rule else "heads", *(["area_cm2e2"] if b'"area"' in rule else [])]
    votes = {c["code"]: [c[name] for name in names] for c in counts if c["code"] != "abstain"}
    return [c for c in counts if votes.get(c["code"]) == max(votes.values())]


def decide(rule: dict[str, Any], figures: dict[str, dict[str, int]]) -> bool:
    """Decide a rule; an empty or unrecorded whole meets nothing."""
    if "all" in rule:
        return all(decide(part, figures) for part in rule["all"])
    if "any" in rule:
        return any(decide(part, figures) for part in rule["any"])
    counted = figures.get(rule["measure"], {})
    part, whole = counted.get(rule["numerator"]), counted.get(rule["denominator"])
    if part is None or not whole:
        return False
    share, wanted = Fraction(part, whole), Fraction(rule["num"], rule["den"])
    return share > wanted if rule["comparison"] == "gt" else share >= wanted


def report_counts(result: dict[str, Any]) -> list[str]:
    """Return the result in words."""
    lines = [
        f"  {c['label']}：{c['units']} 户，{c['heads']} 人，{c['area_cm2e2'] // 100}.{c['area_cm2e2'] % 100:02d} 平方米"
        for c in result["counts"]
    ]
    verdict = "通过" if result["is_passed"] else ("没有通过" if result["is_held"] else "参与不足，表决无效")
    level = [c["label"] for c in result["counts"] if c["code"] in result.get("tied", []) and c["units"]]
    if level and result["is_held"]:
        verdict = f"平票（{'、'.join(level)}），没有作出决定"
    return [*lines, f"  结论：{verdict}"]


def verify(path: str) -> list[str]:
    """Check an export and return the report; Failed says what is wrong."""
    with zipfile.ZipFile(path) as bundle:
        names = set(bundle.namelist())
        log = [json.loads(line) for line in bundle.read("log.jsonl").decode().splitlines()]
        heads = json.loads(bundle.read("heads.json"))
        roll = json.loads(bundle.read("roll.json")) if "roll.json" in names else None
        ballots = json.loads(bundle.read("ballots.json")) if "ballots.json" in names else None
    report = [check_log(log, heads), f"签名公钥 {heads['public_key']}（应与选票回执上的一致）"]
    leaves = [json.loads(entry["leaf"]) for entry in log]
    kinds = [entry["kind"] for entry in log]
    require(bool(kinds) and kinds[0] == "freeze", "日志不是从冻结开始")
    require(
        kinds.count("freeze") == kinds.count("open") == kinds.count("close") == kinds.count("tally") == 1,
        "日志的经过不完整",
    )
    closed = kinds.index("close")
    require("cast" not in kinds[closed:], "投票结束以后还有选票")
    for kind, leaf in zip(kinds, leaves, strict=True):
        require(leaf["tag"] == f"diyuan.{kind}.v1", "有一条日志的类别不对")
    content = leaves[0]["content"]
    report.append(check_freeze(content, leaves))
    casts = [leaf for kind, leaf in zip(kinds, leaves, strict=True) if kind == "cast"]
    units = [cast["unit"] for cast in casts]
    require(len(set(units)) == len(units), "有一户投了两次")
    require(leaves[closed]["ballots"] == len(casts), "结束时的票数与日志不一致")
    report.append(f"选票 {len(casts)} 张，一户一票")
    tally = leaves[kinds.index("tally")]
    stored = tally["result"]
    require(tagged("diyuan.result.v1", canonical(stored)).hex() == tally["result_hash"], "结果与它的哈希不一致")
    if roll is None or ballots is None:
        report.append("这是公开版核验包：可以核对日志、名册哈希和结果，重新计票要用监督委员会的完整版")
    else:
        report.append(check_roll(content, roll))
        again = recount(content, roll, open_ballots(content, roll, casts, ballots), stored)
        require(again == stored, "重新计票的结果与公布的结果不一致")
        report.append("选票全部启封，重新计票与公布的结果一致")
    return [*report, f"议题：{content['question']}", *report_counts(stored)]


def main(arguments: list[str]) -> int:
    """Check the export named on the command line."""
    if len(arguments) != 1:
        print("用法：python3 verify.py 核验包.zip")
        return 2
    try:
        lines = verify(arguments[0])
    except Failed as problem:
        print(f"× 核验没有通过：{problem}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as problem:
        print(f"× 核验包损坏，读不出来：{type(problem).__name__}")
        return 1
    print("\n".join(["√ 核验通过", *lines]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
