"""What an account is told of itself: what it may do in the community, and what it has uploaded."""

from collections.abc import Mapping
from typing import Any

from services.notifications.inbox.dates import china_date
from services.notifications.inbox.domain import Draft, TargetKind, Teller, Topic
from services.notifications.inbox.phrases import because
from services.notifications.recipients.domain import Accounts
from shared.contracts import events as facts
from shared.kernel.principal import Role

ROLE_NAMES: Mapping[str, str] = {
    Role.RESIDENT: "居民",
    Role.HOUSEHOLDER: "户主",
    Role.BUILDING_HEAD: "楼栋长",
    Role.GRID_WORKER: "网格员",
    Role.PARTY_MEMBER: "党员",
    Role.BRANCH_SECRETARY: "党支部书记",
    Role.COMMITTEE_MEMBER: "居委会委员",
    Role.REPRESENTATIVE: "居民代表",
    Role.ASSESSOR: "评议员",
    Role.SUPERVISOR: "监督委员",
    Role.STOREKEEPER: "积分超市管理员",
    Role.PROPERTY_AGENT: "物业客服",
    Role.PROPERTY_WORKER: "物业师傅",
    Role.DEPARTMENT_HEAD: "物业部门负责人",
    Role.PROPERTY_MANAGER: "物业经理",
    Role.INSPECTOR: "巡查员",
    Role.COMMUNITY_ADMIN: "社区管理员",
    Role.TOWNSHIP_OFFICER: "街道（乡镇）干部",
    Role.DISTRICT_OFFICER: "区里的干部",
}


def _role(event: Any, which: str, title: str, body: str) -> list[Draft]:
    grant = event.grant_id or f"{event.role}:{event.scope_kind}:{event.scope_id}"
    return [
        Draft(
            fact_key=f"role:{event.account_id}:{grant}:{which}",
            audience=Accounts((event.account_id,)),
            topic=Topic.ACCOUNT,
            title=title,
            body=body,
            target_kind=TargetKind.ACCOUNT,
            target_id=event.account_id,
        )
    ]


def _role_granted(event: facts.RoleGranted) -> list[Draft]:
    name = ROLE_NAMES.get(event.role)
    if name is None:
        return []
    end = f"到 {china_date(event.until_on)} 为止" if event.until_on else "没有定结束的日子"
    body = f"从 {china_date(event.from_on)} 起，您担任{name}，{end}。重新登录后就能办这个身份的事；弄错了请告诉社区。"
    return _role(event, f"granted:{event.from_on}:{event.until_on}", f"您担任{name}", body)


def _role_revoked(event: facts.RoleRevoked) -> list[Draft]:
    name = ROLE_NAMES.get(event.role)
    if name is None:
        return []
    body = f"您不再担任{name}了，谢谢您这段时间的付出。{because(event.reason)}有疑问请找社区。"
    return _role(event, "revoked", f"您不再担任{name}", body)


def _asset_rejected(event: facts.AssetRejected) -> list[Draft]:
    return [
        Draft(
            fact_key=f"asset:{event.asset_id}:rejected",
            audience=Accounts((event.owner_account_id,)),
            topic=Topic.FILES,
            title="您上传的照片不能显示",
            body=f"您上传的一张照片或一个文件没有通过检查，别人看不到。{because(event.reason)}请换一张再传。",
            target_kind=TargetKind.ASSET,
            target_id=event.asset_id,
        )
    ]


TELLERS: Mapping[type[Any], Teller] = {
    facts.RoleGranted: _role_granted,
    facts.RoleRevoked: _role_revoked,
    facts.AssetRejected: _asset_rejected,
}
