-- Money moves between the accounts of a fund and the outside. Two lines that sum to zero, like points, in fen.
-- Locks: both account rows, lower id first.
-- Refusals: DP020 the fund has not enough   DP021 no such fund
CREATE OR REPLACE FUNCTION points.move_money(
    p_community uuid, p_transfer uuid, p_fund uuid, p_kind text, p_amount bigint, p_from uuid, p_to uuid, p_source uuid,
    p_counterparty text, p_summary text, p_happened_on date, p_reverses uuid, p_actor uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_from points.fund_account;
    v_to points.fund_account;
BEGIN
    PERFORM 1 FROM points.fund_account WHERE community_id = p_community AND id IN (p_from, p_to) ORDER BY id FOR UPDATE;
    SELECT * INTO v_from FROM points.fund_account WHERE community_id = p_community AND id = p_from;
    SELECT * INTO v_to FROM points.fund_account WHERE community_id = p_community AND id = p_to;
    IF v_from.id IS NULL OR v_to.id IS NULL THEN
        RAISE EXCEPTION 'no such fund' USING ERRCODE = 'DP021';
    END IF;
    IF v_from.kind = 'fund' AND v_from.balance_fen < p_amount THEN
        RAISE EXCEPTION 'the fund has not enough' USING ERRCODE = 'DP020',
            DETAIL = jsonb_build_object('needed_fen', p_amount, 'balance_fen', v_from.balance_fen, 'fund', v_from.name)::text;
    END IF;
    INSERT INTO points.fund_transfer (community_id, id, fund_id, kind, amount_fen, from_account_id, to_account_id, source_id, counterparty,
            summary, happened_on, reverses_id, acting_account_id, created_at)
        VALUES (p_community, p_transfer, p_fund, p_kind, p_amount, p_from, p_to, p_source, p_counterparty,
            p_summary, p_happened_on, p_reverses, p_actor, p_now);
    UPDATE points.fund_account SET balance_fen = balance_fen - p_amount WHERE community_id = p_community AND id = p_from;
    UPDATE points.fund_account SET balance_fen = balance_fen + p_amount WHERE community_id = p_community AND id = p_to;
    INSERT INTO points.fund_entry (community_id, transfer_id, account_id, amount_fen, balance_after_fen)
        VALUES (p_community, p_transfer, p_from, -p_amount, v_from.balance_fen - p_amount),
            (p_community, p_transfer, p_to, p_amount, v_to.balance_fen + p_amount);
END $$;

-- Asked when the transaction commits, when both lines are there.
CREATE OR REPLACE FUNCTION points.check_fund_zero_sum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_sum numeric;
    v_lines int;
BEGIN
    SELECT sum(amount_fen), count(*) INTO v_sum, v_lines FROM points.fund_entry
        WHERE community_id = NEW.community_id AND transfer_id = NEW.id;
    IF v_sum IS DISTINCT FROM 0 OR v_lines <> 2 THEN
        RAISE EXCEPTION 'fund transfer % has % lines that sum to %', NEW.id, v_lines, v_sum USING ERRCODE = 'DP029';
    END IF;
    RETURN NULL;
END $$;
