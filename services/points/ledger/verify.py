"""核验程序 Checks an export of the points books, without database or network and with nothing but Python's standard library.

    python3 verify.py 账本.zip [--seal "3F2A 91C0 77DE 04B8"]
    python -m services.points.ledger.verify EXPORT.zip

It recomputes every hash, plays every transfer again, rebuilds every seal, draws up the statements of every sealed period anew from the
lines, and names each row that was altered, in Chinese and English.
With `--seal` it also checks that a seal printed on an old notice is among those of the export. It shares no code with the service on
purpose: two independent ways to one result. Exit code 0: all is well; 1: something was altered; 2: the file cannot be read.
"""

import hashlib
import json
import sys
import zipfile
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any

FORMAT = "diyuan.points.export.v1"
FILES = ("accounts", "transfers", "entries", "seals", "leaves", "periods", "statements")
ASSETS = ("standing", "spendable")
PARTS = ("opening", "added", "taken", "corrected", "closing")
FIGURES = ("households", *(f"{asset}_{part}" for asset in ASSETS for part in PARTS), "claims", "deductions")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
Row = Mapping[str, Any]
Books = Mapping[str, Sequence[Row]]


def said(chinese: str, english: str) -> str:
    """Return a sentence in both languages."""
    return f"{chinese} / {english}"


def micros(moment: str) -> int:
    """Return microseconds since 1970."""
    return (datetime.fromisoformat(moment) - EPOCH) // timedelta(microseconds=1)


def text_of(*fields: object) -> bytes:
    """Return fields as they are hashed; what is missing is a dash."""
    return "|".join("-" if field is None else str(field) for field in fields).encode()


def genesis(account_id: str) -> str:
    """Return the hash before an account's first line."""
    return hashlib.sha256(b"diyuan.points.account\0" + bytes.fromhex(account_id.replace("-", ""))).hexdigest()


def digest_of(transfer: Row) -> str:
    """Return the hash over everything a transfer says."""
    fields = [
        transfer[name]
        for name in ("id", "asset", "kind", "amount", "from", "to", "source", "rule_version", "actor", "reverses")
    ]
    moments = [micros(transfer["event_at"]), micros(transfer["created_at"])]
    return hashlib.sha256(text_of(*fields, *moments, transfer["summary"])).hexdigest()


def line_hash(entry: Row, transfer: Row | None) -> str:
    """Return the hash a line of a live account must have."""
    text = text_of(
        entry["account"],
        entry["version"],
        None if transfer is None else digest_of(transfer),
        entry["hold"],
        entry["amount"],
        entry["available_after"],
        entry["held_after"],
        micros(entry["created_at"]),
    )
    return hashlib.sha256(bytes.fromhex(entry["previous"]) + text).hexdigest()


def check_files(manifest: Row, contents: Mapping[str, bytes]) -> Iterator[str]:
    """Yield which files are not as the manifest says."""
    if manifest.get("format") != FORMAT:
        yield said("不是积分账本的导出文件", "not an export of points books")
    for name in FILES:
        stated = manifest["files"][f"{name}.jsonl"]
        if hashlib.sha256(contents[name]).hexdigest() != stated["sha256"]:
            yield said(f"文件 {name}.jsonl 与清单不符", f"file {name}.jsonl is not as the manifest says")
        elif contents[name].count(b"\n") != stated["rows"]:
            yield said(f"文件 {name}.jsonl 的行数与清单不符", f"file {name}.jsonl has another number of rows")


