"""What the gateway reads from its environment."""

from ipaddress import IPv4Network, IPv6Network

from pydantic import Field

from shared.settings import SharedSettings


class GatewaySettings(SharedSettings):
    """Settings of the door. It has no database, and so no database address."""

    upstreams: dict[str, list[str]] = Field(
        default_factory=dict,
        description="Split mode: JSON of service → base URLs of its replicas. Unused when the services live in this process.",
    )
    trusted_proxies: list[IPv4Network | IPv6Network] = Field(
        default_factory=list,
        description="Networks of the proxies in front whose X-Forwarded-For is believed; none by default.",
    )
    cors_origins: list[str] = Field(
        default_factory=list,
        description="Origins of other sites that may call the API from a browser; none by default.",
    )
    is_https: bool = Field(False, description="Clients reach the door by HTTPS only; adds Strict-Transport-Security.")
    address_limit_per_minute: int = Field(
        3000,
        ge=1,
        description="Requests a minute per client address, before sign-in; generous, because many residents share an address.",
    )
    account_limit_per_minute: int = Field(600, ge=1, description="Requests a minute per signed-in account.")
    sign_in_limit_per_minute: int = Field(120, ge=1, description="Sign-in attempts a minute per client address.")
    connect_seconds: float = Field(2, gt=0, description="Longest wait for a connection to a service.")
    probe_seconds: float = Field(5, gt=0, description="How often each replica is asked whether it is ready.")
    home_part_seconds: float = Field(2, gt=0, description="Longest wait for one part of the home screen.")
    has_access_log: bool = Field(
        False, description="Write one log line per request, not only for failed and slow ones."
    )
