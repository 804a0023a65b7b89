-- Holds: points set aside until a moment, ended once. Locks: account, then lots.

-- Set points of an account aside.
CREATE OR REPLACE FUNCTION points.hold_points(
    p_community uuid, p_account uuid, p_amount bigint, p_purpose text, p_hold uuid, p_expires timestamptz, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_account points.account;
BEGIN
    SELECT * INTO v_account FROM points.account WHERE community_id = p_community AND id = p_account FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account %', p_account USING ERRCODE = 'DP003';
    END IF;
    PERFORM points.require_open(v_account, 'hold');
    IF v_account.available < p_amount THEN
        RAISE EXCEPTION 'not enough points' USING ERRCODE = 'DP001',
            DETAIL = jsonb_build_object('needed', p_amount, 'available', v_account.available)::text;
    END IF;
    INSERT INTO points.hold (community_id, id, account_id, amount, purpose, expires_at, created_at)
        VALUES (p_community, p_hold, p_account, p_amount, p_purpose, p_expires, p_now);
    IF points.has_lots(v_account) THEN
        PERFORM points.use_lots(p_community, p_account, p_amount, p_hold, p_now);
    END IF;
    PERFORM points.append_entry(p_community, p_account, 0, p_amount, NULL, p_hold, points.derived_id(p_hold, 'held'), p_now);
END $$;

-- End a hold without spending it: points go back to available and to the lots they came from.
CREATE OR REPLACE FUNCTION points.release_hold(p_community uuid, p_hold uuid, p_outcome text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_hold points.hold;
BEGIN
    SELECT * INTO v_hold FROM points.hold WHERE community_id = p_community AND id = p_hold;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no hold %', p_hold USING ERRCODE = 'DP004';
    END IF;
    PERFORM 1 FROM points.account WHERE community_id = p_community AND id = v_hold.account_id FOR UPDATE;
    INSERT INTO points.hold_end (community_id, hold_id, outcome, ended_at) VALUES (p_community, p_hold, p_outcome, p_now);
    PERFORM points.restore_lots(p_community, p_hold);
    PERFORM points.append_entry(
        p_community, v_hold.account_id, 0, -v_hold.amount, NULL, p_hold, points.derived_id(p_hold, 'released'), p_now);
END $$;

-- End a hold by spending it: a transfer to the named system account, or to `p_to_account` when there is no name.
CREATE OR REPLACE FUNCTION points.capture_hold(
    p_community uuid, p_hold uuid, p_to text, p_to_account uuid, p_kind text, p_source uuid, p_summary text, p_actor uuid,
    p_transfer uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_hold points.hold;
    v_from points.account;
    v_to points.account;
BEGIN
    SELECT * INTO v_hold FROM points.hold WHERE community_id = p_community AND id = p_hold;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no hold %', p_hold USING ERRCODE = 'DP004';
    END IF;
    SELECT * INTO v_from FROM points.account WHERE community_id = p_community AND id = v_hold.account_id;
    PERFORM points.lock_accounts(p_community, v_from.id, p_to_account);
    v_to.id := coalesce(p_to_account, points.system_account(p_community, p_to, v_from.asset, p_now));
    SELECT * INTO v_to FROM points.account WHERE community_id = p_community AND id = v_to.id;
    IF NOT FOUND OR v_to.asset <> v_from.asset THEN
        RAISE EXCEPTION 'no account % in %', p_to_account, v_from.asset USING ERRCODE = 'DP003';
    END IF;
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary,
            acting_account_id, event_at, created_at)
        VALUES (p_community, p_transfer, v_from.asset, p_kind, v_hold.amount, v_from.id, v_to.id, p_source, p_summary,
            p_actor, p_now, p_now);
    INSERT INTO points.hold_end (community_id, hold_id, outcome, transfer_id, ended_at)
        VALUES (p_community, p_hold, 'captured', p_transfer, p_now);
    PERFORM points.append_entry(p_community, v_from.id, -v_hold.amount, -v_hold.amount, p_transfer, p_hold,
        points.derived_id(p_transfer, 'from'), p_now);
    PERFORM points.append_side(v_to, v_hold.amount, p_transfer, points.derived_id(p_transfer, 'to'), p_now);
    IF points.has_lots(v_to) THEN
        PERFORM points.bring_lots(p_community, v_to.id, v_hold.amount, p_transfer, points.lot_expiry(p_community, p_now), false,
            p_now);
        PERFORM points.repay(v_to, v_hold.amount, p_transfer, p_now);
    END IF;
END $$;
