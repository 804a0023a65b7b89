"""Tying a WeChat user to a person on the roster: one-time codes, and which member of a household is meant."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.identity.bindings.errors import (
    BindingTokenInvalidError,
    CardCodeSpentError,
    MemberUnknownError,
    PhoneSharedError,
    PhoneUnknownError,
)
from services.identity.residents.domain import ResidentMatch

CARD_LIFETIME = timedelta(days=180)
"""A printed card lies in a drawer for a while."""
DESK_LIFETIME = timedelta(minutes=30)
"""A code for one person, read out at the desk."""
TICKET_LIFETIME = timedelta(minutes=30)
"""An older person takes time to find the card."""


@dataclass(frozen=True, slots=True)
class WechatUser:
    """Somebody WeChat has vouched for."""

    app_id: str
    openid: str


@dataclass(frozen=True, slots=True)
class CardCode:
    """A one-time code, known by its blind index only."""

    id: UUID
    community_id: UUID
    household_id: UUID
    resident_id: UUID | None
    expires_at: datetime
    used_by: UUID | None

    def require_open(self, now: datetime) -> None:
        """Pass when the code can still be used.

        Errors: CardCodeSpentError.
        """
        if self.used_by is not None or now >= self.expires_at:
            raise CardCodeSpentError


def choose_member(members: Sequence[ResidentMatch], *, resident_id: UUID | None, name: str | None) -> ResidentMatch:
    """Return the member of a household a code is used for: the one it was made for, the one named, or else the householder.

    Errors: MemberUnknownError, also when two members bear the name.
    """
    if resident_id is not None:
        chosen = [one for one in members if one.resident_id == resident_id]
    elif name is not None:
        chosen = [one for one in members if _same_name(one.name, name)]
    else:
        chosen = [one for one in members if one.is_householder]
    if len(chosen) != 1:
        raise MemberUnknownError
    return chosen[0]


def choose_by_phone(matches: Sequence[ResidentMatch], *, name: str | None) -> ResidentMatch:
    """Return the one person who has this telephone number; the name decides when a family shares it.

    Errors: PhoneUnknownError, PhoneSharedError.
    """
    if not matches:
        raise PhoneUnknownError
    named = matches if name is None else [one for one in matches if _same_name(one.name, name)]
    if len(named) != 1:
        raise PhoneSharedError
    return named[0]


def write_ticket(user: WechatUser, *, now: datetime) -> str:
    """Spell what is remembered of a WeChat user between log-in and binding; it is encrypted before it is handed out."""
    return json.dumps([user.app_id, user.openid, int((now + TICKET_LIFETIME).timestamp())])


def read_ticket(text: str, *, now: datetime) -> WechatUser:
    """Read a decrypted ticket.

    Errors: BindingTokenInvalidError when it is too old.
    """
    app_id, openid, good_until = json.loads(text)
    if now.timestamp() >= good_until:
        raise BindingTokenInvalidError
    return WechatUser(app_id, openid)


def _same_name(one: str, other: str) -> bool:
    # Minority names are written with and without the middle dot, and phones like to add spaces.
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(c for c in name if not c.isspace() and c not in "·•・.")
