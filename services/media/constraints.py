"""What a broken constraint of this schema means to the one who broke it."""

from collections.abc import Mapping

from services.media.assets.errors import AssetNotFoundError
from shared.kernel.errors import DomainError

CONSTRAINTS: Mapping[str, type[DomainError]] = {"fk_verdict_community_id_asset_id": AssetNotFoundError}
