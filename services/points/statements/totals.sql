-- What every household, building, grid and the community had, earned and spent between two moments, from the transfers alone.
-- Opening points count as had from the start. What undoes a transfer of an earlier period stands apart as a correction.
-- A household that went up in another or left keeps its line and its points, but is not counted and has no rank (0).
-- Without a previous edition the opening balance is summed from the first transfer on; with one it is that edition's closing balance.
CREATE OR REPLACE FUNCTION points.period_totals(
    p_community uuid, p_begins timestamptz, p_ends timestamptz, p_previous_period uuid, p_previous_edition int
) RETURNS TABLE (
    level text, subject_id uuid, label text, householder_name text, grid_id uuid, grid_name text, building_id uuid, building_name text,
    households int,
    standing_opening bigint, standing_added bigint, standing_taken bigint, standing_corrected bigint, standing_closing bigint,
    spendable_opening bigint, spendable_added bigint, spendable_taken bigint, spendable_corrected bigint, spendable_closing bigint,
    claims int, deductions int, score_e2 bigint, rank int
) LANGUAGE sql STABLE
-- A whole community is joined at once; without fresh statistics the planner might take it for a few rows and loop.
SET enable_nestloop = off
AS $$
    WITH moved AS MATERIALIZED (
        SELECT t.asset, t.kind, t.amount, t.from_account_id, t.to_account_id,
            t.event_at < p_begins OR t.kind = 'opening' AS is_opening,
            t.event_at >= p_begins AND t.kind <> 'opening' AS is_own,
            CASE WHEN t.reverses_id IS NULL THEN false ELSE (
                SELECT o.event_at < p_begins FROM points.transfer o WHERE o.community_id = p_community AND o.id = t.reverses_id
            ) END AS is_fix
        FROM points.transfer t
        WHERE t.community_id = p_community AND t.asset IN ('standing', 'spendable') AND t.event_at < p_ends
            AND t.event_at >= CASE WHEN p_previous_period IS NULL THEN '-infinity'::timestamptz ELSE p_begins END
    ), line AS (
        SELECT a.owner_id, m.asset, m.kind, m.amount, m.is_opening, m.is_own, m.is_fix
        FROM moved m JOIN points.account a ON a.community_id = p_community AND a.id = m.to_account_id AND a.kind = 'household'
        UNION ALL
        SELECT a.owner_id, m.asset, m.kind, -m.amount, m.is_opening, m.is_own, m.is_fix
        FROM moved m JOIN points.account a ON a.community_id = p_community AND a.id = m.from_account_id AND a.kind = 'household'
    ), own AS (
        SELECT owner_id,
            coalesce(sum(amount) FILTER (WHERE asset = 'standing' AND is_opening), 0) AS standing_opening,
            coalesce(sum(amount) FILTER (WHERE asset = 'standing' AND is_own AND NOT is_fix AND amount > 0), 0) AS standing_added,
            coalesce(-sum(amount) FILTER (WHERE asset = 'standing' AND is_own AND NOT is_fix AND amount < 0), 0) AS standing_taken,
            coalesce(sum(amount) FILTER (WHERE asset = 'standing' AND is_own AND is_fix), 0) AS standing_corrected,
            coalesce(sum(amount) FILTER (WHERE asset = 'spendable' AND is_opening), 0) AS spendable_opening,
            coalesce(sum(amount) FILTER (WHERE asset = 'spendable' AND is_own AND NOT is_fix AND amount > 0), 0) AS spendable_added,
            coalesce(-sum(amount) FILTER (WHERE asset = 'spendable' AND is_own AND NOT is_fix AND amount < 0), 0) AS spendable_taken,
            coalesce(sum(amount) FILTER (WHERE asset = 'spendable' AND is_own AND is_fix), 0) AS spendable_corrected,
            count(*) FILTER (WHERE asset = 'standing' AND is_own AND kind = 'claim' AND amount > 0) AS claims,
            count(*) FILTER (WHERE asset = 'standing' AND is_own AND kind = 'deduction' AND amount < 0) AS deductions
        FROM line GROUP BY owner_id
    ), home AS (
        SELECT h.id, h.number, h.householder_name, h.grid_id, h.grid_name, h.building_id, h.building_name, h.status = 'active' AS is_here,
            coalesce(b.standing_closing, 0) + coalesce(own.standing_opening, 0) AS standing_opening,
            coalesce(own.standing_added, 0) AS standing_added, coalesce(own.standing_taken, 0) AS standing_taken,
            coalesce(own.standing_corrected, 0) AS standing_corrected,
            coalesce(b.spendable_closing, 0) + coalesce(own.spendable_opening, 0) AS spendable_opening,
            coalesce(own.spendable_added, 0) AS spendable_added, coalesce(own.spendable_taken, 0) AS spendable_taken,
            coalesce(own.spendable_corrected, 0) AS spendable_corrected,
            coalesce(own.claims, 0) AS claims, coalesce(own.deductions, 0) AS deductions
        FROM points.household h
        LEFT JOIN own ON own.owner_id = h.id
        LEFT JOIN points.statement_total b ON b.community_id = p_community AND b.period_id = p_previous_period
            AND b.edition = p_previous_edition AND b.level = 'household' AND b.subject_id = h.id
        WHERE h.community_id = p_community AND h.registered_at < p_ends
    ), total AS (
        SELECT CASE grouping(id, building_id, grid_id)
                WHEN 3 THEN 'household' WHEN 5 THEN 'building' WHEN 6 THEN 'grid' ELSE 'community' END AS level,
            coalesce(id, building_id, grid_id, p_community) AS subject_id,
            CASE grouping(id, building_id, grid_id)
                WHEN 3 THEN max(number) WHEN 5 THEN max(building_name) WHEN 6 THEN max(grid_name) ELSE '' END AS label,
            CASE WHEN grouping(id) = 0 THEN max(householder_name) ELSE '' END AS householder_name,
            CASE WHEN grouping(id, building_id, grid_id) < 7 THEN max(grid_id::text)::uuid END AS grid_id,
            CASE WHEN grouping(id, building_id, grid_id) < 7 THEN max(grid_name) ELSE '' END AS grid_name,
            CASE WHEN grouping(id, building_id, grid_id) < 6 THEN max(building_id::text)::uuid END AS building_id,
            CASE WHEN grouping(id, building_id, grid_id) < 6 THEN max(building_name) ELSE '' END AS building_name,
            count(*) FILTER (WHERE is_here)::int AS households,
            coalesce(sum(standing_opening), 0)::bigint AS standing_opening, coalesce(sum(standing_added), 0)::bigint AS standing_added,
            coalesce(sum(standing_taken), 0)::bigint AS standing_taken, coalesce(sum(standing_corrected), 0)::bigint AS standing_corrected,
            coalesce(sum(standing_opening + standing_added - standing_taken + standing_corrected), 0)::bigint AS standing_closing,
            coalesce(sum(spendable_opening), 0)::bigint AS spendable_opening, coalesce(sum(spendable_added), 0)::bigint AS spendable_added,
            coalesce(sum(spendable_taken), 0)::bigint AS spendable_taken, coalesce(sum(spendable_corrected), 0)::bigint AS spendable_corrected,
            coalesce(sum(spendable_opening + spendable_added - spendable_taken + spendable_corrected), 0)::bigint AS spendable_closing,
            coalesce(sum(claims), 0)::int AS claims, coalesce(sum(deductions), 0)::int AS deductions
        FROM home GROUP BY GROUPING SETS ((id), (building_id), (grid_id), ())
    ), scored AS (
        SELECT *, floor(100 * (standing_added - standing_taken + standing_corrected)::numeric / greatest(households, 1))::bigint AS score_e2
        FROM total
    )
    SELECT *, CASE WHEN households = 0 THEN 0 ELSE rank() OVER (PARTITION BY level, households = 0 ORDER BY score_e2 DESC) END::int FROM scored;
