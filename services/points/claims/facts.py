"""What is told of a claim, as facts for others."""

from datetime import datetime, timedelta

from services.points.claims.domain import Claim, State
from shared.contracts.events import ClaimDecided, ClaimPosted, ClaimReversed, ClaimSubmitted


def submitted(claim: Claim, now: datetime) -> ClaimSubmitted:
    """Return the fact that a claim waits for who looks whether it happened."""
    return ClaimSubmitted(
        claim_id=claim.id,
        household_id=claim.household_id,
        grid_id=claim.grid_id,
        building_id=claim.building_id,
        item_name=claim.item_name,
        group=claim.group.value,
        points=claim.points,
        verifier=claim.verifier.value,
        is_on_behalf=claim.is_on_behalf,
        submitted_at=now,
    )


def decided(
    claim: Claim, state: State, reason: str, now: datetime, notice_ends_at: datetime | None = None
) -> ClaimDecided:
    """Return the fact that a claim moved on before posting."""
    return ClaimDecided(
        claim_id=claim.id,
        household_id=claim.household_id,
        item_name=claim.item_name,
        state=state.value,
        reason=reason,
        group=claim.group.value,
        points=claim.points,
        notice_ends_at=notice_ends_at,
        moved_at=now,
    )


def posted(claim: Claim, now: datetime) -> ClaimPosted:
    """Return the fact that a claim was posted."""
    return ClaimPosted(
        claim_id=claim.id,
        household_id=claim.household_id,
        item_code=claim.item_code,
        item_name=claim.item_name,
        points=claim.points,
        posted_at=now,
        group=claim.group.value,
        appeal_until=now + timedelta(days=claim.appeal_days),
    )


def undone(claim: Claim, reason: str, now: datetime) -> ClaimReversed:
    """Return the fact that a posted claim was undone."""
    return ClaimReversed(
        claim_id=claim.id,
        household_id=claim.household_id,
        item_code=claim.item_code,
        item_name=claim.item_name,
        group=claim.group.value,
        points=claim.points,
        reason=reason,
        reversed_at=now,
    )
