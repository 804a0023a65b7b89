-- Lots: spendable points that came in together. Spent earliest expiry first, given back to the lot they came from.
-- Every caller holds the account's row, which stands for all its lots.

-- What a household could spend now: what its lots have left, without those past their time.
CREATE OR REPLACE FUNCTION points.usable_points(p_community uuid, p_account uuid, p_now timestamptz) RETURNS bigint LANGUAGE sql STABLE AS $$
    SELECT coalesce(sum(remaining), 0)::bigint FROM points.lot
    WHERE community_id = p_community AND account_id = p_account AND remaining > 0 AND (expires_at IS NULL OR expires_at > p_now);
$$;

-- Spend `p_amount` from the account's lots, earliest expiry first, on behalf of `p_used_by`. Expired lots do not count.
CREATE OR REPLACE FUNCTION points.use_lots(
    p_community uuid, p_account uuid, p_amount bigint, p_used_by uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_lot record;
    v_left bigint := p_amount;
    v_take bigint;
BEGIN
    FOR v_lot IN
        SELECT id, remaining FROM points.lot
        WHERE community_id = p_community AND account_id = p_account AND remaining > 0 AND (expires_at IS NULL OR expires_at > p_now)
        ORDER BY expires_at NULLS LAST, id
    LOOP
        v_take := least(v_left, v_lot.remaining);
        UPDATE points.lot SET remaining = remaining - v_take WHERE community_id = p_community AND id = v_lot.id;
        INSERT INTO points.lot_use (community_id, used_by, lot_id, amount, restored) VALUES (p_community, p_used_by, v_lot.id, v_take, 0);
        v_left := v_left - v_take;
        EXIT WHEN v_left = 0;
    END LOOP;
    IF v_left > 0 THEN
        RAISE EXCEPTION 'not enough points' USING ERRCODE = 'DP001',
            DETAIL = jsonb_build_object('needed', p_amount, 'available', p_amount - v_left)::text;
    END IF;
END $$;

-- Take back up to `p_amount` from the very lots that transfer `p_given_by` brought, also when they are past their time, and return how much
-- they had left to take.
CREATE OR REPLACE FUNCTION points.use_lots_of(
    p_community uuid, p_account uuid, p_amount bigint, p_given_by uuid, p_used_by uuid
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_lot record;
    v_left bigint := p_amount;
    v_take bigint;
BEGIN
    FOR v_lot IN
        SELECT id, remaining FROM points.lot
        WHERE community_id = p_community AND transfer_id = p_given_by AND account_id = p_account AND remaining > 0
        ORDER BY expires_at NULLS LAST, id
    LOOP
        EXIT WHEN v_left = 0;
        v_take := least(v_left, v_lot.remaining);
        UPDATE points.lot SET remaining = remaining - v_take WHERE community_id = p_community AND id = v_lot.id;
        INSERT INTO points.lot_use (community_id, used_by, lot_id, amount, restored) VALUES (p_community, p_used_by, v_lot.id, v_take, 0);
        v_left := v_left - v_take;
    END LOOP;
    RETURN p_amount - v_left;
END $$;

-- Bring in a lot of its own, or, when `p_keep_lots`, one for each lot the transfer took from the giver, with the same expiry.
CREATE OR REPLACE FUNCTION points.bring_lots(
    p_community uuid, p_account uuid, p_amount bigint, p_transfer uuid, p_expires timestamptz, p_keep_lots boolean, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_keep_lots THEN
        INSERT INTO points.lot (community_id, id, account_id, transfer_id, amount, remaining, expires_at, remind_at, created_at)
            SELECT p_community, points.derived_id(p_transfer, 'lot of ' || l.id), p_account, p_transfer, u.amount, u.amount, l.expires_at,
                points.next_reminder(l.expires_at, p_now), p_now
            FROM points.lot_use u JOIN points.lot l ON l.community_id = u.community_id AND l.id = u.lot_id
            WHERE u.community_id = p_community AND u.used_by = p_transfer;
    END IF;
    -- What came from an account without lots cannot bring any.
    IF NOT p_keep_lots OR NOT FOUND THEN
        INSERT INTO points.lot (community_id, id, account_id, transfer_id, amount, remaining, expires_at, remind_at, created_at)
            VALUES (p_community, points.derived_id(p_transfer, 'lot'), p_account, p_transfer, p_amount, p_amount, p_expires,
                points.next_reminder(p_expires, p_now), p_now);
    END IF;
END $$;

-- Give back to their own lots what `p_used_by` took.
CREATE OR REPLACE FUNCTION points.restore_lots(p_community uuid, p_used_by uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE points.lot l SET remaining = l.remaining + u.amount - u.restored
        FROM points.lot_use u
        WHERE u.community_id = p_community AND u.used_by = p_used_by AND l.community_id = p_community AND l.id = u.lot_id;
    UPDATE points.lot_use SET restored = amount WHERE community_id = p_community AND used_by = p_used_by;
END $$;
