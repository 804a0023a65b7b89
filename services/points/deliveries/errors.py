"""Refusals of deliveries.

```
DomainError
├── NotFoundError
│   └── DeliveryNotFoundError
├── ConflictError
│   ├── AlreadyOnItsWayError
│   ├── NotDeliverableError
│   ├── DeliveryCodeWrongError
│   └── OwnDeliveryError
└── TooManyError
    └── DeliveryCodeLockedError
```
"""

from shared.kernel.errors import ConflictError, NotFoundError, TooManyError


class DeliveryNotFoundError(NotFoundError):
    code = "points.delivery_not_found"
    title = "没有这次送货"
    detail = "没有找到这次送货，可能已被别的志愿者领走。"


class AlreadyOnItsWayError(ConflictError):
    code = "points.delivery_exists"
    title = "已经约了送货"
    detail = "这次兑换已经约了送货，不用再约。"


class NotDeliverableError(ConflictError):
    code = "points.not_deliverable"
    title = "不能送货"
    detail = "只有还没有领取的商品可以送货上门；需要安装的由物业上门，还要付现金的请到爱心超市柜台领取。"


class DeliveryCodeWrongError(ConflictError):
    code = "points.delivery_code_wrong"
    title = "取货码不对"
    detail = "取货码和这次兑换对不上，请让居民打开取货页面，核对六位数字或扫码。"


class DeliveryCodeLockedError(TooManyError):
    code = "points.delivery_code_locked"
    title = "试错太多"
    detail = "取货码输错太多次，这个码已经停用。请住户在取货页面换一个新码，或请爱心超市管理员帮忙换，再用新码交货。"


class OwnDeliveryError(ConflictError):
    code = "points.own_delivery"
    title = "请换别人来办"
    detail = "自己家的商品要由别的邻居来送；自己家的或自己去送的，要由另一位管理员出库。"
