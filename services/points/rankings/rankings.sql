-- Draw up the order by standing anew, unless somebody did since `p_before`. Nobody waits: whoever comes second goes away.
CREATE OR REPLACE FUNCTION points.refresh_ranking(p_community uuid, p_before timestamptz, p_now timestamptz) RETURNS void
LANGUAGE plpgsql
-- A whole community is joined at once; without fresh statistics the planner might take it for a few rows and loop.
SET enable_nestloop = off
AS $$
DECLARE
    v_edition int;
    v_made_at timestamptz;
BEGIN
    IF NOT pg_try_advisory_xact_lock(hashtextextended('ranking ' || p_community::text, 0)) THEN
        RETURN;
    END IF;
    SELECT edition, made_at INTO v_edition, v_made_at FROM points.ranking WHERE community_id = p_community;
    IF v_made_at > p_before THEN
        RETURN;
    END IF;
    v_edition := coalesce(v_edition, 0) + 1;
    INSERT INTO points.ranking_row (community_id, edition, level, subject_id, label, householder_name, grid_name, building_name,
            households, standing, score_e2, rank)
        WITH home AS (
            SELECT h.id, h.number, h.householder_name, h.grid_id, h.grid_name, h.building_id, h.building_name, a.available + a.held AS standing
            FROM points.household h
            JOIN points.account a ON a.community_id = p_community AND a.kind = 'household' AND a.owner_id = h.id AND a.asset = 'standing'
            WHERE h.community_id = p_community AND h.status = 'active'
        ), total AS (
            SELECT CASE grouping(id, building_id, grid_id) WHEN 3 THEN 'household' WHEN 5 THEN 'building' ELSE 'grid' END AS level,
                coalesce(id, building_id, grid_id) AS subject_id,
                CASE grouping(id, building_id, grid_id)
                    WHEN 3 THEN max(number) WHEN 5 THEN max(building_name) ELSE max(grid_name) END AS label,
                CASE WHEN grouping(id) = 0 THEN max(householder_name) ELSE '' END AS householder_name,
                max(grid_name) AS grid_name,
                CASE WHEN grouping(id, building_id, grid_id) < 6 THEN max(building_name) ELSE '' END AS building_name,
                count(*)::int AS households, sum(standing)::bigint AS standing,
                floor(100 * sum(standing)::numeric / count(*))::bigint AS score_e2
            FROM home GROUP BY GROUPING SETS ((id), (building_id), (grid_id))
        )
        SELECT p_community, v_edition, level, subject_id, label, householder_name, grid_name, building_name, households, standing,
            score_e2, rank() OVER (PARTITION BY level ORDER BY score_e2 DESC)
        FROM total;
    DELETE FROM points.ranking_row WHERE community_id = p_community AND edition < v_edition - 1;
    INSERT INTO points.ranking (community_id, edition, made_at) VALUES (p_community, v_edition, p_now)
        ON CONFLICT (community_id) DO UPDATE SET edition = v_edition, made_at = p_now;
END $$;
