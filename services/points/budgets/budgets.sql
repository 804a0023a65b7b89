-- Budgets: how many points may be issued. The row of a day's budget is locked before any account, by everybody who issues.

-- Charge `p_amounts` for `p_sources`, one after the other, to the budget of a day; returns which were charged. What no longer fits is left out,
-- and what is charged already is not charged again. Without a budget for that day nothing is limited and everything is returned.
CREATE OR REPLACE FUNCTION points.charge_budget(p_community uuid, p_on date, p_sources uuid[], p_amounts bigint[], p_now timestamptz)
RETURNS uuid[] LANGUAGE plpgsql AS $$
DECLARE
    v_budget points.budget;
    v_left bigint;
    v_done uuid[];
    v_charged uuid[];
    v_fresh bigint := 0;
    v_at int;
BEGIN
    SELECT * INTO v_budget FROM points.budget
        WHERE community_id = p_community AND starts_on <= p_on AND ends_on >= p_on ORDER BY starts_on LIMIT 1 FOR UPDATE;
    IF v_budget.id IS NULL THEN
        RETURN p_sources;
    END IF;
    v_left := v_budget.amount - v_budget.charged;
    v_done := ARRAY(
        SELECT source_id FROM points.budget_charge
        WHERE community_id = p_community AND source_id = ANY (p_sources) AND refunded < amount);
    v_charged := v_done;
    FOR v_at IN 1 .. coalesce(cardinality(p_sources), 0) LOOP
        CONTINUE WHEN p_sources[v_at] = ANY (v_done) OR p_amounts[v_at] > v_left;
        v_left := v_left - p_amounts[v_at];
        v_fresh := v_fresh + p_amounts[v_at];
        v_charged := v_charged || p_sources[v_at];
        INSERT INTO points.budget_charge (community_id, source_id, budget_id, amount, charged_at, refunded)
            VALUES (p_community, p_sources[v_at], v_budget.id, p_amounts[v_at], p_now, 0)
            ON CONFLICT (community_id, source_id) DO UPDATE
                SET budget_id = excluded.budget_id, amount = excluded.amount, charged_at = excluded.charged_at, refunded = 0,
                    refunded_at = NULL;
    END LOOP;
    IF v_fresh > 0 THEN
        UPDATE points.budget SET charged = charged + v_fresh WHERE community_id = p_community AND id = v_budget.id;
    END IF;
    RETURN v_charged;
END $$;

-- Give back what was charged for a cause, because it was reversed, or `p_amount` of it, because less was issued than set aside. Never more than
-- is left of the charge: what was given back already is not given back again.
CREATE OR REPLACE FUNCTION points.refund_budget(p_community uuid, p_source uuid, p_amount bigint, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_budget uuid;
    v_back bigint;
BEGIN
    SELECT budget_id INTO v_budget FROM points.budget_charge
        WHERE community_id = p_community AND source_id = p_source AND refunded < amount;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM 1 FROM points.budget WHERE community_id = p_community AND id = v_budget FOR UPDATE;
    -- Read again under the lock, which everybody takes who charges or gives back.
    SELECT least(p_amount, amount - refunded) INTO v_back FROM points.budget_charge
        WHERE community_id = p_community AND source_id = p_source AND budget_id = v_budget;
    IF v_back > 0 THEN
        UPDATE points.budget_charge SET refunded = refunded + v_back, refunded_at = p_now
            WHERE community_id = p_community AND source_id = p_source;
        UPDATE points.budget SET charged = charged - v_back WHERE community_id = p_community AND id = v_budget;
    END IF;
END $$;