def check_accounts(books: Books) -> Iterator[str]:
    """Yield the first broken line of every live account, and accounts whose balance is not that of their last line."""
    transfers = {transfer["id"]: transfer for transfer in books["transfers"]}
    lines: dict[str, list[Row]] = defaultdict(list)
    for entry in books["entries"]:
        if entry["version"] is not None:
            lines[entry["account"]].append(entry)
    accounts = {account["id"]: account for account in books["accounts"]}
    for stray in sorted(lines.keys() - accounts.keys()):
        yield said(f"账户 {stray} 有流水，却没有登记", f"account {stray} has lines but is not listed")
    for account_id, account in accounts.items():
        own = sorted(lines[account_id], key=lambda entry: entry["version"])
        if account["kind"] == "system":
            continue
        if (broken := first_break(account_id, own, transfers)) is not None:
            yield said(
                f"账户 {account_id} 的第 {broken} 行被改动、插入或删除（流水编号 {row_id(own, broken)}）",
                f"line {broken} of account {account_id} was altered, inserted or removed (entry {row_id(own, broken)})",
            )
        last = own[-1] if own else {"version": 0, "hash": genesis(account_id), "available_after": 0, "held_after": 0}
        stated = (account["version"], account["head"], account["available"], account["held"])
        if stated != (last["version"], last["hash"], last["available_after"], last["held_after"]):
            yield said(
                f"账户 {account_id} 的余额与最后一行流水不符", f"account {account_id} is not as its last line left it"
            )


def row_id(lines: Sequence[Row], version: int) -> str:
    """Return the id of an account's line."""
    return next((line["id"] for line in lines if line["version"] == version), "-")


def first_break(account_id: str, lines: Sequence[Row], transfers: Mapping[str, Row]) -> int | None:
    """Return the version of the first line that does not follow from the one before, or None."""
    previous, owned = genesis(account_id), 0
    for version, line in enumerate(lines, start=1):
        transfer = transfers.get(line["transfer"]) if line["transfer"] else None
        is_known = transfer is not None or line["transfer"] is None
        owned += line["amount"]
        if (
            line["version"] != version
            or not is_known
            or line["previous"] != previous
            or line["available_after"] + line["held_after"] != owned
            or line["hash"] != line_hash(line, transfer)
        ):
            return version
        previous = line["hash"]
    return None


def check_transfers(books: Books) -> Iterator[str]:
    """Yield transfers whose two lines do not say the same, and those that are undone twice or beyond what they were."""
    sides: dict[str, list[Row]] = defaultdict(list)
    for entry in books["entries"]:
        if entry["transfer"] is not None:
            sides[entry["transfer"]].append(entry)
    assets = {account["id"]: account["asset"] for account in books["accounts"]}
    transfers = {transfer["id"]: transfer for transfer in books["transfers"]}
    for stray in sorted(sides.keys() - transfers.keys()):
        yield said(f"有流水指向不存在的转账 {stray}", f"lines name transfer {stray}, which is missing")
    undone = Counter(transfer["reverses"] for transfer in books["transfers"] if transfer["reverses"])
    for transfer_id, transfer in transfers.items():
        found = sorted((entry["account"], entry["amount"]) for entry in sides[transfer_id])
        wanted = sorted([(transfer["from"], -transfer["amount"]), (transfer["to"], transfer["amount"])])
        is_one_asset = {assets.get(transfer["from"]), assets.get(transfer["to"])} == {transfer["asset"]}
        if found != wanted or transfer["amount"] <= 0 or not is_one_asset:
            yield said(f"转账 {transfer_id} 与它的流水不符", f"transfer {transfer_id} and its lines disagree")
        if undone[transfer_id] > 1:
            yield said(f"转账 {transfer_id} 被冲正了不止一次", f"transfer {transfer_id} is reversed more than once")
        original = transfers.get(transfer["reverses"]) if transfer["reverses"] else None
        if transfer["reverses"] and (
            original is None
            or (original["from"], original["to"], original["amount"])
            != (transfer["to"], transfer["from"], transfer["amount"])
        ):
            yield said(f"冲正 {transfer_id} 与原转账不符", f"reversal {transfer_id} does not undo what it names")


