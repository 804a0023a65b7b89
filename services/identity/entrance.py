"""What a sign-in works with before anybody knows whose community it concerns.

A caller without a token has no unit of work of its own: the use cases of sign-in open short ones themselves, so that no
transaction stays open while a password is hashed or WeChat is asked, and so that a wrong attempt is counted although the
answer is a refusal.
"""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from uuid import UUID

from shared.crypto import FieldCipher
from shared.db import Database
from shared.kernel.clock import Clock
from shared.kernel.ids import NO_COMMUNITY
from shared.uow import UnitOfWork, unit_of_work


@dataclass(frozen=True)
class Entrance:
    """The database, the clock and the cipher, for people who are not known yet."""

    database: Database
    clock: Clock
    cipher: FieldCipher

    def work_in(self, community_id: UUID) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a unit of work in a community."""
        return unit_of_work(self.database, self.clock, community_id)

    def look_across(self) -> AbstractAsyncContextManager[UnitOfWork]:
        """Open a unit of work that sees every community, for look-ups only."""
        return unit_of_work(self.database, self.clock, NO_COMMUNITY, engine=self.database.worker)

    @property
    def refresh_key(self) -> bytes:
        """The deployment's key of refresh tokens, derived so that no further secret has to be kept."""
        return self.cipher.blind_index("V1", "identity.refresh_token")
