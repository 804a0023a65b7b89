"""Facts of other services, as their outboxes would tell them."""

from datetime import UTC, date, datetime
from uuid import UUID

from shared.contracts import events as facts
from shared.ids import new_id
from shared.kernel.principal import Principal

LATER = datetime(2026, 5, 14, 10, tzinfo=UTC)


def bound(principal: Principal, openid: str | None = None) -> facts.AccountBound:
    return facts.AccountBound(
        account_id=principal.account_id,
        kind=principal.kind.value,
        resident_id=principal.resident_id,
        household_id=principal.household_id,
        name=principal.name,
        wechat_openid=openid,
    )


def granted(principal: Principal, role: str, scope_kind: str = "community", scope_id: str = "") -> facts.RoleGranted:
    return facts.RoleGranted(
        account_id=principal.account_id,
        role=role,
        scope_kind=scope_kind,
        scope_id=scope_id or str(principal.community_id),
        from_on=date(2026, 1, 1),
        until_on=None,
    )


def registered(household_id: UUID, grid_id: UUID, building_id: UUID) -> facts.HouseholdRegistered:
    return facts.HouseholdRegistered(
        household_id=household_id,
        household_number="3-2-502",
        grid_id=grid_id,
        grid_name="第三网格",
        building_id=building_id,
        building_name="3栋",
        householder_name="王**",
        area_cm2e2=8_500,
        resident_count=3,
    )


def posted(household_id: UUID, claim_id: UUID | None = None, points: int = 5) -> facts.ClaimPosted:
    return facts.ClaimPosted(
        claim_id=claim_id or new_id(),
        household_id=household_id,
        item_code="patrol",
        item_name="义务巡逻",
        points=points,
        posted_at=LATER,
    )


def round_opened(scope_kind: str = "community", scope_id: UUID | None = None) -> facts.RoundOpened:
    return facts.RoundOpened(
        round_id=new_id(),
        proposal_id=new_id(),
        question="是否同意给 3 栋加装电梯",
        scope_kind=scope_kind,
        scope_id=scope_id,
        scope_name="3栋",
        closes_at=LATER,
    )


def moved(household_id: UUID, action: str, worker: UUID | None = None, attempt: int = 1) -> facts.TicketMoved:
    return facts.TicketMoved(
        ticket_id=new_id(),
        number="WX20260511-001",
        action=action,
        state="taken",
        attempt=attempt,
        household_id=household_id,
        resident_id=new_id(),
        reporter_account_id=None,
        worker_id=worker,
        worker_account_id=worker,
        worker_name="张**",
        department="engineering",
        priority="normal",
    )
