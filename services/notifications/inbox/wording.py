"""What people are told when something happens elsewhere, in words an older neighbour understands.

One function per fact lives in the wording of its subject; `silent.py` lists the facts that are nobody's news. A fact this version does not
know yet is passed over.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from services.notifications.inbox import (
    account_wording,
    gigs_wording,
    help_wording,
    honours_wording,
    merchants_wording,
    points_wording,
    property_wording,
    proposals_wording,
    store_wording,
)
from services.notifications.inbox.domain import LONGEST_BODY, LONGEST_TITLE, Draft, Teller, shorten

TELLERS: Mapping[type[Any], Teller] = {
    **account_wording.TELLERS,
    **gigs_wording.TELLERS,
    **help_wording.TELLERS,
    **honours_wording.TELLERS,
    **merchants_wording.TELLERS,
    **points_wording.TELLERS,
    **property_wording.TELLERS,
    **proposals_wording.TELLERS,
    **store_wording.TELLERS,
}


def put_into_words(event: Any) -> list[Draft]:
    """Return what is to be told because of a fact, each text cut to what an inbox shows; nothing for an unknown fact."""
    teller = TELLERS.get(type(event))
    if teller is None:
        return []
    return [
        replace(draft, title=shorten(draft.title, LONGEST_TITLE), body=shorten(draft.body, LONGEST_BODY))
        for draft in teller(event)
    ]
