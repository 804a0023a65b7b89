-- Cast a ballot in one round trip and one commit.
--
-- No row that everybody wants is locked: a shared advisory lock on the round is all that stands between a ballot and the close, which
-- takes the same lock alone. After the lock, every statement sees what the close committed. A refusal rolls back all of it at once, by
-- the inner block, and is remembered under the key by the outer one.
--
-- The choice arrives sealed and the receipt arrives signed, so that the answer is ready when the commit is.
--
-- Returns {"receipt": {...}} or {"refusal": code, "facts": {...}}, with "replayed": true when the key was known, or {"reused": true}.
-- Refusals: DV001 no such round   DV002 not open yet   DV003 closed   DV004 another text   DV005 not on the roll   DV006 may not act
--           DV007 check in first   DV008 the unit has voted
CREATE OR REPLACE FUNCTION proposals.cast_ballot(
    p_community uuid, p_round uuid, p_unit uuid, p_resident uuid, p_account uuid, p_name text, p_channel text,
    p_ballot uuid, p_sealed bytea, p_leaf text, p_leaf_hash bytea, p_signature bytea, p_frozen_hash text,
    p_key text, p_hash bytea, p_now timestamptz
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_known proposals.idempotency;
    v_round proposals.round;
    v_actors uuid[];
    v_before proposals.ballot;
    v_outcome jsonb;
    v_state text;
    v_facts text;
BEGIN
    PERFORM set_config('app.community_id', p_community::text, true);

    IF p_key IS NOT NULL THEN
        INSERT INTO proposals.idempotency (community_id, account_id, key, request_hash, created_at)
            VALUES (p_community, p_account, p_key, p_hash, p_now) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            SELECT * INTO v_known FROM proposals.idempotency
                WHERE community_id = p_community AND account_id = p_account AND key = p_key;
            IF v_known.request_hash <> p_hash THEN
                RETURN '{"reused": true}';
            END IF;
            RETURN convert_from(v_known.body, 'UTF8')::jsonb || '{"replayed": true}';
        END IF;
    END IF;

    BEGIN
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('proposals.round:' || p_round::text, 0));
        SELECT * INTO v_round FROM proposals.round WHERE community_id = p_community AND id = p_round;
        IF v_round.id IS NULL OR v_round.state = 'drafted' THEN
            RAISE EXCEPTION 'no such round' USING ERRCODE = 'DV001';
        END IF;
        SELECT actors INTO v_actors FROM proposals.roll_unit
            WHERE community_id = p_community AND roll_id = v_round.roll_id AND unit_id = p_unit;
        IF v_actors IS NULL THEN
            RAISE EXCEPTION 'unit not on the roll' USING ERRCODE = 'DV005';
        END IF;
        IF p_resident IS NULL OR p_resident <> ALL (v_actors) THEN
            RAISE EXCEPTION 'not an actor of the unit' USING ERRCODE = 'DV006';
        END IF;
        IF v_round.state = 'frozen' THEN
            RAISE EXCEPTION 'not open yet' USING ERRCODE = 'DV002';
        END IF;
        -- The sweep closes within a second; nobody votes in that second.
        IF v_round.state <> 'open' OR p_now >= v_round.closes_at THEN
            RAISE EXCEPTION 'closed' USING ERRCODE = 'DV003';
        END IF;
        IF p_frozen_hash <> v_round.frozen_hash THEN
            RAISE EXCEPTION 'another text' USING ERRCODE = 'DV004';
        END IF;
        IF v_round.needs_presence AND NOT EXISTS (
            SELECT 1 FROM proposals.round_presence
            WHERE community_id = p_community AND round_id = p_round AND unit_id = p_unit
        ) THEN
            RAISE EXCEPTION 'not checked in' USING ERRCODE = 'DV007';
        END IF;

        INSERT INTO proposals.ballot (community_id, round_id, unit_id, id, resident_id, account_id, cast_by_name, channel, sealed,
                leaf, leaf_hash, signature, cast_at)
            VALUES (p_community, p_round, p_unit, p_ballot, p_resident, p_account, p_name, p_channel, p_sealed,
                p_leaf, p_leaf_hash, p_signature, p_now)
            ON CONFLICT (community_id, round_id, unit_id) DO NOTHING;
        IF NOT FOUND THEN
            SELECT * INTO v_before FROM proposals.ballot
                WHERE community_id = p_community AND round_id = p_round AND unit_id = p_unit;
            RAISE EXCEPTION 'the unit has voted' USING ERRCODE = 'DV008', DETAIL = jsonb_build_object(
                'cast_by', v_before.cast_by_name,
                'cast_at', to_char(v_before.cast_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'))::text;
        END IF;
        INSERT INTO proposals.ballot_waiting (community_id, round_id, ballot_id, unit_id, cast_at)
            VALUES (p_community, p_round, p_ballot, p_unit, p_now);

        v_outcome := jsonb_build_object('receipt', jsonb_build_object(
            'round_id', p_round, 'ballot_id', p_ballot, 'leaf_hash', encode(p_leaf_hash, 'hex'),
            'signature', encode(p_signature, 'hex'), 'cast_at', p_now));
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_facts = PG_EXCEPTION_DETAIL;
        IF v_state NOT LIKE 'DV%' THEN
            RAISE;
        END IF;
        v_outcome := jsonb_build_object('refusal', v_state, 'facts', coalesce(nullif(v_facts, '')::jsonb, '{}'::jsonb));
    END;

    IF p_key IS NOT NULL THEN
        UPDATE proposals.idempotency SET body = convert_to(v_outcome::text, 'UTF8')
            WHERE community_id = p_community AND account_id = p_account AND key = p_key;
    END IF;
    RETURN v_outcome;
END $$;
