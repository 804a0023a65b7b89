"""Where ids come from: an argument, so that a decision can be replayed."""

from collections.abc import Callable
from uuid import UUID

IdSource = Callable[[], UUID]

NO_COMMUNITY = UUID(int=0)
"""The tenant of facts that belong to no single community (districts, platform clients)."""
