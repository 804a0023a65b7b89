-- Reversals: a transfer is undone by one that goes the other way and names it, once.

-- What the transfer took goes back to the lots it came from, with their old expiry. What it gave is taken from the lots it brought, also past
-- their time, then from others, earliest expiry first; what a household no longer has is lent. Locks: both live accounts by id, lots, arrears.
CREATE OR REPLACE FUNCTION points.reverse_transfer(
    p_community uuid, p_original uuid, p_kind text, p_source uuid, p_summary text, p_actor uuid, p_transfer uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_original points.transfer;
    v_receiver points.account;
    v_giver points.account;
    v_left bigint;
BEGIN
    SELECT * INTO v_original FROM points.transfer WHERE community_id = p_community AND id = p_original;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no transfer %', p_original USING ERRCODE = 'DP005';
    END IF;
    IF v_original.reverses_id IS NOT NULL OR v_original.kind IN ('arrears', 'repayment') THEN
        RAISE EXCEPTION 'a % is not reversed', v_original.kind USING ERRCODE = 'DP006';
    END IF;
    PERFORM points.lock_accounts(p_community, v_original.from_account_id, v_original.to_account_id);
    -- Asked again by the unique `reverses_id`; told here, because a second reversal would first find the points gone.
    IF EXISTS (SELECT 1 FROM points.transfer WHERE community_id = p_community AND reverses_id = p_original) THEN
        RAISE EXCEPTION 'transfer % is reversed', p_original USING ERRCODE = 'DP007';
    END IF;
    SELECT * INTO v_receiver FROM points.account WHERE community_id = p_community AND id = v_original.to_account_id;
    SELECT * INTO v_giver FROM points.account WHERE community_id = p_community AND id = v_original.from_account_id;

    IF points.has_lots(v_receiver) THEN
        SELECT v_original.amount - coalesce(sum(remaining), 0) INTO v_left FROM points.lot
            WHERE community_id = p_community AND account_id = v_receiver.id AND remaining > 0
                AND (transfer_id = p_original OR expires_at IS NULL OR expires_at > p_now);
        IF v_left > 0 THEN
            PERFORM points.lend(v_receiver, v_left, p_transfer, p_now);
        END IF;
    ELSE
        PERFORM points.require_balance(v_receiver, v_original.amount);
    END IF;

    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary,
            acting_account_id, reverses_id, event_at, created_at)
        VALUES (p_community, p_transfer, v_original.asset, p_kind, v_original.amount, v_receiver.id, v_giver.id, p_source, p_summary,
            p_actor, p_original, p_now, p_now);
    IF points.has_lots(v_receiver) THEN
        v_left := v_original.amount
            - points.use_lots_of(p_community, v_receiver.id, v_original.amount, p_original, p_transfer);
        IF v_left > 0 THEN
            PERFORM points.use_lots(p_community, v_receiver.id, v_left, p_transfer, p_now);
        END IF;
    END IF;
    PERFORM points.append_side(v_receiver, -v_original.amount, p_transfer, points.derived_id(p_transfer, 'from'), p_now);
    PERFORM points.append_side(v_giver, v_original.amount, p_transfer, points.derived_id(p_transfer, 'to'), p_now);
    IF points.has_lots(v_giver) THEN
        -- A transfer that came from a hold took its lots when they were held.
        PERFORM points.restore_lots(p_community, coalesce(e.hold_id, p_original))
            FROM points.entry e
            WHERE e.community_id = p_community AND e.transfer_id = p_original AND e.account_id = v_giver.id;
        PERFORM points.repay(v_giver, v_original.amount, p_transfer, p_now);
    END IF;
END $$;

-- Undo spending that came from a hold.
CREATE OR REPLACE FUNCTION points.reverse_capture(
    p_community uuid, p_hold uuid, p_kind text, p_source uuid, p_summary text, p_actor uuid, p_transfer uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM points.reverse_transfer(p_community,
        (SELECT transfer_id FROM points.hold_end WHERE community_id = p_community AND hold_id = p_hold),
        p_kind, p_source, p_summary, p_actor, p_transfer, p_now);
END $$;
