"""From a successful sign-in to the tokens a caller is told; three doors lead here."""

from services.identity.sessions.schemas import TokenPair
from services.identity.sessions.usecases import SignedIn
from services.identity.signing import TokenSigner


async def token_pair(signer: TokenSigner, signed_in: SignedIn) -> TokenPair:
    """Sign what a successful log-in is told."""
    access = await signer.sign(signed_in.principal, session_id=signed_in.session.id)
    return TokenPair(
        access_token=access.value,
        token_type="Bearer",  # noqa: S106 - the word of RFC 6750.
        expires_in=access.expires_in_seconds,
        refresh_token=signed_in.refresh_token,
        session_id=signed_in.session.id,
        account_id=signed_in.principal.account_id,
        community_id=signed_in.principal.community_id,
    )
