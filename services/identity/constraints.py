"""What the database's own refusals mean."""

from collections.abc import Mapping

from services.identity.bindings.errors import ResidentBoundError, WechatBoundError
from services.identity.communities.errors import CONSTRAINTS as COMMUNITIES
from services.identity.residents.errors import CONSTRAINTS as RESIDENTS
from services.identity.roles.errors import RoleHeldError
from services.identity.staff.errors import UserNameTakenError
from shared.kernel.errors import DomainError

CONSTRAINTS: Mapping[str, type[DomainError]] = {
    **COMMUNITIES,
    **RESIDENTS,
    "uq_account_resident": ResidentBoundError,
    "pk_wechat_user": WechatBoundError,
    "uq_wechat_user_community_id_account_id_app_id": ResidentBoundError,
    "uq_staff_credential_community_id_user_name": UserNameTakenError,
    "uq_role_grant_held": RoleHeldError,
}
