"""Every fact one service tells the others: past tense, frozen, additive within a version.

A reader ignores fields it does not know and a writer never removes or re-types one; what cannot be added gets a new version. One
recorded JSON per type and version lives in `tests/contracts/events/` and must parse for ever.
"""

from shared.contracts.events.identity import (
    AccountBound,
    AccountDeleted,
    HouseholdChanged,
    HouseholdRegistered,
    ResidentJoined,
    ResidentLeft,
    RoleGranted,
    RoleRevoked,
)
from shared.contracts.events.media import (
    AssetDeleted,
    AssetPassed,
    AssetRejected,
)
from shared.contracts.events.points import (
    ClaimDecided,
    ClaimPosted,
    RedemptionPickedUp,
    RedemptionReleased,
    RedemptionReserved,
    RedemptionReturned,
)
from shared.contracts.events.property import (
    TicketClosed,
    TicketEscalated,
    TicketMoved,
    TicketRated,
    TicketSubmitted,
)
from shared.contracts.events.proposals import (
    ConcernAnswered,
    DecisionPublished,
    NoticeCompleted,
    NoticeStarted,
    ObjectionAnswered,
    ProposalOpened,
    ResultPublished,
    RoundClosed,
    RoundOpened,
    RoundTallied,
)
from shared.contracts.events.registry import REGISTRY, Event, event

__all__ = [
    "REGISTRY",
    "AccountBound",
    "AccountDeleted",
    "AssetDeleted",
    "AssetPassed",
    "AssetRejected",
    "ClaimDecided",
    "ClaimPosted",
    "ConcernAnswered",
    "DecisionPublished",
    "Event",
    "HouseholdChanged",
    "HouseholdRegistered",
    "NoticeCompleted",
    "NoticeStarted",
    "ObjectionAnswered",
    "ProposalOpened",
    "RedemptionPickedUp",
    "RedemptionReleased",
    "RedemptionReserved",
    "RedemptionReturned",
    "ResidentJoined",
    "ResidentLeft",
    "ResultPublished",
    "RoleGranted",
    "RoleRevoked",
    "RoundClosed",
    "RoundOpened",
    "RoundTallied",
    "TicketClosed",
    "TicketEscalated",
    "TicketMoved",
    "TicketRated",
    "TicketSubmitted",
    "event",
]
