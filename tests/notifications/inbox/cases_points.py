"""Facts of points about claims, rounds, goods and shops: who hears what."""

from datetime import date

from services.notifications.recipients.domain import Accounts, Holders, Household, Residents
from shared.contracts import events as facts
from shared.kernel.principal import Role, ScopeKind
from tests.notifications.inbox.recorded import ACCOUNT, DAY, GRID, HOUSE, MIDNIGHT, MOMENT, OTHER

HOME, ALL, ME = Household(HOUSE), Residents(), Accounts((ACCOUNT,))
GRID_WORKER = Holders((Role.GRID_WORKER,), ScopeKind.GRID, str(GRID))
FITTERS = Holders((Role.PROPERTY_AGENT, Role.PROPERTY_MANAGER))
SUPERVISORS = Holders((Role.SUPERVISOR,))
COUNT_JUDGES = Holders((Role.SUPERVISOR, Role.COMMUNITY_ADMIN))
ADMINS = Holders((Role.COMMUNITY_ADMIN,))
COMMITTEE = Holders((Role.COMMITTEE_MEMBER, Role.SUPERVISOR))

CASES = [
    # Claims.
    (
        facts.ClaimSubmitted,
        {"grid_id": GRID},
        [(GRID_WORKER, "有一笔积分申报，请核实", "有一户申报“楼道清扫”，20 分。请看看是不是有这回事")],
    ),
    (
        facts.ClaimSubmitted,
        {"verifier": "building_head", "building_id": OTHER},
        [(Holders((Role.BUILDING_HEAD,), ScopeKind.BUILDING, str(OTHER)), "有一笔积分申报，请核实", "是不是有这回事")],
    ),
    (
        facts.ClaimSubmitted,
        {"grid_id": GRID, "group": "minus", "points": 3, "is_on_behalf": True},
        [
            (
                Holders((Role.GRID_WORKER, Role.ASSESSOR), ScopeKind.GRID, str(GRID)),
                "有一笔扣分，请核实",
                "要扣一户 3 分。请看看是不是有这回事，再点“属实”或“不属实”。谁登记的，谁不能自己核实。",
            )
        ],
    ),
    (
        facts.ClaimSubmitted,
        {"verifier": "assessor", "group": "panel"},
        [(Holders((Role.ASSESSOR,)), "有一笔积分申报，请核实", "是不是有这回事")],
    ),
    (facts.ClaimSubmitted, {"verifier": "of a later version"}, []),
    (
        facts.ClaimDecided,
        {"state": "publicised", "notice_ends_at": MIDNIGHT},
        [(HOME, "积分申报正在公示", "到 2026年5月17日 24:00，没有异议就会入账")],
    ),
    (
        facts.ClaimDecided,
        {"state": "publicised", "group": "minus", "points": 3, "notice_ends_at": MOMENT},
        [
            (
                HOME,
                "要扣您家积分，正在公示",
                "打算扣您家 3 分，正在公示。不同意的话，请在 2026年5月14日 18:00 前提出异议",
            )
        ],
    ),
    (
        facts.ClaimDecided,
        {"state": "rejected", "reason": "照片看不清。"},
        [(HOME, "积分申报没有通过", "没有通过。原因：照片看不清。有疑问可以找网格员。")],
    ),
    (
        facts.ClaimDecided,
        {"state": "rejected", "group": "minus", "reason": ""},
        [(HOME, "这次不扣分", "不扣您家的分。")],
    ),
    (facts.ClaimDecided, {"state": "verified"}, []),
    (facts.ClaimDecided, {"state": "withdrawn"}, []),
    (facts.ClaimPosted, {}, [(HOME, "积分增加 20 分", "“楼道清扫”已经记账，您家的积分增加了 20 分。")]),
    (
        facts.ClaimPosted,
        {"group": "minus", "points": 3, "appeal_until": MOMENT},
        [(HOME, "积分扣除 3 分", "扣除了 3 分。觉得不对，请在 2026年5月14日 18:00 前申诉。")],
    ),
    (
        facts.ClaimReversed,
        {},
        [(HOME, "扣的 3 分退回来了", "扣的 3 分已经退回您家。原因：经核实，那天停的是访客的车。")],
    ),
    (facts.ClaimReversed, {"group": "plus"}, [(HOME, "更正：收回 3 分", "记错了，已经收回。")]),
    (
        facts.AppealAnswered,
        {"appellant_household_id": HOUSE},
        [(HOME, "您家的申诉有答复了", "申诉成立，积分已经更正。答复：经核实，那天停的是访客的车。")],
    ),
    (
        facts.AppealAnswered,
        {"appellant_household_id": OTHER, "is_upheld": False},
        [
            (Household(OTHER), "您家的申诉有答复了", "申诉没有成立，积分不变。"),
            (HOME, "邻居的申诉有结果了", "有邻居对您家的“车辆乱停乱放”提出过申诉：申诉没有成立"),
        ],
    ),
    # Rounds and rules.
    (facts.PeriodMoved, {"state": "open"}, []),
    (
        facts.PeriodMoved,
        {"state": "collecting"},
        [(ALL, "积分开始核对，漏报的请抓紧", "从 2026年5月1日 到 2026年6月30日 做的好事，还没申报的请尽快申报。")],
    ),
    (
        facts.PeriodMoved,
        {"state": "collecting", "reason": "漏了三户"},
        [(ALL, "积分公示撤回，重新核对", "原因：漏了三户。")],
    ),
    (facts.PeriodMoved, {"state": "reviewed"}, []),
    (facts.PeriodMoved, {"state": "publicised"}, [(ALL, "积分公示，请看看对不对", "到 2026年7月15日 24:00 为止")]),
    (facts.PeriodMoved, {"state": "sealed"}, [(ALL, "这一轮积分定下来了", "您家的结算单可以看了。")]),
    (facts.RulebookAdopted, {}, [(ALL, "积分办法有新的一版", "第 2 版从 2026年7月1日 起用")]),
    # What stands in the account.
    (
        facts.PeriodObjectionMoved,
        {"state": "raised"},
        [(SUPERVISORS, "积分公示有异议，请答复", "答复以前不能定下来，请核实后答复。原因：我家巡逻少记了一次。")],
    ),
    (
        facts.PeriodObjectionMoved,
        {},
        [(HOME, "您家的异议有答复了", "没有成立。答复：查过记录，那一次已经记在6月8日。")],
    ),
    (facts.PeriodObjectionMoved, {"state": "upheld"}, [(HOME, "您家的异议成立", "积分会重新核对。")]),
    (
        facts.BreachesFound,
        {},
        [(COUNT_JUDGES, "积分账本对不上，请马上查看", "发现 3 处对不上，涉及 2 条规则。请打开“积分监督”")],
    ),
    (
        facts.AppealMade,
        {"appellant_household_id": HOUSE},
        [(SUPERVISORS, "有申诉，请核实", "请核实后答复。原因：那天停的是访客的车。")],
    ),
    (
        facts.AppealMade,
        {"appellant_household_id": OTHER},
        [(SUPERVISORS, "有申诉，请核实", "车辆乱停乱放"), (HOME, "有邻居提出申诉", "由监督委员会核实后答复")],
    ),
    (facts.PointsExpiring, {}, [(HOME, "20 分快到期了", "还有 7 天到期，请在 2026年5月31日 24:00 前到积分超市用掉")]),
    (facts.PointsExpiring, {"days_left": 1}, [(HOME, "20 分快到期了", "只剩 1 天到期")]),
    (facts.PointsExpired, {}, [(HOME, "20 分已经过期", "过了期没有用，已经清掉")]),
    (
        facts.HouseholdsMerged,
        {"into_household_id": OTHER},
        [
            (Household(OTHER), "并户办好，积分转过来了", "评议分 35 分、兑换分 120 分也转了过来"),
            (HOME, "并户办好，积分转过去了", "您家并到了另一户"),
        ],
    ),
    (
        facts.HouseholdsMerged,
        {"into_household_id": OTHER, "standing": 5, "spendable": 7, "is_late": True, "moved_at": MOMENT},
        [
            (
                Household(OTHER),
                "并户以后的积分转过来了",
                "另一户早先并到了您家。它并户以后才到账的评议分 5 分、兑换分 7 分，也转了过来，到期的日子不变。",
            ),
            (
                HOME,
                "并户以后的积分转过去了",
                "您家早先并到了另一户。您家并户以后才到账的评议分 5 分、兑换分 7 分，也转了过去，到期的日子不变。",
            ),
        ],
    ),
    (
        facts.HouseholdsMerged,
        {"into_household_id": OTHER, "standing": -8, "spendable": 0, "arrears": 8, "is_late": True, "moved_at": MOMENT},
        [
            (Household(OTHER), "并户以后的扣分算过来了", "它并户以后才扣的评议分 8 分、欠分 8 分，也算了过来。"),
            (HOME, "并户以后的扣分算过去了", "您家并户以后才扣的评议分 8 分、欠分 8 分，也算了过去。"),
        ],
    ),
    (
        facts.HouseholdsMerged,
        {"into_household_id": OTHER, "standing": -8, "spendable": 3, "is_late": True, "moved_at": MOMENT},
        [
            (
                Household(OTHER),
                "并户以后的积分转过来了",
                "兑换分 3 分，也转了过来，到期的日子不变。它并户以后才扣的评议分 8 分，也算了过来。",
            ),
            (HOME, "并户以后的积分转过去了", "您家并户以后才扣的评议分 8 分，也算了过去。"),
        ],
    ),
    (
        facts.HouseholdSplit,
        {"new_household_id": OTHER},
        [
            (HOME, "分户办好，积分转出", "从您家转过去评议分 20 分、兑换分 50 分"),
            (Household(OTHER), "分户办好，积分转来", "新立的户"),
        ],
    ),
    # Goods.
    (
        facts.RedemptionReserved,
        {"needs_installation": False, "expires_at": MOMENT},
        [(HOME, "兑换成功，请来领取", "请在 2026年5月14日 18:00 前带取货码来领")],
    ),
    (facts.RedemptionReserved, {}, [(HOME, "兑换成功，等物业来安装", "物业会跟您约时间上门免费安装，您不用来取")]),
    (facts.RedemptionPickedUp, {}, [(HOME, "兑换的东西已领走", "不是您家领的，请马上告诉积分超市。")]),
    (
        facts.InstallationRefused,
        {},
        [
            (
                HOME,
                "物业装不了，积分退给您",
                "“锁芯”在您家装不了。原因：您家的门锁是一体的，换不了锁芯。留出的积分会退回您家",
            )
        ],
    ),
    (facts.RedemptionReleased, {}, [(HOME, "兑换已取消，积分已退回", "20 分已经退回您家。")]),
    (facts.RedemptionReleased, {"reason": "expired"}, [(HOME, "兑换已取消，积分已退回", "到期没有领取")]),
    (facts.RedemptionReturned, {}, [(HOME, "退货已办好，积分已退回", "20 分退回您家。")]),
    (
        facts.DeliveryMoved,
        {"state": "requested", "volunteer_account_id": None},
        [(HOME, "送货上门在等邻居接", "您也可以自己来领。")],
    ),
    (facts.DeliveryMoved, {"state": "taken"}, [(HOME, "有邻居帮您送货了", "“大米 5 公斤”有邻居答应帮您送")]),
    (
        facts.DeliveryMoved,
        {"state": "sent"},
        [(HOME, "东西在路上了", "收到后请报取货码"), (ME, "请把东西送到邻居家", "当面请对方报取货码")],
    ),
    (
        facts.DeliveryMoved,
        {"state": "delivered"},
        [(HOME, "东西送到了", "没有收到，请马上告诉积分超市"), (ME, "送到了，谢谢您", "积分记到您家")],
    ),
    (facts.DeliveryMoved, {"state": "cancelled"}, [(ME, "不用送了", "这一单已经取消")]),
    (facts.DeliveryMoved, {"state": "cancelled", "volunteer_account_id": None}, []),
    (facts.InstallationOrdered, {}, [(FITTERS, "要上门安装：锁芯", "请在 2026年6月10日 09:00 前约好时间装好。")]),
    (facts.InstallationCancelled, {}, [(FITTERS, "有一单不用上门安装了", "住户取消了")]),
    (facts.InstallationCancelled, {"reason": "returned"}, [(FITTERS, "有一单不用上门安装了", "住户退货了")]),
    (facts.InstallationScheduled, {}, [(HOME, "上门安装约好了", "物业的李**师傅约在 2026年5月13日 09:00 上门")]),
    (facts.InstallationCompleted, {}, [(HOME, "装好了，请您验收", "好用的话请点“验收”")]),
    (facts.InstallationAccepted, {"is_silent": True}, [(HOME, "安装当作验收了", "还有问题，请报修")]),
    (facts.InstallationAccepted, {"is_silent": False}, []),
    (
        facts.StockLow,
        {},
        [
            (
                Holders((Role.STOREKEEPER, Role.COMMUNITY_ADMIN)),
                "食用油 1.8 升快没货了",
                "只剩 3 件可以换（提醒线是 10 件），请安排进货。",
            )
        ],
    ),
    (
        facts.StocktakeMoved,
        {},
        [
            (
                COUNT_JUDGES,
                "盘点交上来了，请您看看",
                "“6月盘点”盘点好了，有 2 批对不上，少 3 件、多 1 件。请看过说明后同意",
            )
        ],
    ),
    (facts.StocktakeMoved, {"state": "approved", "differences": 0}, [(ME, "盘点通过了", "和账上都对得上")]),
    (
        facts.StocktakeMoved,
        {"state": "counting", "reason": "米没有数"},
        [(ME, "盘点退回，请再数一遍", "原因：米没有数。")],
    ),
    (facts.StocktakeMoved, {"state": "cancelled"}, [(ME, "盘点作废了", "账没有动")]),
    # Shops.
    (
        facts.MerchantMoved,
        {"action": "apply", "state": "applied"},
        [(ADMINS, "有商家申请加入", "“城关粮油店”申请加入商家联盟")],
    ),
    (facts.MerchantMoved, {}, [(ME, "商家申请通过了", "接下来请添加优惠")]),
    (
        facts.MerchantMoved,
        {"action": "refuse", "state": "refused", "reason": "执照过期"},
        [(ME, "商家申请没有通过", "原因：执照过期。改好后可以再申请。")],
    ),
    (facts.MerchantMoved, {"action": "suspend", "state": "suspended"}, [(ME, "店铺暂停了", "暂时不能收券")]),
    (facts.MerchantMoved, {"action": "resume"}, [(ME, "店铺恢复了", "可以照常收券")]),
    (facts.MerchantMoved, {"action": "close", "state": "closed"}, [(ME, "店铺退出了联盟", "没结的账照样结清")]),
    (
        facts.VoucherMoved,
        {"state": "issued", "expires_at": MIDNIGHT},
        [(HOME, "领到一张券", "用了 240 分，请在 2026年5月17日 24:00 前到店出示券码使用")],
    ),
    (facts.VoucherMoved, {}, [(HOME, "券用掉了", "“粮油代金券 20 元”（城关粮油店）已经在店里用掉，扣了 240 分。")]),
    (facts.VoucherMoved, {"state": "expired"}, [(HOME, "券过期了", "已经作废，240 分退回您家。")]),
    (facts.VoucherMoved, {"state": "refunded", "points": 0}, [(HOME, "券退好了", "已经退掉。")]),
    (
        facts.SettlementMoved,
        {},
        [(ME, "2026年5月的账单请核对", "2026年5月用掉 12 张券，应付 240 元。对的请确认，不对请提出疑问。")],
    ),
    (
        facts.SettlementMoved,
        {"state": "disputed", "reason": "少算一张", "month": date(2026, 6, 1)},
        [
            (ME, "2026年6月的账单有疑问", "原因：少算一张。社区核对后会重新发给您确认。"),
            (COMMITTEE, "商家账单有疑问，请核对", "请核对后答复。"),
        ],
    ),
    (facts.SettlementMoved, {"state": "merchant_confirmed"}, [(COMMITTEE, "商家账单请核对签字", "请核对后签字")]),
    (
        facts.SettlementMoved,
        {"state": "community_confirmed", "value_fen": 24_050},
        [
            (ME, "2026年5月的账单社区签好了", "应付 240.50 元，社区已经签字"),
            (ADMINS, "商家账单请付款", "请付款并登记。"),
        ],
    ),
    (facts.SettlementMoved, {"state": "paid"}, [(ME, "2026年5月的货款付了", "已经付清。")]),
    # An account and what it uploads.
    (
        facts.RoleGranted,
        {"role": "assessor", "from_on": DAY, "until_on": None},
        [(ME, "您担任评议员", "从 2026年5月18日 起，您担任评议员，没有定结束的日子。")],
    ),
    (facts.RoleGranted, {"role": "grid_worker", "until_on": DAY}, [(ME, "您担任网格员", "到 2026年5月18日 为止")]),
    (facts.RoleGranted, {"role": "of a later version"}, []),
    (facts.RoleRevoked, {"role": "storekeeper", "reason": "换届"}, [(ME, "您不再担任积分超市管理员", "原因：换届。")]),
    (facts.RoleRevoked, {"role": "of a later version"}, []),
    (
        facts.AssetRejected,
        {"owner_account_id": ACCOUNT, "reason": ""},
        [(ME, "您上传的照片不能显示", "请换一张再传。")],
    ),
]
