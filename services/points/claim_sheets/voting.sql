-- Vote on every line of a sheet that one assessor may judge: not the own household's, not kin's, not what the assessor entered or has judged.
-- Lines with enough votes are decided at once: published, or refused. Returns the decided lines.
-- Locks: the lines in the order of their ids, so that two assessors' votes are counted one after the other.
CREATE OR REPLACE FUNCTION points.vote_on_sheet(
    p_community uuid, p_sheet uuid, p_account uuid, p_aside uuid[], p_is_approved boolean, p_reason text, p_now timestamptz
) RETURNS TABLE (claim_id uuid, household_id uuid, item_name text, state text) LANGUAGE plpgsql AS $$
DECLARE
    v_lines uuid[];
BEGIN
    SELECT array_agg(l.id) INTO v_lines FROM (
        SELECT c.id FROM points.claim c
        WHERE c.community_id = p_community AND c.sheet_id = p_sheet AND c.state = 'verified' AND c.account_id <> p_account
            AND c.household_id <> ALL (p_aside)
        ORDER BY c.id FOR UPDATE
    ) AS l
    WHERE NOT EXISTS (
        SELECT 1 FROM points.claim_vote v WHERE v.community_id = p_community AND v.claim_id = l.id AND v.account_id = p_account);
    INSERT INTO points.claim_vote (community_id, claim_id, account_id, is_approved, reason, cast_at)
        SELECT p_community, line, p_account, p_is_approved, p_reason, p_now FROM unnest(v_lines) AS line;
    RETURN QUERY
        WITH counted AS (
            SELECT v.claim_id AS line, count(*) AS votes, count(*) FILTER (WHERE v.is_approved) AS approvals
            FROM points.claim_vote v WHERE v.community_id = p_community AND v.claim_id = ANY (v_lines) GROUP BY v.claim_id
        )
        UPDATE points.claim c SET
            state = CASE WHEN 2 * n.approvals > n.votes THEN 'publicised' ELSE 'rejected' END,
            notice_ends_at = CASE WHEN 2 * n.approvals > n.votes THEN p_now + make_interval(days => c.notice_days) END,
            post_after = CASE WHEN 2 * n.approvals > n.votes THEN p_now + make_interval(days => c.notice_days) END,
            reason = CASE WHEN 2 * n.approvals > n.votes THEN '' ELSE p_reason END
        FROM counted n
        WHERE c.community_id = p_community AND c.id = n.line AND n.votes >= c.panel_quorum
        RETURNING c.id, c.household_id, c.item_name::text, c.state::text;
END $$;