def check_replay(books: Books) -> Iterator[str]:
    """Yield accounts that come to another balance when every transfer is played again from nothing."""
    balance: Counter[str] = Counter()
    for transfer in books["transfers"]:
        balance[transfer["from"]] -= transfer["amount"]
        balance[transfer["to"]] += transfer["amount"]
    for account in books["accounts"]:
        if account["kind"] != "system" and account["available"] + account["held"] != balance[account["id"]]:
            yield said(
                f"账户 {account['id']} 按转账重算应为 {balance[account['id']]}",
                f"account {account['id']} replays to {balance[account['id']]}",
            )


def leaf_hash(leaf: Row) -> bytes:
    """Return an account's leaf in a seal."""
    account_id = bytes.fromhex(leaf["account"].replace("-", ""))
    return hashlib.sha256(
        b"\0" + account_id + leaf["version"].to_bytes(8, "big") + bytes.fromhex(leaf["head"])
    ).digest()


def tree_root(level: list[bytes]) -> bytes:
    """Return the Merkle root: pair up level by level, an odd one moves up as it is."""
    if not level:
        return hashlib.sha256(b"").digest()
    while len(level) > 1:
        odd = level[-1:] if len(level) % 2 else []
        pairs = zip(level[::2], level[1::2], strict=False)
        level = [hashlib.sha256(b"\1" + a + b).digest() for a, b in pairs] + odd
    return level[0]


def seal_hash(community: str, seal: Row) -> str:
    """Return the hash of a seal's canonical text."""
    content = {name: seal[name] for name in ("number", "made_at", "accounts", "root", "totals", "previous")}
    text = json.dumps(
        content | {"tag": "diyuan.points.seal.v1", "community": community},
        ensure_ascii=False,
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode()).hexdigest()


def check_seals(community: str, books: Books) -> Iterator[str]:
    """Yield seals that do not follow from the one before, from the accounts they cover, or from their totals."""
    heads = {(e["account"], e["version"]): e for e in books["entries"] if e["version"] is not None}
    accounts = {account["id"]: account for account in books["accounts"]}
    leaves: dict[int, list[Row]] = defaultdict(list)
    for leaf in books["leaves"]:
        leaves[leaf["number"]].append(leaf)
    standing: dict[str, Row] = {}
    previous = "00" * 32
    for number, seal in enumerate(sorted(books["seals"], key=lambda seal: seal["number"]), start=1):
        name = (f"第 {seal['number']} 号封签", f"seal {seal['number']}")
        if seal["number"] != number or seal["previous"] != previous:
            yield said(f"{name[0]}与前一个封签不相接", f"{name[1]} does not follow the one before")
        if seal_hash(community, seal) != seal["hash"]:
            yield said(f"{name[0]}的内容被改动", f"{name[1]} was altered")
        for leaf in leaves[seal["number"]]:
            entry = heads.get((leaf["account"], leaf["version"]))
            if entry is None or (entry["hash"], entry["available_after"] + entry["held_after"]) != (
                leaf["head"],
                leaf["amount"],
            ):
                yield said(
                    f"{name[0]}里账户 {leaf['account']} 的第 {leaf['version']} 行与账上不同",
                    f"line {leaf['version']} of account {leaf['account']} is not the one that {name[1]} covers",
                )
            standing[leaf["account"]] = leaf
        if (
            tree_root([leaf_hash(standing[key]) for key in sorted(standing)]).hex() != seal["root"]
            or len(standing) != seal["accounts"]
        ):
            yield said(f"{name[0]}的根与各账户不符", f"the root of {name[1]} is not that of its accounts")
        totals: Counter[tuple[str, str]] = Counter()
        for key, leaf in standing.items():
            account = accounts.get(key, {"asset": "?", "kind": "?"})
            totals[account["asset"], account["kind"]] += leaf["amount"]
        wrong = [key for key in totals if seal["totals"].get(key[0], {}).get(key[1]) != totals[key]]
        if wrong or any(sum(owners.values()) != 0 for owners in seal["totals"].values()):
            yield said(f"{name[0]}的合计不平", f"the totals of {name[1]} do not balance")
        previous = seal["hash"]


