"""Facts of proposals and property: who hears what."""

from uuid import UUID

from services.notifications.recipients.domain import Accounts, Holders, Household, Residents
from shared.contracts import events as facts
from shared.kernel.principal import Role, ScopeKind
from tests.notifications.inbox.recorded import ACCOUNT, GRID, HOUSE, MIDNIGHT

HOME, ALL, ME = Household(HOUSE), Residents(), Accounts((ACCOUNT,))
DESK = Holders((Role.PROPERTY_AGENT,))
IN_GRID = {"scope_kind": "grid", "scope_id": GRID}
GRID_FOLK = Residents(ScopeKind.GRID, GRID)
WORKER = {"worker_account_id": ACCOUNT, "worker_id": UUID(int=9)}

CASES = [
    (facts.ConcernAnswered, {"answer": "明天换。"}, [(HOME, "您反映的事有答复了", "“修缮楼道灯”：明天换。")]),
    (facts.ConcernAnswered, {"household_id": None, "answer": "明天换"}, [(ME, "您反映的事有答复了", "修缮楼道灯")]),
    (facts.ConcernAnswered, {"household_id": None, "account_id": None}, []),
    (facts.ProposalOpened, IN_GRID, [(GRID_FOLK, "有新提议，请您看看", "有 1 户附议就进入议事程序")]),
    (
        facts.RoundOpened,
        {**IN_GRID, "closes_at": MIDNIGHT, "question": "装电梯吗"},
        [(GRID_FOLK, "请您家投票", "“装电梯吗”开始投票，2026年5月17日 24:00 截止。一户一票")],
    ),
    (
        facts.RoundTallied,
        {"derivation": "同意 80 户", "question": "装电梯吗"},
        [(ALL, "计票结果：通过", "同意 80 户。结果公示期满")],
    ),
    (
        facts.NoticeStarted,
        {"contact": "王书记"},
        [(ALL, "公示", "到 2026年5月11日 09:00 为止。有异议请联系：王书记。")],
    ),
    (
        facts.ObjectionAnswered,
        {"is_upheld": False, "answered_by": "李主任", "answer": "已核实"},
        [(ME, "异议已答复", "您对“修缮楼道灯”的异议，李主任答复：已核实。")],
    ),
    (
        facts.ObjectionAnswered,
        {"answered_by": "李主任", "answer": "已更正。"},
        [(ME, "异议成立，公示已停止", "修缮楼道灯")],
    ),
    (facts.DecisionPublished, IN_GRID, [(GRID_FOLK, "决议已生效", "接下来按决议办理")]),
    (facts.ResultPublished, {}, [(ALL, "事情办完了", "实施结果已经公示完毕")]),
    (
        facts.TicketSubmitted,
        {},
        [
            (DESK, "新报修 T2026051100001", "请在 2026年5月11日 09:00 前受理。"),
            (HOME, "已替您登记报修", "报修单号是 T2026051100001"),
        ],
    ),
    (
        facts.TicketSubmitted,
        {"by_desk": False, "respond_due_at": None},
        [(DESK, "新报修 T2026051100001", "请尽快受理。")],
    ),
    (facts.TicketMoved, {}, []),
    (facts.TicketMoved, {"action": "take"}, [(HOME, "师傅已接单", "由李**师傅负责")]),
    (facts.TicketMoved, {"action": "finish"}, [(HOME, "修好了，请确认", "请您看看修好没有")]),
    (facts.TicketMoved, {"action": "offer", **WORKER}, [(ME, "有新的派工", "请在 2026年5月11日 09:00 前接单。")]),
    (facts.TicketMoved, {"action": "lapse"}, [(DESK, "派工超时未接", "请重新派工")]),
    (facts.TicketClosed, {}, [(HOME, "报修已办结", "已经修好。还有问题可以要求重开。")]),
    (facts.TicketRated, WORKER, [(ME, "住户给您打分了", "对您的服务满意：质量 5 分，态度 4 分")]),
    (
        facts.TicketEscalated,
        {"department": "engineering"},
        [
            (
                Holders((Role.DEPARTMENT_HEAD,), ScopeKind.DEPARTMENT, "engineering"),
                "报修单 T2026051100001 快到期了",
                "时限已用去 80%，期限是 2026年5月11日 09:00，请抓紧处理。",
            )
        ],
    ),
]
