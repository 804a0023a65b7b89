"""What a broken constraint of this schema means: nothing here is broken by what a caller sends, so none has a meaning of its own."""

from collections.abc import Mapping

from shared.kernel.errors import DomainError

CONSTRAINTS: Mapping[str, type[DomainError]] = {}
