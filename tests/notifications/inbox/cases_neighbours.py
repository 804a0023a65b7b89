"""Facts of points about odd jobs, help, things in charge, awards and boards: who hears what."""

from services.notifications.recipients.domain import Accounts, Holders, Household, People
from shared.contracts import events as facts
from shared.kernel.principal import Role, ScopeKind
from tests.notifications.inbox.recorded import ACCOUNT, DAY, GRID, HELPER, HOUSE, MOMENT, OTHER, PERSON

POSTER, WORKER = Household(HOUSE), Household(OTHER)
SUPERVISORS, COMMITTEE = Holders((Role.SUPERVISOR,)), Holders((Role.COMMITTEE_MEMBER, Role.COMMUNITY_ADMIN))
GRID_WORKER = Holders((Role.GRID_WORKER,), ScopeKind.GRID, str(GRID))
ASKER, BOTH = People((PERSON,)), People((PERSON, HELPER))
FOR_ALL = {"poster_household_id": None, "grid_id": GRID}
FIRM = Accounts((ACCOUNT,))

CASES = [
    # Odd jobs.
    (
        facts.GigMoved,
        {},
        [(POSTER, "零工已经挂出去", "先从您家留出 20 分。有人接了会告诉您，到 2026年5月12日 09:00 没有人接就退分。")],
    ),
    (
        facts.GigMoved,
        {"state": "budgeted", "poster_household_id": None},
        [(COMMITTEE, "有一件社区零工等您发布", "要 2 人，每人 10 分")],
    ),
    (facts.GigMoved, {"state": "budgeted"}, []),
    (
        facts.GigMoved,
        {"state": "cancelled", "reason": "已经擦好"},
        [(POSTER, "零工已经取消", "退回您家。原因：已经擦好。")],
    ),
    (facts.GigMoved, {"state": "expired"}, [(POSTER, "零工没有人接", "留出的积分退回您家")]),
    (facts.GigMoved, {"state": "working"}, []),
    (facts.GigMoved, {"state": "finished"}, []),
    (facts.GigMoved, {"state": "open", "poster_household_id": None}, []),
    (
        facts.GigPlaceMoved,
        {"state": "claimed", "before": "open", "due_at": MOMENT},
        [
            (POSTER, "有人接了零工", "有邻居接了，到时候会来。"),
            (WORKER, "零工接好了，请按时到", "到了先签到；到 2026年5月14日 18:00 还没签到，名额就让给别人。"),
        ],
    ),
    (facts.GigPlaceMoved, {"state": "claimed", "before": "claimed"}, []),
    (
        facts.GigPlaceMoved,
        {"state": "open", "before": "claimed", "worker_household_id": None},
        [(POSTER, "接活的邻居来不了", "还在等人接")],
    ),
    (facts.GigPlaceMoved, {"state": "open", "before": ""}, []),
    (
        facts.GigPlaceMoved,
        {"state": "done", "due_at": MOMENT},
        [
            (
                POSTER,
                "零工做完了，请您看看",
                "满意请点确认，付出 10 分；不满意请说明原因。到 2026年5月14日 18:00 没有回音，就当作满意。",
            )
        ],
    ),
    (
        facts.GigPlaceMoved,
        {"state": "done", "due_at": MOMENT, **FOR_ALL},
        [(GRID_WORKER, "零工做完了，请您看看", "请在 2026年5月14日 18:00 前去看看并确认")],
    ),
    (
        facts.GigPlaceMoved,
        {"state": "done", "poster_household_id": None},
        [(COMMITTEE, "零工做完了，请您看看", "请尽快去看看")],
    ),
    (
        facts.GigPlaceMoved,
        {"state": "verified", "due_at": MOMENT, "acting_household_id": None},
        [(POSTER, "零工已经确认做好", "有意见请在 2026年5月14日 18:00 前提出，之后就付 10 分。")],
    ),
    (facts.GigPlaceMoved, {"state": "verified", "acting_household_id": HOUSE}, []),
    (facts.GigPlaceMoved, {"state": "verified", **FOR_ALL}, []),
    (
        facts.GigPlaceMoved,
        {},
        [
            (WORKER, "零工报酬 10 分", "“帮李奶奶擦玻璃”的 10 分已经到您家。"),
            (POSTER, "零工报酬付好了", "付给干活的邻居 10 分"),
        ],
    ),
    (facts.GigPlaceMoved, FOR_ALL, [(WORKER, "零工报酬 10 分", "已经到您家")]),
    (
        facts.GigPlaceMoved,
        {"state": "disputed", "reason": "只擦了一半"},
        [
            (SUPERVISORS, "零工有争议，请来断一断", "定下 10 分怎么分。原因：只擦了一半。"),
            (POSTER, "零工有不同意见", "由监督委员会来断"),
            (WORKER, "零工有不同意见", "10 分先放着"),
        ],
    ),
    (
        facts.GigPlaceMoved,
        {"state": "settled", "paid_points": 4},
        [
            (POSTER, "零工的争议断好了", "干活的一家得 4 分，退回 6 分。"),
            (WORKER, "零工的争议断好了", "干活的一家得 4 分"),
        ],
    ),
    (facts.GigPlaceMoved, {"state": "cancelled"}, [(WORKER, "零工取消了，不用去了", "您家不用去了")]),
    (facts.GigPlaceMoved, {"state": "cancelled", "worker_household_id": None}, []),
    (
        facts.GigPlaceMoved,
        {"state": "expired"},
        [(WORKER, "零工过了时间", "其实做了的话，请找网格员说明"), (POSTER, "零工没有做成", "留出的积分已经退回")],
    ),
    (facts.GigPlaceMoved, {"state": "expired", "worker_household_id": None}, []),
    # Help in the time bank.
    (facts.HelpMoved, {"state": "requested", "action": "request"}, []),
    (
        facts.HelpMoved,
        {"state": "requested", "action": "request", "waits_for_pool": True, "due_at": MOMENT},
        [
            (
                Holders((Role.COMMUNITY_ADMIN, Role.COMMITTEE_MEMBER)),
                "有一件求助等您同意",
                "想用社区的公共时间，您同意了邻居才能来帮。请在 2026年5月14日 18:00 前看一看。",
            )
        ],
    ),
    (
        facts.HelpMoved,
        {"state": "requested", "action": "approve"},
        [(ASKER, "求助同意了，等邻居来帮", "您求助的“陪同就医”社区同意了")],
    ),
    (facts.HelpMoved, {"state": "requested", "action": "leave"}, [(ASKER, "帮忙的人有变动", "现在还没有能来的邻居")]),
    (facts.HelpMoved, {"state": "requested", "action": "of a later version"}, []),
    (facts.HelpMoved, {"action": "join_as_helper"}, [(ASKER, "有邻居来帮您了", "时间是 2026年5月12日 09:00")]),
    (facts.HelpMoved, {"action": "join_as_helped"}, []),
    (facts.HelpMoved, {"action": "leave"}, [(ASKER, "帮忙的人有变动", "现在有 1 位邻居来帮")]),
    (facts.HelpMoved, {"action": "enter_start"}, []),
    (facts.HelpMoved, {"state": "started", "action": "enter_start"}, []),
    (
        facts.HelpMoved,
        {"state": "ended", "action": "enter_stop", "due_at": MOMENT},
        [(BOTH, "帮忙结束，请确认时间", "请在 2026年5月14日 18:00 前确认时间")],
    ),
    (facts.HelpMoved, {"state": "ended", "action": "confirm"}, []),
    (facts.HelpMoved, {"state": "credited", "action": "credit"}, [(ASKER, "帮忙的时间记好了", "没有用完的退给您")]),
    (
        facts.HelpMoved,
        {"state": "cancelled", "action": "cancel", "reason": "改天再去"},
        [
            (ASKER, "求助取消了", "留出的时间已经退回。原因：改天再去。"),
            (People((HELPER,)), "求助取消了，不用去了", "您不用去了"),
        ],
    ),
    (
        facts.HelpMoved,
        {"state": "disputed", "action": "dispute", "reason": "多记了一小时"},
        [
            (BOTH, "帮忙的时间有不同意见", "先不记"),
            (SUPERVISORS, "帮忙的时间有争议，请来断一断", "原因：多记了一小时。"),
        ],
    ),
    (facts.HelpMoved, {"state": "settled", "action": "settle"}, [(BOTH, "帮忙的时间断好了", "各人的时间已经记好")]),
    (facts.TimeCredited, {}, [(ASKER, "时间存折增加 2 小时", "您帮邻居“陪同就医”，时间存折记上 2 小时。")]),
    (
        facts.TimeCredited,
        {"minutes_served": 60, "minutes_credited": 90},
        [(ASKER, "时间存折增加 1 小时 30 分钟", "（实际 1 小时，按标准折算）")],
    ),
    (facts.TimeCredited, {"minutes_credited": 45}, [(ASKER, "时间存折增加 45 分钟", "记上 45 分钟")]),
    (
        facts.MinutesGiven,
        {"giver_resident_id": HELPER},
        [(ASKER, "家人给您 1 小时 30 分钟", "记在您的时间存折上。原因：奶奶要人陪着看病。需要帮忙时")],
    ),
    (
        facts.MinutesGiven,
        {"giver_resident_id": None, "minutes": 30, "reason": ""},
        [(ASKER, "社区给您 30 分钟", "从公共时间里给了您 30 分钟，记在您的时间存折上。需要帮忙时")],
    ),
    # Things in a neighbour's charge.
    (
        facts.AdoptionMoved,
        {"action": "apply", "state": "applied"},
        [(COMMITTEE, "有人申请认领", "有邻居想认领“南门口的香樟树”")],
    ),
    (
        facts.AdoptionMoved,
        {"action": "agree", "state": "agreed", "due_at": MOMENT},
        [(POSTER, "认领同意了，请来签字", "请在 2026年5月14日 18:00 前看过约定后签字，过期就作废。")],
    ),
    (facts.AdoptionMoved, {"action": "refuse", "reason": "树要移走"}, [(POSTER, "认领没有同意", "原因：树要移走。")]),
    (facts.AdoptionMoved, {}, []),
    (facts.AdoptionMoved, {"action": "lapse"}, [(POSTER, "认领作废了", "没有按时签字")]),
    (facts.AdoptionMoved, {"action": "ask_renewal"}, [(COMMITTEE, "有人想继续认领", "请答复同意不同意")]),
    (facts.AdoptionMoved, {"action": "renew"}, [(POSTER, "续认领办好了", "继续由您照看")]),
    (facts.AdoptionMoved, {"action": "decline_renewal"}, [(POSTER, "这次不续了", "到期以前还请照常照看")]),
    (facts.AdoptionMoved, {"action": "release", "household_id": None}, [(FIRM, "认领结束了", "谢谢您一直照看")]),
    (facts.AdoptionMoved, {"action": "end"}, [(POSTER, "认领期满了", "还想照看，可以再申请")]),
    (facts.AdoptionDutyOverdue, {}, [(POSTER, "您认领的该照看了", "该照看的日子是 2026年5月18日，已经过了")]),
    (facts.AdoptionDutyOverdue, {"household_id": None}, [(FIRM, "您认领的该照看了", "拍张照片记上")]),
    (facts.AdoptionDutyJudged, {"points": 2}, [(POSTER, "照看得好，增加 2 分", "2 分已经到您家")]),
    (facts.AdoptionDutyJudged, {"points": 0, "household_id": None}, [(FIRM, "照看得好", "谢谢您")]),
    (
        facts.AdoptionDutyJudged,
        {"is_passed": False, "points": 0, "reason": "树下还有垃圾"},
        [(POSTER, "这次照看还差一点", "原因：树下还有垃圾。")],
    ),
    # Awards and what they bring.
    (facts.AwardMoved, {"before": "decided"}, [(POSTER, "恭喜，您家评上了", "您家评上了“身边好人”，正在公示")]),
    (facts.AwardMoved, {"before": "objected"}, [(POSTER, "评选继续公示", "异议没有成立")]),
    (
        facts.AwardMoved,
        {"state": "objected", "before": "published", "reason": "不实"},
        [
            (POSTER, "评选收到异议", "由监督委员会核实后答复"),
            (SUPERVISORS, "评选有异议，请核实", "原因：不实。"),
        ],
    ),
    (facts.AwardMoved, {"state": "refused", "before": "objected"}, [(POSTER, "这次没有评上", "异议成立")]),
    (facts.AwardMoved, {"state": "refused", "before": "nominated"}, []),
    (facts.AwardMoved, {"state": "decided", "before": "nominated"}, []),
    (facts.AwardMoved, {"state": "granted", "before": "published"}, []),
    (
        facts.AwardGranted,
        {},
        [(POSTER, "恭喜，“身边好人”生效了", "奖励评议分 10 分、兑换分 10 分，已经到您家。另外免 1 个月物业费")],
    ),
    (
        facts.AwardGranted,
        {"standing": 0, "spendable": 0, "fee_months": 0},
        [(POSTER, "恭喜，“身边好人”生效了", "您家评上")],
    ),
    (facts.AwardRevoked, {}, [(POSTER, "评优撤销了", "原因：事迹不实。有疑问请找社区。")]),
    (facts.FeeWaiverGranted, {}, [(POSTER, "物业费免好了", "2026年6月不用交")]),
    (
        facts.FeeWaiverRefused,
        {},
        [
            (POSTER, "物业费还没有免成", "原因：没有找到这一户。社区会跟物业核对"),
            (Holders((Role.COMMUNITY_ADMIN,)), "奖励的物业费没有免成，请核对", "请跟物业核对后答复住户"),
        ],
    ),
    (facts.FeeWaiverWithdrawn, {}, [(POSTER, "免物业费取消了", "请照常交")]),
    # Boards.
    (facts.BoardEntryMoved, {"state": "proposed"}, []),
    (
        facts.BoardEntryMoved,
        {},
        [(POSTER, "有件事请您家留意", "原因：楼道长期堆放杂物。请在 2026年5月25日 前改好，改好就不上榜")],
    ),
    (
        facts.BoardEntryMoved,
        {"state": "disputed", "until": None},
        [(POSTER, "您家的异议收到了", "答复以前不会上榜"), (SUPERVISORS, "提醒榜有异议，请核实", "楼道长期堆放杂物")],
    ),
    (facts.BoardEntryMoved, {"before": "disputed"}, [(POSTER, "异议没有成立", "改好就不上榜")]),
    (
        facts.BoardEntryMoved,
        {"state": "listed", "until": DAY},
        [(POSTER, "提醒榜上有您家的一条", "挂到 2026年5月18日，改好了可以提前取下")],
    ),
    (facts.BoardEntryMoved, {"state": "cured", "until": None}, [(POSTER, "改好了，谢谢您", "不在提醒榜上")]),
    (facts.BoardEntryMoved, {"state": "removed", "until": None}, [(POSTER, "提醒榜取下了", "已经取下")]),
    (facts.BoardEntryMoved, {"state": "dismissed", "before": "disputed"}, [(POSTER, "这件事撤销了", "不会上榜")]),
    (facts.BoardEntryMoved, {"state": "dismissed", "before": "proposed"}, []),
    (
        facts.BoardEntryMoved,
        {"board": "honour", "state": "listed", "until": DAY, "reason": "拾金不昧"},
        [(POSTER, "恭喜，您家上了光荣榜", "您家上了光荣榜，挂到 2026年5月18日。原因：拾金不昧。")],
    ),
    (facts.BoardEntryMoved, {"board": "honour", "state": "removed"}, [(POSTER, "光荣榜到期取下", "谢谢您家带的好头")]),
]
