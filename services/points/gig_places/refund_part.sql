-- Give a part of what a transfer brought into escrow back to who paid it, as a reversal gives back the whole: to the very lots it came from.

-- What lasts longest comes back first, so that the rest was spent like any spending: earliest expiry first. Locks: both accounts by id, lots,
-- arrears. More than the transfer took is DP006.
CREATE OR REPLACE FUNCTION points.refund_part(
    p_community uuid, p_original uuid, p_amount bigint, p_kind text, p_source uuid, p_summary text, p_actor uuid, p_transfer uuid,
    p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_original points.transfer;
    v_escrow points.account;
    v_payer points.account;
    v_use record;
    v_left bigint := p_amount;
    v_back bigint;
BEGIN
    SELECT * INTO v_original FROM points.transfer WHERE community_id = p_community AND id = p_original;
    PERFORM points.lock_accounts(p_community, v_original.from_account_id, v_original.to_account_id);
    SELECT * INTO v_escrow FROM points.account WHERE community_id = p_community AND id = v_original.to_account_id;
    SELECT * INTO v_payer FROM points.account WHERE community_id = p_community AND id = v_original.from_account_id;
    IF p_amount > v_original.amount
        OR EXISTS (SELECT 1 FROM points.transfer WHERE community_id = p_community AND reverses_id = p_original) THEN
        RAISE EXCEPTION 'transfer % has not % to give back', p_original, p_amount USING ERRCODE = 'DP006';
    END IF;
    PERFORM points.require_balance(v_escrow, p_amount);
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary,
            acting_account_id, event_at, created_at)
        VALUES (p_community, p_transfer, v_original.asset, p_kind, p_amount, v_escrow.id, v_payer.id, p_source, p_summary, p_actor,
            p_now, p_now);
    PERFORM points.append_side(v_escrow, -p_amount, p_transfer, points.derived_id(p_transfer, 'from'), p_now);
    PERFORM points.append_side(v_payer, p_amount, p_transfer, points.derived_id(p_transfer, 'to'), p_now);
    IF points.has_lots(v_payer) THEN
        FOR v_use IN
            SELECT u.lot_id, u.amount - u.restored AS spent
            FROM points.lot_use u JOIN points.lot l ON l.community_id = u.community_id AND l.id = u.lot_id
            WHERE u.community_id = p_community AND u.used_by = p_original AND u.amount > u.restored
            ORDER BY l.expires_at DESC NULLS FIRST, l.id DESC
        LOOP
            EXIT WHEN v_left = 0;
            v_back := least(v_left, v_use.spent);
            UPDATE points.lot SET remaining = remaining + v_back WHERE community_id = p_community AND id = v_use.lot_id;
            UPDATE points.lot_use SET restored = restored + v_back
                WHERE community_id = p_community AND used_by = p_original AND lot_id = v_use.lot_id;
            v_left := v_left - v_back;
        END LOOP;
        IF v_left > 0 THEN
            RAISE EXCEPTION 'the lots of % have not % to take back', p_original, v_left USING ERRCODE = 'DP006';
        END IF;
        PERFORM points.repay(v_payer, p_amount, p_transfer, p_now);
    END IF;
END $$;
