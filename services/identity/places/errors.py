"""Why something about places is refused.

```
NotFoundError
├── GridNotFoundError      identity.grid_not_found
└── BuildingNotFoundError  identity.building_not_found
```
"""

from shared.kernel.errors import NotFoundError


class GridNotFoundError(NotFoundError):
    code = "identity.grid_not_found"
    title = "没有这个网格"
    detail = "没有找到这个网格，可能已撤销，或不属于本社区。"


class BuildingNotFoundError(NotFoundError):
    code = "identity.building_not_found"
    title = "没有这栋楼"
    detail = "没有找到这栋楼，可能已撤销，或不属于本社区。"