$$;

-- The hash over an edition: SHA-256 over the period, the previous edition's hash and every line in order. `root_of` in domain.py is the same.
CREATE OR REPLACE FUNCTION points.statement_root(p_community uuid, p_period uuid, p_edition int, p_previous_root text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(
        concat_ws('|', p_period::text, coalesce(p_previous_root, '-')) || E'\n' || coalesce(string_agg(
            concat_ws('|', level, subject_id::text, households,
                standing_opening, standing_added, standing_taken, standing_corrected, standing_closing,
                spendable_opening, spendable_added, spendable_taken, spendable_corrected, spendable_closing, claims, deductions),
            E'\n' ORDER BY level COLLATE "C", subject_id), ''), 'UTF8')), 'hex')
    FROM points.statement_total WHERE community_id = p_community AND period_id = p_period AND edition = p_edition;
$$;

-- Draw up an edition: the totals of all levels in one statement, then the hash over them, which closes it.
CREATE OR REPLACE FUNCTION points.write_statements(
    p_community uuid, p_period uuid, p_edition int, p_name text, p_begins_on date, p_ends_on date, p_begins timestamptz, p_ends timestamptz,
    p_previous_period uuid, p_previous_edition int, p_now timestamptz
) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_households int;
    v_root text;
BEGIN
    INSERT INTO points.statement_total (community_id, period_id, edition, level, subject_id, label, householder_name,
            grid_id, grid_name, building_id, building_name, households,
            standing_opening, standing_added, standing_taken, standing_corrected, standing_closing,
            spendable_opening, spendable_added, spendable_taken, spendable_corrected, spendable_closing,
            claims, deductions, score_e2, rank)
        SELECT p_community, p_period, p_edition, t.*
        FROM points.period_totals(p_community, p_begins, p_ends, p_previous_period, p_previous_edition) t;
    -- One line a household: a transfer between two households, undone later, stands with the one it came back to.
    INSERT INTO points.statement_correction (community_id, period_id, edition, transfer_id, household_id, label, asset, amount, summary,
            corrected_at, original_at, original_summary)
        WITH undone AS MATERIALIZED (
            SELECT id, asset, amount, from_account_id, to_account_id, reverses_id, summary, event_at FROM points.transfer
            WHERE community_id = p_community AND asset IN ('standing', 'spendable') AND event_at >= p_begins AND event_at < p_ends
                AND reverses_id IS NOT NULL
        )
        SELECT DISTINCT ON (t.id) p_community, p_period, p_edition, t.id, h.id, h.number, t.asset, m.amount, t.summary, t.event_at,
            o.event_at, o.summary
        FROM undone t
        JOIN points.transfer o ON o.community_id = p_community AND o.id = t.reverses_id AND o.event_at < p_begins
        CROSS JOIN LATERAL (VALUES (t.to_account_id, t.amount), (t.from_account_id, -t.amount)) m (account_id, amount)
        JOIN points.account a ON a.community_id = p_community AND a.id = m.account_id AND a.kind = 'household'
        JOIN points.household h ON h.community_id = p_community AND h.id = a.owner_id
        ORDER BY t.id, m.amount DESC;
    SELECT households INTO v_households FROM points.statement_total
        WHERE community_id = p_community AND period_id = p_period AND edition = p_edition AND level = 'community';
    v_root := points.statement_root(p_community, p_period, p_edition, (
        SELECT root FROM points.statement_edition
        WHERE community_id = p_community AND period_id = p_previous_period AND edition = p_previous_edition));
    INSERT INTO points.statement_edition (community_id, period_id, edition, name, begins_on, ends_on, begins_at, ends_at,
            previous_period_id, previous_edition, households, root, made_at)
        VALUES (p_community, p_period, p_edition, p_name, p_begins_on, p_ends_on, p_begins, p_ends,
            p_previous_period, p_previous_edition, v_households, v_root, p_now);
    RETURN v_root;