def statement_root(period: Row, previous_root: str | None, lines: Sequence[Row]) -> str:
    """Return the hash over the statements of a period, as it is published."""
    ordered = sorted(lines, key=lambda line: (line["level"], line["subject"]))
    texts = [text_of(line["level"], line["subject"], *(line[name] for name in FIGURES)) for line in ordered]
    return hashlib.sha256(text_of(period["id"], previous_root) + b"\n" + b"\n".join(texts)).hexdigest()


def moved_in(periods: Sequence[Row], books: Books) -> list[dict[str, Counter[str]]]:
    """Return what every household earned and lost in each period, from the lines of its accounts; what was before the first is its opening."""
    owners = {account["id"]: account["owner"] for account in books["accounts"] if account["kind"] == "household"}
    transfers = {transfer["id"]: transfer for transfer in books["transfers"]}
    begins = [micros(period["begins_at"]) for period in periods]
    found: list[dict[str, Counter[str]]] = [defaultdict(Counter) for _ in periods]
    for entry in books["entries"] if periods else ():
        transfer = transfers.get(entry["transfer"])
        if entry["account"] not in owners or transfer is None or transfer["asset"] not in ASSETS:
            continue
        at, amount = micros(transfer["event_at"]), entry["amount"]
        which = max(bisect_right(begins, at) - 1, 0)
        if at >= micros(periods[which]["ends_at"]):
            continue
        is_here = at >= begins[which] and transfer["kind"] != "opening"
        undone = transfers.get(transfer["reverses"])
        if not is_here:
            part = "opening"
        elif undone is not None and micros(undone["event_at"]) < begins[which]:
            part = "corrected"
        else:
            part = "added" if amount > 0 else "taken"
        total = found[which][owners[entry["account"]]]
        total[f"{transfer['asset']}_{part}"] += -amount if part == "taken" else amount
        total[f"{transfer['asset']}_closing"] += amount
        if is_here and transfer["asset"] == "standing":
            total["claims"] += transfer["kind"] == "claim" and amount > 0
            total["deductions"] += transfer["kind"] == "deduction" and amount < 0
    return found


def check_statements(name: tuple[str, str], lines: Sequence[Row], moved: Mapping[str, Counter[str]]) -> Iterator[str]:
    """Yield statements that are not what the lines of the households come to, or not the sum of their households."""
    homes = {line["subject"]: line for line in lines if line["level"] == "household"}
    for subject in sorted(homes.keys() | {subject for subject, total in moved.items() if any(total.values())}):
        line = homes.get(subject)
        if line is None or any(line[figure] != moved[subject][figure] for figure in FIGURES if figure != "households"):
            yield said(f"{name[0]}里住户 {subject} 的结算单与流水不符", f"statement of {subject} in {name[1]} is wrong")
    for line in (line for line in lines if line["level"] != "household"):
        level, subject = line["level"], line["subject"]
        own = [home for home in homes.values() if level == "community" or home.get(level) == subject]
        if any(line[figure] != sum(home[figure] for home in own) for figure in FIGURES):
            yield said(
                f"{name[0]}里 {level} {subject} 的合计与各户不符", f"total of {level} {subject} in {name[1]} is wrong"
            )


