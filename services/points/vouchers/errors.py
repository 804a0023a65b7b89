"""Refusals of shop vouchers.

```
DomainError
├── NotFoundError
│   ├── VoucherNotFoundError
│   └── VoucherCodeUnknownError
├── ConflictError
│   ├── VoucherLimitError
│   ├── AdoptersOnlyError
│   ├── VoucherExpiredError
│   └── VoucherSettledError
├── UnavailableError
│   └── CodesExhaustedError
├── ForbiddenError
│   └── OwnShopError
└── InvalidError
    └── VoucherTokenInvalidError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError


class VoucherNotFoundError(NotFoundError):
    code = "points.voucher_not_found"
    title = "没有这张券"
    detail = "没有找到这张商户券。"


class VoucherCodeUnknownError(NotFoundError):
    code = "points.voucher_code_unknown"
    title = "券码不对"
    detail = "本店没有这个券码；请核对八位数字，用过的、过期的和别家的券不能用。"


class VoucherTokenInvalidError(InvalidError):
    code = "points.voucher_token_invalid"
    title = "二维码无效"
    detail = "这个二维码不是商户券，请让居民重新打开券码页面。"


class VoucherLimitError(ConflictError):
    code = "points.voucher_limit"
    title = "超过限领数量"
    detail = "这项优惠每户限领 {limit} 张，您家已领 {taken} 张。"


class AdoptersOnlyError(ConflictError):
    code = "points.adopters_only"
    title = "只给认领户"
    detail = "这项优惠只给正在认领管护的家庭；认领一棵树、一张椅子后就可以领取。"


class VoucherExpiredError(ConflictError):
    code = "points.voucher_expired"
    title = "券已过期"
    detail = "这张券已经过期，积分已退回，请重新领取。"


class VoucherSettledError(ConflictError):
    code = "points.voucher_settled"
    title = "已列入结算"
    detail = "这张券已列入当月结算单，不能直接退；请先对结算单提出异议。"


class OwnShopError(ForbiddenError):
    code = "points.own_shop"
    title = "不能用自家店的券"
    detail = "店家不能领取或核销自己家的券，请到别的店使用。"


class CodesExhaustedError(UnavailableError):
    code = "points.voucher_codes_exhausted"
    title = "请再试一次"
    detail = "券码一时没有取到，请再试一次；积分没有动。"
