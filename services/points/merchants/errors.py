"""Refusals of allied shops and their offers.

```
DomainError
├── NotFoundError
│   ├── MerchantNotFoundError
│   ├── ShopAccountNotFoundError
│   └── OfferNotFoundError
├── ConflictError
│   ├── ShopAccountTakenError
│   ├── OfferNotOpenError
│   └── OfferSoldOutError
├── ForbiddenError
│   ├── MerchantRecusedError
│   └── NotAShopError
└── InvalidError
    ├── OfferTermsError
    └── OfferPeriodError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class MerchantNotFoundError(NotFoundError):
    code = "points.merchant_not_found"
    title = "没有这家商户"
    detail = "没有找到这家联盟商户。"


class ShopAccountNotFoundError(NotFoundError):
    code = "points.shop_account_not_found"
    title = "没有绑定这个账号"
    detail = "这家商户没有绑定这个账号。"


class OfferNotFoundError(NotFoundError):
    code = "points.offer_not_found"
    title = "没有这项优惠"
    detail = "没有找到这项商户优惠。"


class ShopAccountTakenError(ConflictError):
    code = "points.shop_account_taken"
    title = "账号已绑定商户"
    detail = "这个账号已经绑定一家商户；一个账号只能代表一家商户，请换一个账号。"


class OfferNotOpenError(ConflictError):
    code = "points.offer_not_open"
    title = "优惠没有开放"
    detail = "这项优惠还没有开放、已经结束，或商户暂停营业，请看看别的优惠。"


class OfferSoldOutError(ConflictError):
    code = "points.offer_sold_out"
    title = "优惠已领完"
    detail = "这项优惠共 {total_limit} 张，已经领完。"


class MerchantRecusedError(ForbiddenError):
    code = "points.merchant_recused"
    title = "应当回避"
    detail = "不能审批自己的店，请由另一位管理员办理。"


class NotAShopError(ForbiddenError):
    code = "points.not_a_shop"
    title = "不是联盟商户"
    detail = "您的账号没有绑定营业中的联盟商户；请先申请加盟，或请社区恢复您的店。"


class OfferTermsError(InvalidError):
    code = "points.offer_terms_invalid"
    title = "优惠内容不对"
    detail = "积分券要写明积分和抵用金额，不写折扣；折扣券只写折扣，不收积分。"


class OfferPeriodError(InvalidError):
    code = "points.offer_period_invalid"
    title = "优惠期限不对"
    detail = "优惠的结束时间要晚于开始时间，并且晚于现在。"
