"""Refusals of expiries.

```
DomainError
├── InvalidError
│   ├── ExpiryRuleInvalidError
│   └── DecisionMissingError
└── ConflictError
    └── PolicyChangedError
```
"""

from shared.kernel.errors import ConflictError, InvalidError


class ExpiryRuleInvalidError(InvalidError):
    code = "points.expiry_rule_invalid"
    title = "有效期不对"
    detail = "按月到期要填 1 到 120 个月；按年到期要填每年都有的一天（不能是 2 月 29 日）。"


class DecisionMissingError(InvalidError):
    code = "points.decision_missing"
    title = "没有写决定"
    detail = "请写明是哪次会议、哪个决定通过的。"


class PolicyChangedError(ConflictError):
    code = "points.policy_changed"
    title = "规定已经改过"
    detail = "您看到的规定已经不是最新的（现在是第 {version} 版），请刷新后再改。"