def check_periods(books: Books) -> Iterator[str]:
    """Yield sealed periods whose statements or published hash do not follow from the lines and the period before."""
    periods = sorted(books["periods"], key=lambda period: period["number"])
    lines: dict[str, list[Row]] = defaultdict(list)
    for line in books["statements"]:
        lines[line["period"]].append(line)
    seals = {seal["number"]: seal["root"] for seal in books["seals"]}
    before, previous_root = None, None
    closing: dict[str, Row] = {}
    for number, (period, moved) in enumerate(zip(periods, moved_in(periods, books), strict=True), start=1):
        name = (f"第 {period['number']} 轮“{period['name']}”", f"period {period['number']}")
        own = lines.pop(period["id"], [])
        if (period["number"], period["previous"]) != (number, before):
            yield said(f"{name[0]}与前一轮不相接", f"{name[1]} does not follow the one before")
        if {period["root"], period["edition_root"]} != {statement_root(period, previous_root, own)}:
            yield said(f"{name[0]}的校验码与结算单不符", f"the hash of {name[1]} is not that of its statements")
        if period["seal"] is not None and seals.get(period["seal"]) != period["seal_root"]:
            yield said(f"{name[0]}记的封签与账上不同", f"the seal that {name[1]} names is another")
        for subject, line in closing.items():
            for asset, part in product(ASSETS, ("opening", "closing")):
                moved[subject][f"{asset}_{part}"] += line[f"{asset}_closing"]
        yield from check_statements(name, own, moved)
        closing = {line["subject"]: line for line in own if line["level"] == "household"}
        before, previous_root = period["id"], period["root"]
    for stray in sorted(lines):
        yield said(f"有结算单指向不存在的一轮 {stray}", f"statements name period {stray}, which is missing")


def code_of(seal: Row) -> str:
    """Return a seal's short form, as notices print it."""
    text = seal["hash"][:16].upper()
    return " ".join(text[i : i + 4] for i in range(0, 16, 4))


def check_notice(code: str | None, books: Books) -> Iterator[str]:
    """Yield a complaint when no seal has the code printed on a notice."""
    wanted = (code or "").replace(" ", "").upper()
    if code is not None and wanted not in {code_of(seal).replace(" ", "") for seal in books["seals"]}:
        yield said(f"没有一个封签是公告上的 {code}", f"no seal is the one of the notice, {code}")


def verify(manifest: Row, contents: Mapping[str, bytes], code: str | None = None) -> tuple[list[str], list[str]]:
    """Return what is wrong and what was found, both in words."""
    problems = list(check_files(manifest, contents))
    books = {name: [json.loads(line) for line in contents[name].decode().splitlines()] for name in FILES}
    problems += [*check_accounts(books), *check_transfers(books), *check_replay(books)]
    problems += [*check_seals(manifest["community"], books), *check_periods(books), *check_notice(code, books)]
    counts = {name: len(rows) for name, rows in books.items()}
    report = [
        said(
            "{accounts} 个账户、{transfers} 笔转账、{entries} 行流水，{seals} 个封签，{periods} 轮封账的结算单",
            "{accounts} accounts, {transfers} transfers, {entries} lines, {seals} seals, statements of {periods} periods",
        ).format(**counts)
    ]
    for one in sorted(books["periods"], key=lambda period: period["number"]):
        stated = said(f"第 {one['number']} 轮的校验码，请与公示的核对", f"period {one['number']}, as published")
        report.append(f"{stated}: {one['root']}")
    if books["seals"]:
        last = max(books["seals"], key=lambda seal: seal["number"])
        report.append(
            said(
                f"最后的封签是第 {last['number']} 号：{code_of(last)}，请与公告上的核对",
                f"the last seal is number {last['number']}: {code_of(last)}; compare it with the notice",
            )
        )
    return problems, report


def main(arguments: list[str]) -> int:
    """Check the export named on the command line."""
    is_asked = len(arguments) == 3 and arguments[1] == "--seal"
    if len(arguments) != 1 and not is_asked:
        print("用法 / usage: python3 verify.py 账本.zip [--seal CODE]")
        return 2
    try:
        with zipfile.ZipFile(arguments[0]) as bundle:
            manifest = json.loads(bundle.read("manifest.json"))
            contents = {name: bundle.read(f"{name}.jsonl") for name in FILES}
        problems, report = verify(manifest, contents, arguments[2] if is_asked else None)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, zipfile.BadZipFile) as problem:
        print(f"× 读不出来 / cannot be read: {type(problem).__name__}")
        return 2
    print("\n".join(report))
    if problems:
        print("\n".join(["× 核验没有通过 / NOT verified", *(f"  - {problem}" for problem in problems[:50])]))
        return 1
    print("√ 核验通过，一分不多，一分不少 / verified: not one point too many or too few")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
