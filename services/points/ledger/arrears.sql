-- Arrears: what a household could not pay. A debt is lent from the household's arrears account (never above zero), so that the line that took
-- the points stands in full and nothing goes below zero silently; whatever comes in next repays it.
-- Lock order: the household's spendable account, then its arrears account. Nobody takes the second without the first.

-- Lend a household what it lacks for transfer `p_cause`.
CREATE OR REPLACE FUNCTION points.lend(p_account points.account, p_amount bigint, p_cause uuid, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM points.post(p_account.community_id, points.derived_id(p_cause, 'arrears'), p_account.asset, p_amount,
        points.open_account(p_account.community_id, 'arrears', p_account.owner_id, p_account.asset, p_now), p_account.id,
        'arrears', p_cause, '积分不够扣，先记欠分', NULL, NULL, p_now, NULL, false, p_now);
END $$;

-- Let `p_amount` that transfer `p_cause` brought repay what the household owes, as far as it goes.
CREATE OR REPLACE FUNCTION points.repay(p_account points.account, p_amount bigint, p_cause uuid, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_debt points.account;
    v_amount bigint;
BEGIN
    SELECT * INTO v_debt FROM points.account
        WHERE community_id = p_account.community_id AND kind = 'arrears' AND owner_id = p_account.owner_id AND asset = p_account.asset;
    IF NOT FOUND OR v_debt.available = 0 THEN
        RETURN;
    END IF;
    v_amount := least(p_amount, -v_debt.available, points.usable_points(p_account.community_id, p_account.id, p_now));
    IF v_amount > 0 THEN
        PERFORM points.post(p_account.community_id, points.derived_id(p_cause, 'repayment'), p_account.asset, v_amount, p_account.id,
            v_debt.id, 'repayment', p_cause, '归还欠分', NULL, NULL, p_now, NULL, false, p_now);
    END IF;
END $$;

-- Deduct spendable points: clipped at what is there, the rest lent. Returns what was lent.
CREATE OR REPLACE FUNCTION points.deduct(
    p_community uuid, p_account uuid, p_asset text, p_amount bigint, p_kind text, p_source uuid, p_summary text, p_rule_version int,
    p_actor uuid, p_transfer uuid, p_event_at timestamptz, p_now timestamptz
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_account points.account;
    v_lent bigint := 0;
BEGIN
    SELECT * INTO v_account FROM points.account WHERE community_id = p_community AND id = p_account FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account %', p_account USING ERRCODE = 'DP003';
    END IF;
    IF points.has_lots(v_account) THEN
        v_lent := greatest(p_amount - points.usable_points(p_community, p_account, p_now), 0);
        IF v_lent > 0 THEN
            PERFORM points.lend(v_account, v_lent, p_transfer, p_now);
        END IF;
    END IF;
    PERFORM points.post(p_community, p_transfer, p_asset, p_amount, p_account,
        points.system_account(p_community, 'issuance', p_asset, p_now), p_kind, p_source, p_summary, p_rule_version, p_actor, p_event_at,
        NULL, false, p_now);
    RETURN v_lent;
END $$;
