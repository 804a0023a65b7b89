-- Redeem several products in one command, all or nothing.
--
-- Lines come sorted by product, so that two baskets take their stock buckets in the same order; what is past its time is released before the
-- first, with all buckets at once. A line that is refused takes the lines before it back. The idempotency key stands for the whole basket.
--
-- `p_lines` is [{"product_id", "quantity", "price_points", "cash_fen", "redemption_id"}]; `p_codes` holds as many pickup codes per line as `redeem` is offered.
-- Returns {"redemptions": [...], "basket_id"} or {"refusal": code, "facts": {..., "product_id", "line"}}, with "replayed", or {"reused": true}.
CREATE OR REPLACE FUNCTION points.redeem_basket(
    p_community uuid, p_household uuid, p_account uuid, p_basket uuid, p_lines jsonb, p_codes text[],
    p_key text, p_hash bytea, p_now timestamptz, p_trace text
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_known points.idempotency;
    v_outcome jsonb;
    v_line jsonb;
    v_one jsonb;
    v_number int := 0;
    v_per_line int := cardinality(p_codes) / jsonb_array_length(p_lines);
    v_redemptions jsonb := '[]';
    v_state text;
    v_facts text;
BEGIN
    PERFORM set_config('app.community_id', p_community::text, true);

    IF p_key IS NOT NULL THEN
        INSERT INTO points.idempotency (community_id, account_id, key, request_hash, created_at)
            VALUES (p_community, p_account, p_key, p_hash, p_now) ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN
            SELECT * INTO v_known FROM points.idempotency
                WHERE community_id = p_community AND account_id = p_account AND key = p_key;
            IF v_known.request_hash <> p_hash THEN
                RETURN '{"reused": true}';
            END IF;
            RETURN convert_from(v_known.body, 'UTF8')::jsonb || '{"replayed": true}';
        END IF;
    END IF;

    BEGIN
        INSERT INTO points.basket (community_id, id, household_id, account_id, created_at)
            VALUES (p_community, p_basket, p_household, p_account, p_now);
        PERFORM points.release_stale(
            p_community, p_household, coalesce(sum(p.price_points * l.quantity), 0)::bigint, array_agg(p.id), p_now, p_trace)
            FROM jsonb_to_recordset(p_lines) AS l (product_id uuid, quantity bigint)
            JOIN points.product p ON p.community_id = p_community AND p.id = l.product_id;
        FOR v_line IN SELECT value FROM jsonb_array_elements(p_lines) LOOP
            v_one := points.redeem(
                p_community, p_household, p_account, (v_line ->> 'product_id')::uuid, (v_line ->> 'quantity')::int,
                (v_line ->> 'price_points')::int, NULL, NULL, (v_line ->> 'redemption_id')::uuid,
                p_codes[v_number * v_per_line + 1 : (v_number + 1) * v_per_line], p_now, p_trace, true, (v_line ->> 'cash_fen')::int);
            IF v_one ? 'refusal' THEN
                RAISE EXCEPTION 'a line was refused' USING ERRCODE = v_one ->> 'refusal',
                    DETAIL = ((v_one -> 'facts') || jsonb_build_object('product_id', v_line ->> 'product_id', 'line', v_number + 1))::text;
            END IF;
            INSERT INTO points.basket_line (community_id, redemption_id, basket_id)
                VALUES (p_community, (v_line ->> 'redemption_id')::uuid, p_basket);
            v_redemptions := v_redemptions || (v_one -> 'redemption');
            v_number := v_number + 1;
        END LOOP;
        v_outcome := jsonb_build_object('basket_id', p_basket, 'redemptions', v_redemptions);
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_facts = PG_EXCEPTION_DETAIL;
        IF v_state NOT LIKE 'DP%' THEN
            RAISE;
        END IF;
        v_outcome := jsonb_build_object('refusal', v_state, 'facts', coalesce(nullif(v_facts, '')::jsonb, '{}'::jsonb));
    END;

    IF p_key IS NOT NULL THEN
        UPDATE points.idempotency SET body = convert_to(v_outcome::text, 'UTF8')
            WHERE community_id = p_community AND account_id = p_account AND key = p_key;
    END IF;
    RETURN v_outcome;
END $$;
