"""The grant wallet: one acceptance in WeChat's dialogue allows one message of one template to one account.

WeChat keeps the true count and does not tell it; the wallet is our copy. Whenever WeChat says that nothing is left (43101), the copy
is set to nothing and that message is never tried again.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from services.notifications.messages.errors import GrantMissingError


class Answer(StrEnum):
    """What a person chose in the dialogue, in the words the mini-program hands on."""

    ACCEPT = "accept"
    REJECT = "reject"
    BAN = "ban"
    FILTER = "filter"


@dataclass(frozen=True, slots=True)
class Wallet:
    """How many messages of one template one account may still be sent."""

    grants: int = 0

    def answered(self, answer: Answer) -> "Wallet":
        """Return the wallet after the dialogue.

        A refusal takes back nothing that was granted before; a ban does, because WeChat then refuses everything.
        """
        if answer is Answer.ACCEPT:
            return replace(self, grants=self.grants + 1)
        if answer is Answer.BAN:
            return replace(self, grants=0)
        return self

    def taken(self) -> "Wallet":
        """Return the wallet after one grant was set aside for a message about to be sent.

        Errors: GrantMissingError.
        """
        if self.grants <= 0:
            raise GrantMissingError
        return replace(self, grants=self.grants - 1)

    def given_back(self) -> "Wallet":
        """Return the wallet after WeChat certainly did not send what a grant was set aside for."""
        return replace(self, grants=self.grants + 1)

    def found_empty(self) -> "Wallet":
        """Return the wallet after WeChat said that nothing is left."""
        return replace(self, grants=0)
