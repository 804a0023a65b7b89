"""Refusals of adoptions.

```
DomainError
├── NotFoundError
│   ├── AssetNotFoundError
│   └── AdoptionNotFoundError
├── ConflictError
│   ├── AlreadyAdoptedError
│   └── AssetRetiredError
├── ForbiddenError
│   └── AdoptionRecusedError
└── InvalidError
    ├── AdopterInvalidError
    ├── PlaceInvalidError
    └── TermInvalidError
```
"""

from shared.kernel.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class AssetNotFoundError(NotFoundError):
    code = "points.adoption_asset_not_found"
    title = "没有这个认领对象"
    detail = "没有找到这棵树、这张椅子或这块地。"


class AdoptionNotFoundError(NotFoundError):
    code = "points.adoption_not_found"
    title = "没有这份认领"
    detail = "没有找到这份认领。"


class AlreadyAdoptedError(ConflictError):
    code = "points.already_adopted"
    title = "已经有人认领"
    detail = "已经有人认领或正在申请，请看看别的；有人退出后它会重新开放。"


class AssetRetiredError(ConflictError):
    code = "points.adoption_asset_retired"
    title = "不再开放认领"
    detail = "它已经不再开放认领，或还有人认领着不能收回，请刷新后再看。"


class AdoptionRecusedError(ForbiddenError):
    code = "points.adoption_recused"
    title = "应当回避"
    detail = "不能审批自己或自己家的认领，请由其他人办理。"


class AdopterInvalidError(InvalidError):
    code = "points.adopter_invalid"
    title = "认领人不对"
    detail = "单位和社团认领要写明名称；个人和家庭认领用自己的名字，不用填写，但账号要先绑定到户。"


class PlaceInvalidError(InvalidError):
    code = "points.place_invalid"
    title = "位置不对"
    detail = "经度和纬度要一起填写，或者都不填。"


class TermInvalidError(InvalidError):
    code = "points.adoption_term_invalid"
    title = "认领期限不对"
    detail = "认领的结束日期要晚于开始日期和今天，最长三年；续期要晚于原来的结束日期。"
