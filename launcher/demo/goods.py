"""What lies on the shelves of the exchange supermarket when it opens, and who paid for it.

Source: points buy goods, and lock cylinders, taps and lamps that the property company installs free of charge (青龙泉社区, the bimonthly
of 郧阳区, 2022.5); money comes from fiscal funds and donations.
"""

from dataclasses import dataclass
from typing import Any

PICKUP_HOURS = 72
FITTING_HOURS = 720
"""What is fitted at home is kept until somebody of the property company has come."""


@dataclass(frozen=True, slots=True)
class Goods:
    code: str
    name: str
    category: str
    price_points: int
    quantity: int
    unit_cost_fen: int
    supplier: str
    fund_source: str = "donation"
    kind: str = "goods"
    description: str = ""
    buckets: int = 1

    def product(self) -> dict[str, Any]:
        """Return the product as the points service takes it."""
        return {
            "code": self.code,
            "name": self.name,
            "description": self.description or None,
            "category": self.category,
            "kind": self.kind,
            "price_points": self.price_points,
            "buckets": self.buckets,
            "hold_hours": FITTING_HOURS if self.kind == "installation" else PICKUP_HOURS,
            "low_stock_threshold": self.quantity // 10,
        }

    def batch(self) -> dict[str, Any]:
        """Return the delivery as the points service takes it."""
        return {
            "quantity": self.quantity,
            "unit_cost_fen": self.unit_cost_fen,
            "fund_source": self.fund_source,
            "supplier": self.supplier,
        }


_INSTALLED = "兑换后物业免费上门安装"

GOODS: tuple[Goods, ...] = (
    Goods("RY-001", "肥皂（两块装）", "日用", 8, 400, 480, "城关日用品店"),
    Goods("RY-002", "洗洁精 1 升", "日用", 10, 300, 690, "城关日用品店"),
    Goods("RY-003", "抽纸（六包）", "日用", 15, 400, 1190, "城关日用品店", "fiscal"),
    Goods("RY-004", "毛巾", "日用", 10, 300, 750, "商家联盟捐赠"),
    Goods("RY-005", "洗衣液 2 公斤", "日用", 25, 200, 1890, "城关日用品店", "fiscal"),
    Goods("LY-001", "食用油 1.8 升", "粮油", 30, 200, 2590, "城关粮油店", "fiscal"),
    Goods("LY-002", "大米 5 公斤", "粮油", 40, 200, 3290, "城关粮油店", "fiscal"),
    Goods("LY-003", "挂面 1 公斤", "粮油", 10, 400, 690, "商家联盟捐赠"),
    Goods("LY-004", "鸡蛋（十枚）", "粮油", 15, 300, 990, "商家联盟捐赠", buckets=4),
    Goods("WJ-001", "锁芯", "五金", 50, 60, 4500, "郧泉物业", "collective", "installation", _INSTALLED),
    Goods("WJ-002", "水龙头", "五金", 35, 80, 2800, "郧泉物业", "collective", "installation", _INSTALLED),
    Goods("WJ-003", "节能灯", "五金", 15, 150, 990, "郧泉物业", "collective", "installation", _INSTALLED),
    Goods("FW-001", "理发一次", "服务", 15, 120, 0, "商家联盟捐赠", kind="service"),
)
