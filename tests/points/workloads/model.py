"""The ledger and the store as a neighbour would explain them: plain Python, no database, no hurry.

Points lie in lots by the moment they expire; what leaves, leaves from what expires first; what is undone goes back where it came from.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

Lots = Counter[datetime | None]
"""Points by the moment they expire; None never does."""


@dataclass
class House:
    """What one household has."""

    standing: int = 100
    debt: int = 0
    lots: Lots = field(default_factory=lambda: Counter({None: 100}))

    @property
    def available(self) -> int:
        """All that is not set aside, also what is past its time."""
        return self.lots.total()

    def usable(self, now: datetime) -> int:
        """What could be spent now."""
        return sum(amount for moment, amount in self.lots.items() if moment is None or moment > now)

    def take(self, amount: int, now: datetime) -> Lots:
        """Take points, those that expire first before others."""
        taken: Lots = Counter()
        for moment in [*sorted(m for m in self.lots if m is not None and m > now), None]:
            taken[moment] = min(self.lots[moment], amount - taken.total())
        assert taken.total() == amount
        self.lots -= taken
        return +taken

    def lend(self, amount: int) -> None:
        """Write up what is missing."""
        self.debt += amount
        self.lots[None] += amount

    def repay(self, amount: int, now: datetime) -> None:
        """Let what came in pay what is owed."""
        repaid = min(amount, self.debt, self.usable(now))
        self.take(repaid, now)
        self.debt -= repaid


@dataclass
class Hold:
    """Points set aside, for goods when there is a quantity."""

    house: UUID
    taken: Lots
    expires_at: datetime
    quantity: int = 0


@dataclass
class Moved:
    """A transfer that can be undone: what it brought and when that expires, or what it took."""

    house: UUID
    amount: int
    brought: datetime | None = None
    taken: Lots | None = None
    is_standing: bool = False


@dataclass
class Model:
    """One community."""

    stock: int
    price: int
    houses: dict[UUID, House] = field(default_factory=dict)
    holds: dict[UUID, Hold] = field(default_factory=dict)
    moved: dict[UUID, Moved] = field(default_factory=dict)
    spent: int = 0

    def held(self, house: UUID) -> int:
        """What a household has set aside."""
        return sum(hold.taken.total() for hold in self.holds.values() if hold.house == house)

    @property
    def reserved(self) -> int:
        """Goods set aside."""
        return sum(hold.quantity for hold in self.holds.values())

    def earn(self, house: UUID, transfer: UUID, amount: int, expires_at: datetime, now: datetime) -> None:
        """Give points that expire."""
        self.houses[house].lots[expires_at] += amount
        self.moved[transfer] = Moved(house, amount, brought=expires_at)
        self.houses[house].repay(amount, now)

    def deduct(self, house: UUID, amount: int, now: datetime) -> tuple[int, Lots]:
        """Take points whether they are there or not; return what was lent and which were taken."""
        owner = self.houses[house]
        lent = max(amount - owner.usable(now), 0)
        owner.lend(lent)
        owner.standing -= amount
        return lent, owner.take(amount, now)

    def note(self, standing: UUID, spendable: UUID, house: UUID, amount: int, taken: Lots) -> None:
        """Remember a deduction's two transfers, so that they can be undone."""
        self.moved[standing] = Moved(house, amount, is_standing=True)
        self.moved[spendable] = Moved(house, amount, taken=taken)

    def hold(self, house: UUID, hold: UUID, amount: int, expires_at: datetime, now: datetime) -> bool:
        """Set points aside; False when there are not enough."""
        if self.houses[house].usable(now) < amount:
            return False
        self.holds[hold] = Hold(house, self.houses[house].take(amount, now), expires_at)
        return True

    def release(self, hold: UUID) -> None:
        """Give back what was set aside."""
        ended = self.holds.pop(hold)
        self.houses[ended.house].lots += ended.taken
        self.stock += ended.quantity

    def capture(self, hold: UUID, transfer: UUID | None) -> None:
        """Spend what was set aside."""
        ended = self.holds.pop(hold)
        self.spent += ended.taken.total()
        if transfer is not None:
            self.moved[transfer] = Moved(ended.house, ended.taken.total(), taken=ended.taken)

    def reverse(self, transfer: UUID, now: datetime) -> None:
        """Undo a transfer."""
        undone = self.moved.pop(transfer)
        owner = self.houses[undone.house]
        if undone.is_standing:
            owner.standing += undone.amount
        elif undone.taken is not None:
            owner.lots += undone.taken
            owner.repay(undone.amount, now)
        else:
            own = min(owner.lots[undone.brought], undone.amount)
            is_past = undone.brought is not None and undone.brought <= now
            others = owner.usable(now) - (0 if is_past else owner.lots[undone.brought])
            owner.lend(max(undone.amount - own - others, 0))
            owner.lots[undone.brought] -= own
            owner.take(undone.amount - own, now)

    def redeem(self, house: UUID, hold: UUID, quantity: int, expires_at: datetime, now: datetime) -> str:
        """Set points and goods aside; return "ok" or why not. What nobody came for counts as given back once points are short."""
        cost = self.price * quantity
        if self.houses[house].available < cost:
            # A refusal changes nothing, not even this; the points are counted as if it had.
            stale = [h for h, s in self.holds.items() if s.house == house and s.quantity and s.expires_at <= now]
            back = sum(n for h in stale for moment, n in self.holds[h].taken.items() if moment is None or moment > now)
            goods = sum(self.holds[h].quantity for h in stale)
            if self.houses[house].usable(now) + back < cost:
                return "insufficient_balance"
            if self.stock + goods < quantity:
                return "sold_out"
            for h in stale:
                self.release(h)
        if self.houses[house].usable(now) < cost:
            return "insufficient_balance"
        if self.stock < quantity:
            return "sold_out"
        self.stock -= quantity
        self.holds[hold] = Hold(house, self.houses[house].take(cost, now), expires_at, quantity)
        return "ok"
