"""The invariant of those who step aside: who judged, answered, handed over or verified for themselves or for declared kin."""

from typing import Final

RECUSALS: Final = """
    WITH acted AS MATERIALIZED (
        -- Identity alone knows whose an account is; here it is known by what the account did for a household, and until it acts for another.
        SELECT account_id, household_id, created_at AS at FROM points.claim WHERE NOT is_on_behalf
        UNION ALL SELECT account_id, household_id, created_at FROM points.redemption
        UNION ALL SELECT account_id, household_id, joined_at FROM points.help_participant
        UNION ALL SELECT account_id, household_id, created_at FROM points.adoption WHERE household_id IS NOT NULL
        UNION ALL SELECT worker_account_id, worker_household_id, claimed_at FROM points.gig_place WHERE worker_account_id IS NOT NULL
    ), judged AS (
        -- Kin step aside for what is judged; not at the counter, and not for work paid with the own points.
        SELECT v.claim_id AS subject, v.account_id, c.household_id, v.cast_at AS at, '评议人 ' || v.account_id || ' 评了自家的申报' AS found, true AS is_for_kin
        FROM points.claim_vote v JOIN points.claim c ON c.community_id = v.community_id AND c.id = v.claim_id
        UNION ALL
        SELECT r.id, r.handed_over_by, r.household_id, r.ended_at, '管理员 ' || r.handed_over_by || ' 给自家发了货', false
        FROM points.redemption r WHERE r.handed_over_by IS NOT NULL
        UNION ALL
        SELECT r.id, r.taken_back_by, r.household_id, r.taken_back_at, '管理员 ' || r.taken_back_by || ' 收了自家的退货', false
        FROM points.redemption r WHERE r.taken_back_by IS NOT NULL
        UNION ALL
        SELECT d.id, d.inspected_by, d.household_id, d.inspected_at, '检查人 ' || d.inspected_by || ' 检查了自家的管护', true
        FROM points.adoption_duty d WHERE d.inspected_by IS NOT NULL AND d.household_id IS NOT NULL
        UNION ALL
        SELECT o.id, o.answered_by, party.household_id, o.answered_at, '监督员 ' || o.answered_by || ' 答复了与自家有关的异议', true
        FROM points.claim_objection o JOIN points.claim c ON c.community_id = o.community_id AND c.id = o.claim_id
        CROSS JOIN LATERAL (SELECT c.household_id UNION SELECT o.household_id) AS party (household_id)
        WHERE o.answered_by IS NOT NULL
        UNION ALL
        SELECT a.id, a.answered_by, party.household_id, a.ended_at, '监督员 ' || a.answered_by || ' 答复了与自家有关的申诉', true
        FROM points.claim_appeal a JOIN points.claim c ON c.community_id = a.community_id AND c.id = a.claim_id
        CROSS JOIN LATERAL (SELECT c.household_id UNION SELECT a.household_id) AS party (household_id)
        WHERE a.answered_by IS NOT NULL
        UNION ALL
        SELECT o.id, o.answered_by, o.household_id, o.answered_at, '监督员 ' || o.answered_by || ' 答复了自家对公示的异议', true
        FROM points.period_objection o WHERE o.answered_by IS NOT NULL
        UNION ALL
        SELECT t.id, t.acting_account_id, a.owner_id, t.created_at, '管理员 ' || t.acting_account_id || ' 给自家办了合户或分户', true
        FROM points.transfer t JOIN points.account a ON a.community_id = t.community_id AND a.id IN (t.from_account_id, t.to_account_id)
            AND a.kind = 'household'
        WHERE t.kind IN ('merge', 'split') AND t.acting_account_id IS NOT NULL
        UNION ALL
        SELECT e.id, v.account_id, e.household_id, v.cast_at, '评议人 ' || v.account_id || ' 评了自家上榜', true
        FROM points.board_vote v JOIN points.board_entry e ON e.community_id = v.community_id AND e.id = v.entry_id
        UNION ALL
        SELECT e.gig_id, e.account_id, e.household_id, e.happened_at, '验收人 ' || e.account_id || ' 验收了自家的活', g.poster_household_id IS NULL
        FROM points.gig_event e JOIN points.gig g ON g.community_id = e.community_id AND g.id = e.gig_id
        WHERE e.action = 'verify' AND e.account_id IS NOT NULL
        UNION ALL
        SELECT e.gig_id, e.account_id, party.household_id, e.happened_at, '监督员 ' || e.account_id || ' 裁定了自家的零工争议', true
        FROM points.gig_event e JOIN points.gig g ON g.community_id = e.community_id AND g.id = e.gig_id
        CROSS JOIN LATERAL (VALUES (e.household_id), (g.poster_household_id)) AS party (household_id)
        WHERE e.action = 'settle' AND e.account_id IS NOT NULL
        UNION ALL
        SELECT e.request_id, e.account_id, r.requester_household_id, e.happened_at, '工作人员 ' || e.account_id || ' 批准了自家的求助', true
        FROM points.help_event e JOIN points.help_request r ON r.community_id = e.community_id AND r.id = e.request_id
        WHERE e.action = 'approve' AND e.account_id IS NOT NULL
        UNION ALL
        SELECT e.request_id, e.account_id, h.household_id, e.happened_at, '监督员 ' || e.account_id || ' 裁定了自家的互助争议', true
        FROM points.help_event e JOIN points.help_participant h ON h.community_id = e.community_id AND h.request_id = e.request_id
        WHERE e.action = 'settle' AND e.account_id IS NOT NULL
    ), own AS (
        SELECT account_id, household_id, min(at) AS since FROM acted GROUP BY account_id, household_id
    )
    SELECT j.subject, j.found FROM judged j
    JOIN own ON own.account_id = j.account_id AND own.household_id = j.household_id AND own.since <= j.at
    WHERE NOT EXISTS (
        SELECT 1 FROM acted o WHERE o.account_id = j.account_id AND o.household_id <> j.household_id AND o.at > own.since AND o.at <= j.at)
    UNION ALL
    SELECT j.subject, replace(j.found, '自家', '亲属家') FROM judged j
    JOIN points.kinship k ON k.account_id = j.account_id AND k.household_id = j.household_id
        AND k.declared_at < j.at AND (k.ended_at IS NULL OR j.at < k.ended_at)
    WHERE j.is_for_kin
    UNION ALL
    SELECT v.claim_id, '录入人 ' || v.account_id || ' 评了自己录的申报'
    FROM points.claim_vote v JOIN points.claim c ON c.community_id = v.community_id AND c.id = v.claim_id
    WHERE v.account_id = c.account_id
    UNION ALL
    SELECT v.entry_id, '提名人 ' || v.account_id || ' 评了自己提的上榜'
    FROM points.board_vote v JOIN points.board_entry e ON e.community_id = v.community_id AND e.id = v.entry_id
    WHERE v.account_id = e.proposed_by
    UNION ALL
    SELECT p.id, '干活人 ' || p.verified_by || ' 验收了自己的活' FROM points.gig_place p WHERE p.verified_by = p.worker_account_id
    UNION ALL
    SELECT r.id, '求助人 ' || r.approved_by || ' 审核了自己的求助' FROM points.help_request r WHERE r.approved_by = r.requester_account_id
    UNION ALL
    SELECT h.request_id, '同一户的人站在帮忙和受助两边' FROM points.help_participant h
    GROUP BY h.request_id, h.household_id HAVING count(DISTINCT h.side) > 1
    UNION ALL
    SELECT p.id, '同一个人 ' || p.reviewed_by || ' 既复核又公布' FROM points.period p WHERE p.reviewed_by = p.publicised_by
"""
