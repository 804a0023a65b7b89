"""Links that carry their own permission: who may fetch which copy of which asset until when, sealed with an HMAC.

A link is what a picture element of a page can use: it sends no token. The seal covers every fact of the link, so none can be
changed; it is checked in constant time; and the end is rounded up so that a page opened twice asks for the same address and the
browser's cache can answer.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from urllib.parse import urlencode
from uuid import UUID

from services.media.assets.errors import LinkExpiredError, LinkInvalidError

FILES_PATH = "/api/v1/media/files"
_ROUNDING_SECONDS = 900


class Rendition(StrEnum):
    """The copies of an asset that can be fetched."""

    PUBLIC = "public"
    MEDIUM = "medium"
    SMALL = "small"


@dataclass(frozen=True, slots=True)
class Link:
    """Permission to fetch one copy until `expires_at`, in whole seconds since 1970 UTC.

    `is_held` links open what neighbours do not see; the others open what has passed, and only while it has.
    """

    community_id: UUID
    asset_id: UUID
    rendition: Rendition
    expires_at: int
    is_held: bool = False

    @property
    def expires(self) -> datetime:
        """The end as a moment."""
        return datetime.fromtimestamp(self.expires_at, UTC)


def make_link(
    *,
    community_id: UUID,
    asset_id: UUID,
    rendition: Rendition,
    now: datetime,
    lifetime: timedelta,
    is_held: bool = False,
) -> Link:
    """Return a link that is good for at least `lifetime`, and at most a quarter of an hour longer."""
    end = int((now + lifetime).timestamp())
    return Link(community_id, asset_id, rendition, -(-end // _ROUNDING_SECONDS) * _ROUNDING_SECONDS, is_held)


def link_path(link: Link, key: bytes) -> str:
    """Write the link as path and query, sealed with the key."""
    held = {"held": "true"} if link.is_held else {}
    query = urlencode({"expires": link.expires_at, **held, "signature": _seal(link, key)})
    return f"{FILES_PATH}/{link.community_id}/{link.asset_id}/{link.rendition}?{query}"


def check_link(link: Link, signature: str, keys: Sequence[bytes], now: datetime) -> None:
    """Pass when one of the keys sealed the link and it has not run out.

    Several keys let one be replaced while links under the old one are still about.

    Errors: LinkInvalidError before LinkExpiredError, so that a forger learns nothing about time.
    """
    given = signature.encode()
    if not any(hmac.compare_digest(_seal(link, key).encode(), given) for key in keys):
        raise LinkInvalidError
    if now.timestamp() >= link.expires_at:
        raise LinkExpiredError


def _seal(link: Link, key: bytes) -> str:
    facts = f"media-link-1\n{link.community_id}\n{link.asset_id}\n{link.rendition}\n{link.expires_at}"
    if link.is_held:
        facts += "\nheld"
    return hmac.new(key, facts.encode(), sha256).hexdigest()
