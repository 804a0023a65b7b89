-- Redeem in one round trip and one commit.
--
-- Lock order, fixed: idempotency key, household account, stock bucket last, because the bucket is the row that everybody wants; lots and quota
-- belong to whoever holds the account. A refusal rolls back all of it at once, by the inner block, and is remembered under the key by the
-- outer one. `p_is_line`: one of several products, whose caller has the key and has released what is past its time.
--
-- Returns {"redemption": {...}} or {"refusal": code, "facts": {...}}, with "replayed": true when the key was known, or {"reused": true}.
-- Refusals of its own: DP010 not on sale   DP011 household limit   DP012 sold out   DP013 price changed
CREATE OR REPLACE FUNCTION points.redeem(
    p_community uuid, p_household uuid, p_account uuid, p_product uuid, p_quantity int, p_expected_price int,
    p_key text, p_hash bytea, p_redemption uuid, p_codes text[], p_now timestamptz, p_trace text, p_is_line boolean DEFAULT false,
    p_expected_cash int DEFAULT NULL
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_known points.idempotency;
    v_outcome jsonb;
    v_product points.product;
    v_spendable uuid;
    v_cost bigint;
    v_window int;
    v_used int;
    v_batch uuid;
    v_bucket int;
    v_code text;
    v_hold uuid := points.derived_id(p_redemption, 'hold');
    v_expires timestamptz;
    v_state text;
    v_message text;
    v_facts text;
    v_buckets int;
    v_start int;
    v_is_free boolean := false;
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
        SELECT * INTO v_product FROM points.product WHERE community_id = p_community AND id = p_product;
        IF v_product.id IS NULL OR v_product.state <> 'on_sale' THEN
            RAISE EXCEPTION 'not on sale' USING ERRCODE = 'DP010';
        END IF;
        -- What the buyer has not told is NULL, and no price differs from it.
        IF p_expected_price <> v_product.price_points OR p_expected_cash <> v_product.cash_fen THEN
            RAISE EXCEPTION 'price changed' USING ERRCODE = 'DP013', DETAIL = jsonb_build_object(
                'expected', coalesce(p_expected_price, v_product.price_points), 'price_points', v_product.price_points,
                'expected_cash_fen', coalesce(p_expected_cash, v_product.cash_fen), 'cash_fen', v_product.cash_fen)::text;
        END IF;
        v_cost := v_product.price_points::bigint * p_quantity;
        v_expires := p_now + make_interval(hours => v_product.hold_hours);
        v_window := points.limit_window(p_now, v_product.limit_window_days);

        SELECT id INTO v_spendable FROM points.account
            WHERE community_id = p_community AND kind = 'household' AND owner_id = p_household AND asset = 'spendable';
        IF v_spendable IS NULL THEN
            RAISE EXCEPTION 'no account of household %', p_household USING ERRCODE = 'DP003';
        END IF;
        IF NOT p_is_line THEN
            PERFORM points.release_stale(p_community, p_household, v_cost, ARRAY[p_product], p_now, p_trace);
        END IF;
        PERFORM points.hold_points(
            p_community, v_spendable, v_cost, '兑换预留：' || v_product.name || ' × ' || p_quantity, v_hold, v_expires, p_now);

        INSERT INTO points.quota AS q (community_id, household_id, product_id, window_number, used)
            VALUES (p_community, p_household, p_product, v_window, p_quantity)
            ON CONFLICT (community_id, household_id, product_id, window_number)
                DO UPDATE SET used = q.used + p_quantity
            RETURNING used INTO v_used;
        IF v_used > v_product.household_limit THEN
            RAISE EXCEPTION 'over the household limit' USING ERRCODE = 'DP011', DETAIL = jsonb_build_object(
                'limit', v_product.household_limit, 'taken', v_used - p_quantity, 'window_days', v_product.limit_window_days,
                'window_ends_on', DATE '1970-01-01' + v_window + v_product.limit_window_days - 1)::text;
        END IF;

        -- What keeps shortest goes first; what has kept too long is not given out.
        -- First pass: any free bucket with enough, from a random start, so that buyers spread out and nobody waits.
        SELECT count(*) INTO v_buckets FROM points.stock_bucket WHERE community_id = p_community AND product_id = p_product;
        v_start := floor(random() * greatest(v_buckets, 1));
        SELECT batch_id, number INTO v_batch, v_bucket FROM (
            SELECT s.batch_id, s.number FROM points.stock_bucket s
            WHERE s.community_id = p_community AND s.product_id = p_product AND s.available >= p_quantity
                AND (s.sell_until IS NULL OR s.sell_until > p_now)
            ORDER BY s.sell_until, s.batch_id, (s.number < v_start), s.number
            LIMIT 1 FOR UPDATE SKIP LOCKED
        ) AS free;
        IF v_batch IS NOT NULL THEN
            UPDATE points.stock_bucket SET available = available - p_quantity, reserved = reserved + p_quantity
                WHERE community_id = p_community AND product_id = p_product AND batch_id = v_batch AND number = v_bucket;
        ELSE
            SELECT batch_id, number INTO v_batch, v_bucket FROM points.wait_for_stock(p_community, p_product, p_quantity, p_now);
        END IF;
        IF v_batch IS NULL THEN
            RAISE EXCEPTION 'sold out' USING ERRCODE = 'DP012';
        END IF;
        INSERT INTO points.stock_move (community_id, id, product_id, batch_id, bucket_number, source, destination, quantity, cause_id,
                reason, acting_account_id, created_at)
            VALUES (p_community, points.derived_id(p_redemption, 'reserve'), p_product, v_batch, v_bucket, 'shelf', 'reserved', p_quantity,
                p_redemption, '', p_account, p_now);

        FOREACH v_code IN ARRAY p_codes LOOP
            -- Whoever writes the same code at this moment may wait for our bucket, so nobody waits for a code. Two statements: the second
            -- sees what was committed before the first.
            CONTINUE WHEN NOT pg_try_advisory_xact_lock(hashtextextended('pickup code ' || p_community::text || v_code, 0));
            v_is_free := NOT EXISTS (
                SELECT 1 FROM points.redemption
                WHERE community_id = p_community AND pickup_code = v_code AND state IN ('reserved', 'ready'));
            EXIT WHEN v_is_free;
        END LOOP;
        IF NOT v_is_free THEN
            RAISE EXCEPTION 'every pickup code offered is in use' USING ERRCODE = '40001';
        END IF;
        INSERT INTO points.redemption (community_id, id, household_id, account_id, product_id, product_name, quantity, points, cash_fen, batch_id,
                bucket_number, window_number, hold_id, state, pickup_code, expires_at, created_at, reason)
            VALUES (p_community, p_redemption, p_household, p_account, p_product, v_product.name, p_quantity, v_cost,
                v_product.cash_fen * p_quantity, v_batch, v_bucket, v_window, v_hold, 'reserved', v_code, v_expires, p_now, '');

        INSERT INTO points.outbox (community_id, id, type, version, key, payload, trace, occurred_at)
            VALUES (p_community, points.derived_id(p_redemption, 'reserved event'), 'points.redemption_reserved', 1, p_redemption::text,
                jsonb_build_object(
                    'redemption_id', p_redemption, 'household_id', p_household, 'account_id', p_account, 'product_id', p_product,
                    'product_name', v_product.name, 'quantity', p_quantity, 'points', v_cost,
                    'needs_installation', v_product.kind = 'installation', 'expires_at', v_expires),
                p_trace, p_now);
        IF v_product.kind = 'installation' THEN
            INSERT INTO points.installation (community_id, redemption_id, household_id, product_name, quantity, ordered_at, worker_name,
                    outcome, is_accepted_silently, conflict)
                VALUES (p_community, p_redemption, p_household, v_product.name, p_quantity, p_now, '', '', false, '');
            INSERT INTO points.outbox (community_id, id, type, version, key, payload, trace, occurred_at)
                VALUES (p_community, points.derived_id(p_redemption, 'ordered event'), 'points.installation_ordered', 1,
                    p_redemption::text,
                    jsonb_build_object(
                        'redemption_id', p_redemption, 'household_id', p_household, 'account_id', p_account, 'product_id', p_product,
                        'product_name', v_product.name, 'quantity', p_quantity, 'expires_at', v_expires),
                    p_trace, p_now);
        END IF;
        v_outcome := jsonb_build_object('redemption', jsonb_build_object(
            'id', p_redemption, 'household_id', p_household, 'product_id', p_product, 'product_name', v_product.name,
            'quantity', p_quantity, 'points', v_cost, 'cash_fen', v_product.cash_fen * p_quantity, 'state', 'reserved', 'pickup_code', v_code,
            'expires_at', v_expires, 'created_at', p_now));
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS v_state = RETURNED_SQLSTATE, v_message = MESSAGE_TEXT, v_facts = PG_EXCEPTION_DETAIL;
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

-- The window a limit is counted in: its first day in China, counted from 1970-01-01. `store/domain.py: limit_window` says the same.
CREATE OR REPLACE FUNCTION points.limit_window(p_now timestamptz, p_days int) RETURNS int LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ((p_now AT TIME ZONE 'Asia/Shanghai')::date - DATE '1970-01-01') / p_days * p_days
$$;

-- The second pass: wait for each bucket in turn. Only this pass may say "sold out", by an empty result, because those it waits for may roll
-- back. Stock that is split meanwhile lies where it did not look: then it lets go of what it locked, which keeps the order of locks, and
-- looks again.
CREATE OR REPLACE FUNCTION points.wait_for_stock(
    p_community uuid, p_product uuid, p_quantity int, p_now timestamptz, OUT batch_id uuid, OUT number int
) LANGUAGE plpgsql AS $$
DECLARE
    v_bucket record;
BEGIN
    LOOP
        BEGIN
            IF p_quantity > 1 THEN
                SELECT g.batch_id, g.number INTO batch_id, number FROM points.gather_stock(p_community, p_product, p_quantity, p_now) AS g;
            ELSE
                FOR v_bucket IN
                    SELECT s.batch_id AS batch, s.number AS bucket FROM points.stock_bucket s
                    WHERE s.community_id = p_community AND s.product_id = p_product AND (s.sell_until IS NULL OR s.sell_until > p_now)
                    ORDER BY s.batch_id, s.number
                LOOP
                    UPDATE points.stock_bucket s SET available = s.available - 1, reserved = s.reserved + 1
                        WHERE s.community_id = p_community AND s.product_id = p_product
                            AND s.batch_id = v_bucket.batch AND s.number = v_bucket.bucket AND s.available >= 1
                        RETURNING s.batch_id, s.number INTO batch_id, number;
                    -- Not FOUND: after the loop it only says that the loop ran.
                    EXIT WHEN batch_id IS NOT NULL;
                END LOOP;
            END IF;
            IF batch_id IS NOT NULL THEN
                RETURN;
            END IF;
            RAISE EXCEPTION 'nothing here' USING ERRCODE = 'DP012';
        EXCEPTION WHEN SQLSTATE 'DP012' THEN
            IF NOT EXISTS (
                SELECT 1 FROM points.stock_bucket s
                WHERE s.community_id = p_community AND s.product_id = p_product AND (s.sell_until IS NULL OR s.sell_until > p_now)
                GROUP BY s.batch_id HAVING sum(s.available) >= p_quantity
            ) THEN
                RETURN;
            END IF;
        END;
    END LOOP;
END $$;

-- The second pass for several pieces: put together from the buckets of one batch what no single bucket has, and set it aside in the first of
-- them. It waits for each bucket in the same order as the pass for one piece. The result is empty when no batch has enough.
CREATE OR REPLACE FUNCTION points.gather_stock(
    p_community uuid, p_product uuid, p_quantity int, p_now timestamptz, OUT batch_id uuid, OUT number int
) LANGUAGE plpgsql AS $$
DECLARE
    v_bucket record;
    v_batch uuid;
    v_numbers int[] := '{}';
    v_found int := 0;
    v_missing int := p_quantity;
    v_take int;
BEGIN
    FOR v_bucket IN
        SELECT s.batch_id AS batch, s.number AS bucket, s.available FROM points.stock_bucket s
        WHERE s.community_id = p_community AND s.product_id = p_product AND s.available > 0
            AND (s.sell_until IS NULL OR s.sell_until > p_now)
        ORDER BY s.batch_id, s.number FOR UPDATE
    LOOP
        IF v_batch IS DISTINCT FROM v_bucket.batch THEN
            v_batch := v_bucket.batch;
            v_numbers := '{}';
            v_found := 0;
        END IF;
        v_numbers := v_numbers || v_bucket.bucket;
        v_found := v_found + v_bucket.available;
        EXIT WHEN v_found >= p_quantity;
    END LOOP;
    IF v_found < p_quantity THEN
        RETURN;
    END IF;
    FOR v_bucket IN
        SELECT s.number AS bucket, s.available FROM points.stock_bucket s
        WHERE s.community_id = p_community AND s.product_id = p_product AND s.batch_id = v_batch AND s.number = ANY (v_numbers)
        ORDER BY s.number
    LOOP
        v_take := least(v_bucket.available, v_missing);
        v_missing := v_missing - v_take;
        UPDATE points.stock_bucket s SET available = s.available - v_take
            WHERE s.community_id = p_community AND s.product_id = p_product AND s.batch_id = v_batch AND s.number = v_bucket.bucket;
    END LOOP;
    UPDATE points.stock_bucket s SET reserved = s.reserved + p_quantity
        WHERE s.community_id = p_community AND s.product_id = p_product AND s.batch_id = v_batch AND s.number = v_numbers[1];
    batch_id := v_batch;
    number := v_numbers[1];
END $$;
