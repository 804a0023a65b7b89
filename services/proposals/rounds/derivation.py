"""The derivation in Chinese: a table of need, have and met that a neighbour can check with a pencil."""

from typing import Any

from services.proposals.rounds.quorum import Branch, Comparison, Derivation, Measure, Quantity, Row, Tie

_WHO = {
    Measure.HEADS: "人数",
    Measure.AREA: "专有部分面积",
    Measure.HOUSEHOLDS: "户数",
    Measure.MEMBERS: "人数",
}
_UNIT = {Measure.HEADS: "人", Measure.HOUSEHOLDS: "户", Measure.MEMBERS: "人"}
_PART = {
    Quantity.PRESENT: "到会",
    Quantity.TAKING_PART: "参与表决",
    Quantity.CAST: "投票",
    Quantity.YES: "同意",
}
_WHOLE = {
    Quantity.ELIGIBLE: "应到（全体）",
    Quantity.PRESENT: "到会",
    Quantity.TAKING_PART: "参与表决",
    Quantity.CAST_VALID: "有效票",
}
_SHARES = {
    (1, 2): "半数",
    (2, 3): "三分之二",
    (3, 4): "四分之三",
    (1, 3): "三分之一",
    (4, 5): "五分之四",
    (1, 1): "全部",
}


def quantity_text(measure: Measure, value: int | None) -> str:
    """Write a figure with its unit; an area of 3333334 is 33,333.34 平方米."""
    if value is None:
        return "未登记"
    if measure is Measure.AREA:
        return f"{value // 100:,}.{value % 100:02d} 平方米"
    return f"{value:,} {_UNIT[measure]}"


def share_text(row: Row) -> str:
    """Write the share asked for: 过半数, 三分之二以上, or the fraction when it has no everyday name."""
    name = _SHARES.get((row.ratio.num, row.ratio.den), str(row.ratio))
    return f"超过{name}" if row.comparison is Comparison.GT else f"{name}以上"


def condition_text(row: Row) -> str:
    """Write the condition as a sentence: 到会户数占应到（全体）的三分之二以上."""
    return f"{_PART[row.numerator]}{_WHO[row.measure]}占{_WHOLE[row.denominator]}的{share_text(row)}"


def working_text(row: Row) -> str:
    """Show the cross-multiplication that decided the line."""
    if row.whole is None or row.have is None:
        return "没有登记这个数，按没有达到处理"
    if row.whole == 0:
        return "总数为 0，按没有达到处理"
    sign = ">" if row.comparison is Comparison.GT else "≥"
    left, right = row.have * row.ratio.den, row.ratio.num * row.whole
    verdict = "成立" if row.is_met else "不成立"
    return f"{row.have}×{row.ratio.den}={left} {sign} {row.ratio.num}×{row.whole}={right} {verdict}"


def derivation_rows(derivation: Derivation) -> list[dict[str, Any]]:
    """Return the table as JSON rows: `condition, whole, need, have, working, is_met, depth`."""
    return [_row(line) for line in derivation.lines]


def tie_text(tie: Tie) -> str:
    """Say who is level with how many votes: 亭子、停车位并列，各得 2 户."""
    votes = quantity_text(tie.measure, tie.votes)
    if tie.area_cm2e2 is not None:
        votes += f"、{quantity_text(Measure.AREA, tie.area_cm2e2)}"
    return f"{'、'.join(tie.leaders)}并列，各得 {votes}"


def _row(line: Row | Branch | Tie) -> dict[str, Any]:
    if isinstance(line, Tie):
        return {
            "condition": "得票最多的选项只有一个",
            "whole": f"{line.options} 个选项",
            "need": "1 个",
            "have": f"{len(line.leaders)} 个",
            "working": tie_text(line),
            "is_met": line.is_met,
            "depth": line.depth,
        }
    if isinstance(line, Branch):
        heading = "下列条件须全部达到" if line.kind == "all" else "下列条件达到一个即可"
        return {"condition": heading, "group": line.kind, "is_met": line.is_met, "depth": line.depth}
    return {
        "condition": condition_text(line),
        "whole": quantity_text(line.measure, line.whole),
        "need": "—" if line.need is None else quantity_text(line.measure, line.need),
        "have": quantity_text(line.measure, line.have),
        "working": working_text(line),
        "is_met": line.is_met,
        "depth": line.depth,
    }


def print_derivation(title: str, derivation: Derivation) -> str:
    """Print the whole table as text, one line per condition, indented by group."""
    lines = [f"{title}：{'达到' if derivation.is_met else '没有达到'}"]
    for row in derivation_rows(derivation):
        indent = "　" * (row["depth"] + 1)
        mark = "√" if row["is_met"] else "×"
        if "group" in row:
            lines.append(f"{indent}{mark} {row['condition']}")
        else:
            facts = f"基数 {row['whole']}，需要 {row['need']}，实际 {row['have']}（{row['working']}）"
            lines.append(f"{indent}{mark} {row['condition']}：{facts}")
    return "\n".join(lines)
