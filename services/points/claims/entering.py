"""Writing a claim down: what was entered, joined with the rules and the household it is about."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.points.claims.domain import Claim, State
from services.points.claims.errors import ItemNotFoundError, ResubmissionError
from services.points.rulebooks.domain import Claimant, RulebookVersion, RuleItem
from shared.kernel.principal import Principal
from shared.kernel.values import Points


@dataclass(frozen=True, slots=True)
class Entry:
    """What is claimed, by a household or by an official for one."""

    household_id: UUID
    item_code: str
    happened_on: date
    quantity: int
    place: str
    note: str
    member_ids: tuple[UUID, ...] = ()
    photo_ids: tuple[UUID, ...] = ()
    resubmits_id: UUID | None = None

    def taken_part_by(self, principal: Principal) -> "Entry":
        """Return it with the claimant as the one who took part, when a household claims for itself and names nobody."""
        if self.member_ids or principal.resident_id is None or principal.household_id != self.household_id:
            return self
        return replace(self, member_ids=(principal.resident_id,))

    def others(self, principal: Principal) -> set[UUID]:
        """Return who took part besides the claimant, whose household is known by the token."""
        own = {principal.resident_id} if principal.household_id == self.household_id else set()
        return set(self.member_ids) - own


@dataclass(frozen=True, slots=True)
class Place:
    """Where a household lives, which says who looks after its claims."""

    grid_id: UUID
    building_id: UUID


def item_of(rulebook: RulebookVersion, code: str) -> RuleItem:
    """Return an item of a list.

    Errors: ItemNotFoundError.
    """
    item = next((item for item in rulebook.items if item.code == code), None)
    if item is None:
        raise ItemNotFoundError
    return item


def check_resubmission(refused: Claim | None, entry: Entry) -> None:
    """Pass when an entry makes good a refused claim of the same household for the same item.

    Errors: ResubmissionError.
    """
    if (
        refused is None
        or refused.state is not State.REJECTED
        or (refused.household_id, refused.item_code) != (entry.household_id, entry.item_code)
    ):
        raise ResubmissionError


def write(
    entry: Entry,
    place: Place,
    rulebook: RulebookVersion,
    claimants: frozenset[Claimant],
    *,
    claim_id: UUID,
    account_id: UUID,
    now: datetime,
) -> Claim:
    """Return the claim an entry makes, as a draft under these rules.

    Errors: ItemNotFoundError.
    """
    item, policy = item_of(rulebook, entry.item_code), rulebook.policy
    return Claim(
        id=claim_id,
        household_id=entry.household_id,
        grid_id=place.grid_id,
        building_id=place.building_id,
        account_id=account_id,
        is_on_behalf=Claimant.HOUSEHOLD not in claimants,
        member_ids=entry.member_ids,
        rulebook_version=rulebook.version,
        item_code=item.code,
        item_name=item.name,
        group=item.group,
        verifier=item.verifier,
        quantity=entry.quantity,
        points=Points(item.points * entry.quantity),
        happened_on=entry.happened_on,
        place=entry.place,
        note=entry.note,
        photo_ids=entry.photo_ids,
        state=State.DRAFT,
        panel_quorum=policy.panel_quorum,
        notice_days=policy.notice_days,
        appeal_days=policy.appeal_days,
        notice_ends_at=None,
        post_after=None,
        reason="",
        resubmits_id=entry.resubmits_id,
        sheet_id=None,
        created_at=now,
        posted_at=None,
        reversed_at=None,
    )
