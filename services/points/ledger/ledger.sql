-- The ledger's only writers. Everything that moves a point goes through these, so that no balance changes without a line that says why
-- and no line without the hash of the line before it.
--
-- Refusals carry an SQLSTATE of class DP and their facts as JSON in DETAIL:
--   DP001 insufficient balance   DP002 hold already ended   DP003 no such account

-- One line of a live account. `p_amount` changes what the account owns (available + held); `p_held` moves that much into held (negative:
-- out of it). The account row is locked by the update itself. Only a caller that has checked the balance may rely on the CHECK never firing.
CREATE OR REPLACE FUNCTION points.append_entry(
    p_community uuid, p_account uuid, p_amount bigint, p_held bigint, p_transfer uuid, p_hold uuid, p_entry uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_old points.account;
    v_available bigint;
    v_held bigint;
    v_hash bytea;
BEGIN
    SELECT * INTO v_old FROM points.account WHERE community_id = p_community AND id = p_account FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account %', p_account USING ERRCODE = 'DP003';
    END IF;
    v_available := v_old.available + p_amount - p_held;
    v_held := v_old.held + p_held;
    v_hash := sha256(v_old.head || convert_to(concat_ws('|',
        p_account::text, (v_old.version + 1)::text, coalesce(p_transfer::text, '-'), coalesce(p_hold::text, '-'),
        p_amount::text, v_available::text, v_held::text, floor(extract(epoch FROM p_now) * 1000000)::bigint::text), 'UTF8'));
    UPDATE points.account SET available = v_available, held = v_held, version = v_old.version + 1, head = v_hash
        WHERE community_id = p_community AND id = p_account;
    INSERT INTO points.entry (community_id, id, account_id, version, transfer_id, hold_id, amount, available_after, held_after,
            previous_hash, hash, created_at)
        VALUES (p_community, p_entry, p_account, v_old.version + 1, p_transfer, p_hold, p_amount, v_available, v_held,
            v_old.head, v_hash, p_now);
END $$;

-- A system account has no live balance: its line only takes part in the zero sum, and no system row is ever hot.
CREATE OR REPLACE FUNCTION points.append_system_entry(
    p_community uuid, p_account uuid, p_amount bigint, p_transfer uuid, p_entry uuid, p_now timestamptz
) RETURNS void LANGUAGE sql AS $$
    INSERT INTO points.entry (community_id, id, account_id, transfer_id, amount, created_at)
        VALUES (p_community, p_entry, p_account, p_transfer, p_amount, p_now);
$$;

-- Ids of further rows follow from the caller's one id and a name, so that a replay writes the same rows.
CREATE OR REPLACE FUNCTION points.derived_id(p_id uuid, p_name text) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
    SELECT encode(substring(sha256(uuid_send(p_id) || convert_to(p_name, 'UTF8')) FROM 1 FOR 16), 'hex')::uuid;
$$;

-- The community's own account of a name and asset, made when first needed.
CREATE OR REPLACE FUNCTION points.system_account(p_community uuid, p_name text, p_asset text, p_now timestamptz) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    v_owner uuid := points.derived_id('00000000-0000-0000-0000-000000000000', p_name);
    v_id uuid;
BEGIN
    SELECT id INTO v_id FROM points.account
        WHERE community_id = p_community AND kind = 'system' AND owner_id = v_owner AND asset = p_asset;
    IF v_id IS NULL THEN
        v_id := points.derived_id(p_community, p_name || '/' || p_asset);
        INSERT INTO points.account (community_id, id, kind, owner_id, asset, available, held, version, head, opened_at)
            VALUES (p_community, v_id, 'system', v_owner, p_asset, 0, 0, 0, '\x', p_now) ON CONFLICT DO NOTHING;
    END IF;
    RETURN v_id;
END $$;

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
        ORDER BY expires_at NULLS LAST, id FOR UPDATE
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

-- Give back to their own lots what `p_used_by` took.
CREATE OR REPLACE FUNCTION points.restore_lots(p_community uuid, p_used_by uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE points.lot l SET remaining = l.remaining + u.amount - u.restored
        FROM points.lot_use u
        WHERE u.community_id = p_community AND u.used_by = p_used_by AND l.community_id = p_community AND l.id = u.lot_id;
    UPDATE points.lot_use SET restored = amount WHERE community_id = p_community AND used_by = p_used_by;
END $$;

-- Set points of a household's spendable account aside. Locks: account, then lots.
CREATE OR REPLACE FUNCTION points.hold_points(
    p_community uuid, p_account uuid, p_amount bigint, p_purpose text, p_hold uuid, p_expires timestamptz, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_available bigint;
BEGIN
    SELECT available INTO v_available FROM points.account WHERE community_id = p_community AND id = p_account FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account %', p_account USING ERRCODE = 'DP003';
    END IF;
    IF v_available < p_amount THEN
        RAISE EXCEPTION 'not enough points' USING ERRCODE = 'DP001',
            DETAIL = jsonb_build_object('needed', p_amount, 'available', v_available)::text;
    END IF;
    INSERT INTO points.hold (community_id, id, account_id, amount, purpose, expires_at, created_at)
        VALUES (p_community, p_hold, p_account, p_amount, p_purpose, p_expires, p_now);
    PERFORM points.use_lots(p_community, p_account, p_amount, p_hold, p_now);
    PERFORM points.append_entry(p_community, p_account, 0, p_amount, NULL, p_hold, points.derived_id(p_hold, 'held'), p_now);
END $$;

-- End a hold without spending it: points go back to available and to the lots they came from.
CREATE OR REPLACE FUNCTION points.release_hold(p_community uuid, p_hold uuid, p_outcome text, p_now timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_hold points.hold;
BEGIN
    SELECT * INTO v_hold FROM points.hold WHERE community_id = p_community AND id = p_hold;
    PERFORM 1 FROM points.account WHERE community_id = p_community AND id = v_hold.account_id FOR UPDATE;
    INSERT INTO points.hold_end (community_id, hold_id, outcome, ended_at) VALUES (p_community, p_hold, p_outcome, p_now);
    PERFORM points.restore_lots(p_community, p_hold);
    PERFORM points.append_entry(
        p_community, v_hold.account_id, 0, -v_hold.amount, NULL, p_hold, points.derived_id(p_hold, 'released'), p_now);
END $$;

-- End a hold by spending it: a transfer from the household to the named system account.
CREATE OR REPLACE FUNCTION points.capture_hold(
    p_community uuid, p_hold uuid, p_to text, p_kind text, p_source uuid, p_summary text, p_actor uuid, p_transfer uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_hold points.hold;
    v_to uuid := points.system_account(p_community, p_to, 'spendable', p_now);
BEGIN
    SELECT * INTO v_hold FROM points.hold WHERE community_id = p_community AND id = p_hold;
    PERFORM 1 FROM points.account WHERE community_id = p_community AND id = v_hold.account_id FOR UPDATE;
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary,
            acting_account_id, event_at, created_at)
        VALUES (p_community, p_transfer, 'spendable', p_kind, v_hold.amount, v_hold.account_id, v_to, p_source, p_summary,
            p_actor, p_now, p_now);
    INSERT INTO points.hold_end (community_id, hold_id, outcome, transfer_id, ended_at)
        VALUES (p_community, p_hold, 'captured', p_transfer, p_now);
    PERFORM points.append_entry(p_community, v_hold.account_id, -v_hold.amount, -v_hold.amount, p_transfer, p_hold,
        points.derived_id(p_transfer, 'from'), p_now);
    PERFORM points.append_system_entry(p_community, v_to, v_hold.amount, p_transfer, points.derived_id(p_transfer, 'to'), p_now);
END $$;

-- Undo a captured hold: the amount comes back from where it went and to the lots it came from, with their old expiry. Once per transfer,
-- because a second reversal breaks the unique `reverses_id`.
CREATE OR REPLACE FUNCTION points.reverse_capture(
    p_community uuid, p_hold uuid, p_kind text, p_source uuid, p_summary text, p_actor uuid, p_transfer uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_original points.transfer;
BEGIN
    SELECT t.* INTO v_original FROM points.transfer t JOIN points.hold_end e ON e.community_id = t.community_id AND e.transfer_id = t.id
        WHERE e.community_id = p_community AND e.hold_id = p_hold;
    PERFORM 1 FROM points.account WHERE community_id = p_community AND id = v_original.from_account_id FOR UPDATE;
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary,
            acting_account_id, reverses_id, event_at, created_at)
        VALUES (p_community, p_transfer, v_original.asset, p_kind, v_original.amount, v_original.to_account_id,
            v_original.from_account_id, p_source, p_summary, p_actor, v_original.id, p_now, p_now);
    PERFORM points.restore_lots(p_community, p_hold);
    PERFORM points.append_system_entry(
        p_community, v_original.to_account_id, -v_original.amount, p_transfer, points.derived_id(p_transfer, 'from'), p_now);
    PERFORM points.append_entry(p_community, v_original.from_account_id, v_original.amount, 0, p_transfer, NULL,
        points.derived_id(p_transfer, 'to'), p_now);
END $$;

-- Credit a household or resident account from a system account; spendable points come as a lot of their own.
CREATE OR REPLACE FUNCTION points.credit(
    p_community uuid, p_account uuid, p_asset text, p_amount bigint, p_from text, p_kind text, p_source uuid, p_summary text,
    p_rule_version int, p_actor uuid, p_transfer uuid, p_event_at timestamptz, p_lot_expires timestamptz, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_from uuid := points.system_account(p_community, p_from, p_asset, p_now);
BEGIN
    PERFORM 1 FROM points.account WHERE community_id = p_community AND id = p_account FOR UPDATE;
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary,
            rule_version, acting_account_id, event_at, created_at)
        VALUES (p_community, p_transfer, p_asset, p_kind, p_amount, v_from, p_account, p_source, p_summary,
            p_rule_version, p_actor, p_event_at, p_now);
    IF p_asset = 'spendable' THEN
        INSERT INTO points.lot (community_id, id, account_id, transfer_id, amount, remaining, expires_at, created_at)
            VALUES (p_community, points.derived_id(p_transfer, 'lot'), p_account, p_transfer, p_amount, p_amount, p_lot_expires, p_now);
    END IF;
    PERFORM points.append_system_entry(p_community, v_from, -p_amount, p_transfer, points.derived_id(p_transfer, 'from'), p_now);
    PERFORM points.append_entry(p_community, p_account, p_amount, 0, p_transfer, NULL, points.derived_id(p_transfer, 'to'), p_now);
END $$;

-- Take points away (a deduction, a reversal, an expiry); the balance must suffice. Locks: account, then lots.
CREATE OR REPLACE FUNCTION points.debit(
    p_community uuid, p_account uuid, p_asset text, p_amount bigint, p_to text, p_kind text, p_source uuid, p_summary text,
    p_rule_version int, p_actor uuid, p_transfer uuid, p_event_at timestamptz, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_to uuid := points.system_account(p_community, p_to, p_asset, p_now);
    v_available bigint;
BEGIN
    SELECT available INTO v_available FROM points.account WHERE community_id = p_community AND id = p_account FOR UPDATE;
    IF v_available IS NULL THEN
        RAISE EXCEPTION 'no account %', p_account USING ERRCODE = 'DP003';
    END IF;
    IF v_available < p_amount THEN
        RAISE EXCEPTION 'not enough points' USING ERRCODE = 'DP001',
            DETAIL = jsonb_build_object('needed', p_amount, 'available', v_available)::text;
    END IF;
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary,
            rule_version, acting_account_id, event_at, created_at)
        VALUES (p_community, p_transfer, p_asset, p_kind, p_amount, p_account, v_to, p_source, p_summary,
            p_rule_version, p_actor, p_event_at, p_now);
    IF p_asset = 'spendable' THEN
        PERFORM points.use_lots(p_community, p_account, p_amount, p_transfer, p_now);
    END IF;
    PERFORM points.append_entry(p_community, p_account, -p_amount, 0, p_transfer, NULL, points.derived_id(p_transfer, 'from'), p_now);
    PERFORM points.append_system_entry(p_community, v_to, p_amount, p_transfer, points.derived_id(p_transfer, 'to'), p_now);
END $$;

-- Open a household's file in one round trip: a roster brings thousands at once. What stands there already is left as it is.
CREATE OR REPLACE FUNCTION points.open_household(
    p_community uuid, p_household uuid, p_number text, p_householder text, p_grid uuid, p_grid_name text, p_building uuid,
    p_building_name text, p_standing bigint, p_spendable bigint, p_summary text, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_asset text;
    v_amount bigint;
    v_account uuid;
BEGIN
    INSERT INTO points.household (community_id, id, number, householder_name, grid_id, grid_name, building_id, building_name, status,
            registered_at)
        VALUES (p_community, p_household, p_number, p_householder, p_grid, p_grid_name, p_building, p_building_name, 'active', p_now)
        ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    FOR v_asset, v_amount IN VALUES ('standing', p_standing), ('spendable', p_spendable) LOOP
        v_account := points.derived_id(p_household, v_asset);
        -- The first hash binds the chain to its account; `genesis` in domain.py is the same.
        INSERT INTO points.account (community_id, id, kind, owner_id, asset, available, held, version, head, opened_at)
            VALUES (p_community, v_account, 'household', p_household, v_asset, 0, 0, 0,
                sha256(convert_to('diyuan.points.account', 'UTF8') || '\x00'::bytea || uuid_send(v_account)), p_now);
        IF v_amount > 0 THEN
            PERFORM points.credit(p_community, v_account, v_asset, v_amount, 'issuance', 'opening', p_household, p_summary, NULL, NULL,
                points.derived_id(p_household, 'opening ' || v_asset), p_now, NULL, p_now);
        END IF;
    END LOOP;
END $$;

-- Every transfer sums to zero over its lines; asked when the transaction commits, when both lines are there.
CREATE OR REPLACE FUNCTION points.check_zero_sum() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    v_sum numeric;
    v_lines int;
BEGIN
    SELECT sum(amount), count(*) INTO v_sum, v_lines FROM points.entry WHERE community_id = NEW.community_id AND transfer_id = NEW.id;
    IF v_sum IS DISTINCT FROM 0 OR v_lines <> 2 THEN
        RAISE EXCEPTION 'transfer % has % lines that sum to %', NEW.id, v_lines, v_sum USING ERRCODE = 'DP009';
    END IF;
    RETURN NULL;
END $$;
