"""Lists for devices without network, and what they bring back."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from services.points.histories.domain import Span
from services.points.offline_pickups import repository
from services.points.offline_pickups.domain import (
    COUNTER,
    HandOver,
    OfflinePolicy,
    Outcome,
    Use,
    Verdict,
    check_settling,
    is_used_at_counter,
    reconcile,
    remark,
    require_size,
)
from services.points.offline_pickups.errors import OfflineListInvalidError
from services.points.offline_pickups.models import OfflineList, OfflinePickup
from services.points.offline_pickups.signed_list import digest_of, is_ticket
from services.points.redemptions import usecases as redemptions
from services.points.redemptions.domain import Pickup, Redemption
from services.points.steps import usecases as steps
from services.points.steps.domain import Step
from shared.kernel.principal import Principal, Role
from shared.pagination import PageRequest, Slice
from shared.uow import UnitOfWork

SETTLERS = (Role.STOREKEEPER, Role.SUPERVISOR, Role.COMMUNITY_ADMIN)
"""Who looks at what devices told that does not fit."""

EXPLANATIONS = {
    Outcome.APPLIED: "",
    Outcome.USED_TWICE: "这个取货码在{device}已经用过（{moment}），又在{this}用了一次（{this_moment}），请核实是谁领走的。",
    Outcome.CODE_WRONG: "上传的取货码和这次兑换对不上。",
    Outcome.ALREADY_ENDED: "这次兑换此前已经取消或过期，积分已退回居民；如果货已发出，请补办。",
    Outcome.OWN_COUNTER: "管理员不能核销自己家的兑换，请另一位管理员补办。",
    Outcome.OUTSIDE_LIST: "这次兑换不在这份离线名单里。",
}


@dataclass(frozen=True, slots=True)
class IssuedList:
    """A list for a device: each redemption with what its code is compared to."""

    row: OfflineList
    items: list[tuple[Redemption, str]]


async def issue_list(
    *, uow: UnitOfWork, principal: Principal, device: str, salt: bytes, policy: OfflinePolicy
) -> IssuedList:
    """Give a device what it needs to check codes without network.

    Errors: ForbiddenError.
    """
    principal.require(Role.STOREKEEPER)
    waiting = await redemptions.list_open(uow=uow, principal=principal, limit=policy.most_items)
    row = OfflineList(
        community_id=uow.community_id,
        id=uow.new_id(),
        device=device,
        account_id=principal.account_id,
        salt=salt,
        item_count=len(waiting),
        issued_at=uow.now,
        valid_until=uow.now + policy.valid_for,
    )
    await repository.add_list(uow.session, row)
    return IssuedList(row, [(one, digest_of(salt, one.id, one.pickup_code)) for one in waiting])


async def reconcile_upload(
    *,
    uow: UnitOfWork,
    principal: Principal,
    list_id: UUID,
    device: str,
    ticket: str,
    key: bytes,
    hand_overs: Sequence[HandOver],
    policy: OfflinePolicy,
) -> Sequence[OfflinePickup]:
    """Apply what a device handed over, each code once; what does not fit is kept as a conflict for a person.

    Locks/IO: the redemptions' rows, lowest id first; then accounts by household; stock buckets last.
    Errors: ForbiddenError; OfflineListInvalidError; UploadTooLargeError.
    Idempotency: a hand-over told twice by the same list is answered as the first time.
    """
    principal.require(Role.STOREKEEPER)
    require_size(hand_overs, policy.most_hand_overs)
    issued = await repository.get_list(uow.session, list_id)
    if issued.device != device or not is_ticket(key, list_id, device, ticket):
        raise OfflineListInvalidError
    ids = sorted({hand_over.redemption_id for hand_over in hand_overs})
    locked = await redemptions.lock_redemptions(uow=uow, redemption_ids=ids)
    told = await repository.list_told(uow.session, list_id)
    new = {(h.redemption_id, h.handed_over_at): h for h in hand_overs}
    uses = await repository.find_uses(uow.session, ids)
    for redemption in locked.values():
        if is_used_at_counter(redemption) and redemption.ended_at is not None:
            uses.setdefault(redemption.id, Use(COUNTER, redemption.ended_at))
    verdicts = reconcile(
        [hand_over for one, hand_over in new.items() if one not in told],
        locked,
        uses,
        device=device,
        issued_at=issued.issued_at,
        own_household_id=principal.household_id,
    )
    rows = [_row(uow, issued, principal, verdict) for verdict in verdicts]
    await redemptions.hand_over(
        uow=uow,
        actor=principal.account_id,
        pickups=[
            Pickup(
                locked[one.hand_over.redemption_id],
                one.hand_over.proxy_name,
                remark(issued.device, one.hand_over),
            )
            for one in verdicts
            if one.outcome is Outcome.APPLIED
        ],
    )
    await repository.add_pickups(uow.session, rows)
    return [*rows, *(told[one] for one in new if one in told)]


def _row(uow: UnitOfWork, issued: OfflineList, principal: Principal, verdict: Verdict) -> OfflinePickup:
    hand_over, other = verdict.hand_over, verdict.other
    explanation = EXPLANATIONS[verdict.outcome]
    if other is not None:
        explanation = explanation.format(
            device=other.device,
            moment=other.handed_over_at.isoformat(timespec="minutes"),
            this=issued.device,
            this_moment=hand_over.handed_over_at.isoformat(timespec="minutes"),
        )
    return OfflinePickup(
        community_id=uow.community_id,
        id=uow.new_id(),
        list_id=issued.id,
        device=issued.device,
        redemption_id=hand_over.redemption_id,
        handed_over_at=hand_over.handed_over_at,
        proxy_name=hand_over.proxy_name,
        outcome=verdict.outcome,
        explanation=explanation,
        other_device=None if other is None else other.device,
        other_handed_over_at=None if other is None else other.handed_over_at,
        account_id=principal.account_id,
        uploaded_at=uow.now,
    )


async def list_conflicts(
    *, uow: UnitOfWork, principal: Principal, page: PageRequest, is_settled: bool | None, span: Span
) -> Slice[tuple[OfflinePickup, Step | None]]:
    """Return hand-overs that could not be applied, newest first, each with how it was settled.

    Errors: ForbiddenError.
    """
    principal.require(*SETTLERS)
    rows = await repository.list_conflicts(uow.session, page, is_settled=is_settled, span=span)
    ends = await steps.find_last_steps(uow=uow, subject_ids=[row.id for row in rows.rows], actions=[repository.SETTLE])
    return rows.map(lambda row: (row, ends.get(row.id)))


async def settle_conflict(
    *, uow: UnitOfWork, principal: Principal, pickup_id: UUID, reason: str
) -> tuple[OfflinePickup, Step | None]:
    """Write down how a person settled a hand-over that could not be applied; whoever uploaded it is not that person.

    Locks/IO: the redemption's row, so that two who settle come one after the other.
    Errors: ForbiddenError, OfflineConflictNotFoundError, OwnUploadError, OfflineConflictSettledError.
    """
    principal.require(*SETTLERS)
    row = await repository.get_conflict(uow.session, pickup_id)
    await redemptions.lock_redemptions(uow=uow, redemption_ids=[row.redemption_id])
    found = await steps.find_last_steps(uow=uow, subject_ids=[row.id], actions=[repository.SETTLE])
    check_settling(is_settled=bool(found), is_own_upload=row.account_id == principal.account_id)
    await steps.record_step(
        uow=uow,
        subject_id=row.id,
        action=repository.SETTLE,
        state="settled",
        account_id=principal.account_id,
        reason=reason,
    )
    found = await steps.find_last_steps(uow=uow, subject_ids=[row.id], actions=[repository.SETTLE])
    return row, found.get(row.id)