END $$;

-- Count the households whose totals would come out differently now than an edition says. Buildings and grids are left out: a household
-- that moves changes them afterwards, and their totals stand as they were.
CREATE OR REPLACE FUNCTION points.count_changed_totals(p_community uuid, p_period uuid, p_edition int) RETURNS int
LANGUAGE sql STABLE AS $$
    WITH written AS (
        SELECT * FROM points.statement_total WHERE community_id = p_community AND period_id = p_period AND edition = p_edition AND level = 'household'
    ), counted AS (
        SELECT t.* FROM points.statement_edition e
        CROSS JOIN LATERAL points.period_totals(p_community, e.begins_at, e.ends_at, e.previous_period_id, e.previous_edition) t
        WHERE e.community_id = p_community AND e.period_id = p_period AND e.edition = p_edition AND t.level = 'household'
    )
    SELECT count(*)::int FROM written w FULL JOIN counted c ON c.level = w.level AND c.subject_id = w.subject_id
    WHERE (w.standing_opening, w.standing_added, w.standing_taken, w.standing_corrected,
            w.spendable_opening, w.spendable_added, w.spendable_taken, w.spendable_corrected, w.claims, w.deductions)
        IS DISTINCT FROM (c.standing_opening, c.standing_added, c.standing_taken, c.standing_corrected,
            c.spendable_opening, c.spendable_added, c.spendable_taken, c.spendable_corrected, c.claims, c.deductions);
$$;

-- An edition that has its hash takes no further line.
CREATE OR REPLACE FUNCTION points.refuse_late_totals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM (SELECT DISTINCT community_id, period_id, edition FROM added) a
        JOIN points.statement_edition e USING (community_id, period_id, edition)) THEN
        RAISE EXCEPTION 'this edition of the statements is complete' USING ERRCODE = 'DY001';
    END IF;
    RETURN NULL;
END $$;
