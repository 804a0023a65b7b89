"""The invariants of points as sentences; the statements that look for a breach stand in the repository under the same codes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final

from shared.kernel.clock import CHINA

NIGHT: Final = time(2)
"""When the books are audited every night, in China: the day's seal is made, and hardly anybody is awake."""


class Invariant(StrEnum):
    """What must always hold. Source: points.md §5, with the same numbers; I17 is the same promise for the money behind the goods."""

    I1 = "每笔积分有出有入，合计为零。"
    I2 = "每个账户的可用加预留，等于流水合计。"
    I3 = "预留的积分等于未结束的预留之和；评议分以外的余额不为负，欠分不为正。"
    I4 = "可用的兑换分等于各批积分的剩余之和。"
    I5 = "每批积分的使用不超过原额，退回的回到原批。"
    I6 = "没有过期很久还未处理的预留。"
    I7 = "每笔积分最多冲正一次，不超过原额。"
    I8 = "每批商品：入库等于在架、预留、售出与损耗之和。"
    I9 = "兑换的状态与积分预留、库存一致。"
    I10 = "每个请求编号只有一个结果。"
    I11 = "限兑用量等于仍有效的兑换之和。"
    I12 = "流水编号连续，前后校验码相扣。"
    I13 = "已封账的轮次，合计不再变动。"
    I14 = "发放的积分不超过预算；封签公布的余额与账上一致。"
    I15 = "不评自家的申报，不给自家发货，经办人不审自己录的（账号是哪一户的，只能从它办过的事看出来）。"
    I16 = "每笔入账的申报都公示期满。"
    I17 = "资金有收有支、合计为零，从不透支；用资金买进的货，账和货对得上；发放额度都有收进的资金支撑。"


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where an invariant does not hold."""

    invariant: Invariant
    subject: str
    found: str

    @property
    def code(self) -> str:
        """Return the invariant's number, `I1`."""
        return self.invariant.name

    @property
    def meaning(self) -> str:
        """Return what must hold, in words."""
        return self.invariant.value


@dataclass(frozen=True, slots=True)
class NightlyAudit:
    """What a night's audit found."""

    audited_at: datetime
    breaches: Sequence[Breach]

    @property
    def is_clean(self) -> bool:
        """Whether every invariant held."""
        return not self.breaches


@dataclass(frozen=True, slots=True)
class CleanNight:
    """A night in which all of the books were read and found clean, and the last seal it read."""

    audited_at: datetime
    seal_number: int


@dataclass(frozen=True, slots=True)
class Audit:
    """What was found while somebody waited, and which invariants were asked only of what came after the last clean night."""

    breaches: Sequence[Breach]
    asked_in_part: frozenset[Invariant]

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.breaches


def next_due_at(now: datetime) -> datetime:
    """Return when the next nightly audit is due, strictly after now."""
    here = now.astimezone(CHINA)
    tonight = datetime.combine(here.date(), NIGHT, CHINA)
    return tonight if here < tonight else tonight + timedelta(days=1)
