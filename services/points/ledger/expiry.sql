-- Expiry of spendable points: when a lot ends, when its household is told, and what happens then.

-- When points that come in now will expire by the community's policy; NULL for never. The day they expire on still counts in full.
CREATE OR REPLACE FUNCTION points.lot_expiry(p_community uuid, p_now timestamptz) RETURNS timestamptz LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_policy points.points_policy;
    v_day date := (p_now AT TIME ZONE 'Asia/Shanghai')::date;
    v_last date;
BEGIN
    SELECT * INTO v_policy FROM points.points_policy WHERE community_id = p_community ORDER BY version DESC LIMIT 1;
    IF v_policy.expiry_mode = 'months' THEN
        v_last := v_day + make_interval(months => v_policy.expiry_months);
    ELSIF v_policy.expiry_mode = 'yearly' THEN
        v_day := v_day + make_interval(months => v_policy.expiry_months);
        v_last := make_date(extract(year FROM v_day)::int, v_policy.expiry_month, v_policy.expiry_day);
        IF v_last < v_day THEN
            v_last := make_date(extract(year FROM v_day)::int + 1, v_policy.expiry_month, v_policy.expiry_day);
        END IF;
    ELSE
        RETURN NULL;
    END IF;
    RETURN (v_last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
END $$;

-- The next moment at which a household is told of a coming expiry: 30, 7 and 1 days before; NULL when nothing is left to tell.
CREATE OR REPLACE FUNCTION points.next_reminder(p_expires timestamptz, p_now timestamptz) RETURNS timestamptz LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE
        WHEN p_expires - interval '720 hours' > p_now THEN p_expires - interval '720 hours'
        WHEN p_expires - interval '168 hours' > p_now THEN p_expires - interval '168 hours'
        WHEN p_expires - interval '24 hours' > p_now THEN p_expires - interval '24 hours'
    END;
$$;

-- Take what is past its time from an account, and return how much that was. What is held has left its lot and does not expire. Locks: the
-- account unless somebody is at it, then its lots.
CREATE OR REPLACE FUNCTION points.expire_lots(p_community uuid, p_account uuid, p_transfer uuid, p_summary text, p_now timestamptz)
RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_account points.account;
    v_expired points.account;
    v_amount bigint;
BEGIN
    SELECT * INTO v_account FROM points.account WHERE community_id = p_community AND id = p_account FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT coalesce(sum(remaining), 0) INTO v_amount FROM points.lot
        WHERE community_id = p_community AND account_id = p_account AND remaining > 0 AND expires_at <= p_now;
    IF v_amount = 0 THEN
        RETURN 0;
    END IF;
    -- Made first, because a statement does not see what it makes itself.
    v_expired.id := points.system_account(p_community, 'expired', v_account.asset, p_now);
    SELECT * INTO v_expired FROM points.account WHERE community_id = p_community AND id = v_expired.id;
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary, event_at, created_at)
        VALUES (p_community, p_transfer, v_account.asset, 'expiry', v_amount, p_account, v_expired.id, p_transfer, p_summary, p_now, p_now);
    INSERT INTO points.lot_use (community_id, used_by, lot_id, amount, restored)
        SELECT p_community, p_transfer, id, remaining, 0 FROM points.lot
        WHERE community_id = p_community AND account_id = p_account AND remaining > 0 AND expires_at <= p_now;
    UPDATE points.lot SET remaining = 0
        WHERE community_id = p_community AND account_id = p_account AND remaining > 0 AND expires_at <= p_now;
    PERFORM points.append_side(v_account, -v_amount, p_transfer, points.derived_id(p_transfer, 'from'), p_now);
    PERFORM points.append_side(v_expired, v_amount, p_transfer, points.derived_id(p_transfer, 'to'), p_now);
    RETURN v_amount;
END $$;
