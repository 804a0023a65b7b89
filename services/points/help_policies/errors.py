"""Refusals of policies.

```
DomainError
└── InvalidError
    └── PolicyInvalidError
```
"""

from shared.kernel.errors import InvalidError


class PolicyInvalidError(InvalidError):
    code = "points.help_policy_invalid"
    title = "规则自相矛盾"
    detail = "取整的分钟数不能比一次服务的最长分钟数还大，请改小后再提交。"
