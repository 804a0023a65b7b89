-- The ledger's only writers, here and in lots.sql, holds.sql, arrears.sql, reversals.sql and households.sql. Everything that moves a point
-- goes through these, so that no balance changes without a line that says why and no line without the hash of the line before it.
--
-- Refusals carry an SQLSTATE of class DP and their facts as JSON in DETAIL:
--   DP001 insufficient balance   DP003 no such account   DP004 no such hold   DP005 no such transfer   DP006 not to be reversed
--   DP007 already reversed         DP008 the household went up in another
--
-- Lock order: live accounts by id, all that a transaction will touch; then lots and arrears, which belong to whoever holds the household's
-- spendable account and need no lock of their own; then the community's own accounts, which are only ever opened. README, "Locks".

-- Whether an account keeps its balance in lots.
CREATE OR REPLACE FUNCTION points.has_lots(p_account points.account) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_account.kind = 'household' AND p_account.asset = 'spendable';
$$;

-- Lock those of some accounts that carry a balance, in the order of their ids.
CREATE OR REPLACE FUNCTION points.lock_accounts(p_community uuid, VARIADIC p_accounts uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM points.account
        WHERE community_id = p_community AND id = ANY (p_accounts) AND kind <> 'system' ORDER BY id FOR UPDATE;
END $$;

-- Lock every account of some owners but their arrears, in the order of the accounts' ids: what a transaction that posts more than once
-- asks for first, so that two of them never wait for each other in a ring.
CREATE OR REPLACE FUNCTION points.lock_owners(p_community uuid, p_owners uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM points.account
        WHERE community_id = p_community AND kind IN ('household', 'resident', 'escrow', 'merchant', 'pool') AND owner_id = ANY (p_owners)
        ORDER BY id FOR UPDATE;
END $$;

-- Refuse when a locked account lacks `p_amount`. System accounts and arrears only exist to be drawn on; standing may fall below zero.
CREATE OR REPLACE FUNCTION points.require_balance(p_account points.account, p_amount bigint) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_account.kind NOT IN ('system', 'arrears') AND p_account.asset <> 'standing' AND p_account.available < p_amount THEN
        RAISE EXCEPTION 'not enough points' USING ERRCODE = 'DP001',
            DETAIL = jsonb_build_object('needed', p_amount, 'available', p_account.available)::text;
    END IF;
END $$;

-- Refuse to hold or spend what a household has that went up in another: its file only settles what was under way, gives up what came in
-- late, and pays what it owes.
CREATE OR REPLACE FUNCTION points.require_open(p_account points.account, p_kind text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_account.is_closed AND p_kind NOT IN ('merge', 'deduction', 'arrears', 'repayment') THEN
        RAISE EXCEPTION 'account % is closed', p_account.id USING ERRCODE = 'DP008';
    END IF;
END $$;

-- Microseconds since 1970: a moment as text, free of time zones.
CREATE OR REPLACE FUNCTION points.micros(p_moment timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT floor(extract(epoch FROM p_moment) * 1000000)::bigint::text;
$$;

-- A hash over everything a transfer says; it goes into the hash of its lines, so that not even a summary can be changed unseen.
-- `digest_of` in domain.py and verify.py build the same text.
CREATE OR REPLACE FUNCTION points.transfer_digest(p_transfer points.transfer) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(concat_ws('|', (p_transfer).id::text, (p_transfer).asset, (p_transfer).kind, (p_transfer).amount::text,
        (p_transfer).from_account_id::text, (p_transfer).to_account_id::text, (p_transfer).source_id::text,
        coalesce((p_transfer).rule_version::text, '-'), coalesce((p_transfer).acting_account_id::text, '-'),
        coalesce((p_transfer).reverses_id::text, '-'), points.micros((p_transfer).event_at), points.micros((p_transfer).created_at),
        (p_transfer).summary), 'UTF8')), 'hex');
$$;

-- The text a line is hashed as, after the hash of the line before it.
CREATE OR REPLACE FUNCTION points.line_text(
    p_account uuid, p_version bigint, p_digest text, p_hold uuid, p_amount bigint, p_available bigint, p_held bigint, p_now timestamptz
) RETURNS bytea LANGUAGE sql STABLE AS $$
    SELECT convert_to(concat_ws('|', p_account::text, p_version::text, coalesce(p_digest, '-'), coalesce(p_hold::text, '-'),
        p_amount::text, p_available::text, p_held::text, points.micros(p_now)), 'UTF8');
$$;

-- One line of a live account. `p_amount` changes what the account owns (available + held); `p_held` moves that much into held (negative:
-- out of it). Every caller holds the account's row and has checked the balance, so that the CHECKs never fire.
CREATE OR REPLACE FUNCTION points.append_entry(
    p_community uuid, p_account uuid, p_amount bigint, p_held bigint, p_transfer uuid, p_hold uuid, p_entry uuid, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_old points.account;
    v_available bigint;
    v_held bigint;
    v_hash bytea;
    v_digest text;
BEGIN
    SELECT * INTO v_old FROM points.account WHERE community_id = p_community AND id = p_account;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'no account %', p_account USING ERRCODE = 'DP003';
    END IF;
    v_available := v_old.available + p_amount - p_held;
    v_held := v_old.held + p_held;
    IF p_transfer IS NOT NULL THEN
        SELECT points.transfer_digest(t) INTO STRICT v_digest FROM points.transfer t WHERE t.community_id = p_community AND t.id = p_transfer;
    END IF;
    v_hash := sha256(v_old.head
        || points.line_text(p_account, v_old.version + 1, v_digest, p_hold, p_amount, v_available, v_held, p_now));
    -- What comes to a closed account comes late: the clock moves it on (`families`, sweep `move_late_points`).
    UPDATE points.account SET available = v_available, held = v_held, version = v_old.version + 1, head = v_hash,
            late_at = CASE WHEN is_closed THEN p_now END
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

-- One side of a transfer, whichever kind of account it is.
CREATE OR REPLACE FUNCTION points.append_side(p_account points.account, p_amount bigint, p_transfer uuid, p_entry uuid, p_now timestamptz)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_account.kind = 'system' THEN
        PERFORM points.append_system_entry(p_account.community_id, p_account.id, p_amount, p_transfer, p_entry, p_now);
    ELSE
        PERFORM points.append_entry(p_account.community_id, p_account.id, p_amount, 0, p_transfer, NULL, p_entry, p_now);
    END IF;
END $$;

-- An owner's account of a kind and asset, opened when there is none. The first hash binds the chain to its account; `genesis` in domain.py
-- is the same.
CREATE OR REPLACE FUNCTION points.open_account(p_community uuid, p_kind text, p_owner uuid, p_asset text, p_now timestamptz) RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid;
BEGIN
    SELECT id INTO v_id FROM points.account
        WHERE community_id = p_community AND kind = p_kind AND owner_id = p_owner AND asset = p_asset;
    IF v_id IS NULL THEN
        v_id := points.derived_id(p_owner, CASE p_kind WHEN 'household' THEN p_asset ELSE p_kind || '/' || p_asset END);
        INSERT INTO points.account (community_id, id, kind, owner_id, asset, available, held, version, head, opened_at)
            VALUES (p_community, v_id, p_kind, p_owner, p_asset, 0, 0, 0,
                sha256(convert_to('diyuan.points.account', 'UTF8') || '\x00'::bytea || uuid_send(v_id)), p_now)
            ON CONFLICT DO NOTHING;
    END IF;
    RETURN v_id;
END $$;

-- Move a positive amount from one account to another of the same asset. A household's spendable points leave its lots, earliest expiry
-- first, and arrive as a lot of their own, or with `p_keep_lots` as the lots they left; whatever arrives repays arrears.
CREATE OR REPLACE FUNCTION points.post(
    p_community uuid, p_transfer uuid, p_asset text, p_amount bigint, p_from uuid, p_to uuid, p_kind text, p_source uuid, p_summary text,
    p_rule_version int, p_actor uuid, p_event_at timestamptz, p_lot_expires timestamptz, p_keep_lots boolean, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_from points.account;
    v_to points.account;
BEGIN
    PERFORM points.lock_accounts(p_community, p_from, p_to);
    SELECT * INTO v_from FROM points.account WHERE community_id = p_community AND id = p_from AND asset = p_asset;
    SELECT * INTO v_to FROM points.account WHERE community_id = p_community AND id = p_to AND asset = p_asset;
    IF v_from.id IS NULL OR v_to.id IS NULL THEN
        RAISE EXCEPTION 'no account % or % in %', p_from, p_to, p_asset USING ERRCODE = 'DP003';
    END IF;
    PERFORM points.require_open(v_from, p_kind);
    PERFORM points.require_balance(v_from, p_amount);
    INSERT INTO points.transfer (community_id, id, asset, kind, amount, from_account_id, to_account_id, source_id, summary,
            rule_version, acting_account_id, event_at, created_at)
        VALUES (p_community, p_transfer, p_asset, p_kind, p_amount, p_from, p_to, p_source, p_summary,
            p_rule_version, p_actor, p_event_at, p_now);
    IF points.has_lots(v_from) THEN
        PERFORM points.use_lots(p_community, p_from, p_amount, p_transfer, p_now);
    END IF;
    IF points.has_lots(v_to) THEN
        -- The base of a file and what is only lent do not expire; all else does by the community's policy, unless the caller knows better.
        PERFORM points.bring_lots(p_community, p_to, p_amount, p_transfer,
            coalesce(p_lot_expires, CASE WHEN p_kind NOT IN ('opening', 'arrears') THEN points.lot_expiry(p_community, p_now) END),
            p_keep_lots, p_now);
    END IF;
    PERFORM points.append_side(v_from, -p_amount, p_transfer, points.derived_id(p_transfer, 'from'), p_now);
    PERFORM points.append_side(v_to, p_amount, p_transfer, points.derived_id(p_transfer, 'to'), p_now);
    IF points.has_lots(v_to) AND p_kind <> 'arrears' THEN
        PERFORM points.repay(v_to, p_amount, p_transfer, p_now);
    END IF;
END $$;

-- Credit an account from a named system account.
CREATE OR REPLACE FUNCTION points.credit(
    p_community uuid, p_account uuid, p_asset text, p_amount bigint, p_from text, p_kind text, p_source uuid, p_summary text,
    p_rule_version int, p_actor uuid, p_transfer uuid, p_event_at timestamptz, p_lot_expires timestamptz, p_now timestamptz
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM points.lock_accounts(p_community, p_account);
    PERFORM points.post(p_community, p_transfer, p_asset, p_amount, points.system_account(p_community, p_from, p_asset, p_now), p_account,
        p_kind, p_source, p_summary, p_rule_version, p_actor, p_event_at, p_lot_expires, false, p_now);
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
