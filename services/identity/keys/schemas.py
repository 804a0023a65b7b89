"""What the API says of keys."""

from pydantic import Field

from shared.schemas import Output


class JwkRead(Output):
    """A public key that may be trusted."""

    kty: str = Field(description="Key type.", examples=["OKP"])
    crv: str = Field(description="Curve.", examples=["Ed25519"])
    x: str = Field(description="Public key, base64url.")
    kid: str = Field(description="Key id, as in the token's header.")
    use: str = Field("sig", description="Always sig.")


class JwksRead(Output):
    """The key set of this deployment (RFC 7517)."""

    keys: list[JwkRead] = Field(description="Keys that may be trusted now.")
