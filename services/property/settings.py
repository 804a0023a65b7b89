"""What the property service reads from its environment."""

from shared.settings import ServiceSettings


class Settings(ServiceSettings):
    """Settings of the property service: the shared ones; the numbers of a community are rows, not settings."""
