-- End an open redemption without a hand-over: points to their lots, share of the limit and stock back, and the fact told.
-- The caller holds the redemption's row, has decided that it may end so, and writes the step. Locks then: errands, account, bucket; see "Locks" in the README.
CREATE OR REPLACE FUNCTION points.release_redemption(
    p_community uuid, p_redemption uuid, p_state text, p_actor uuid, p_reason text, p_now timestamptz, p_trace text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_red points.redemption;
BEGIN
    SELECT * INTO v_red FROM points.redemption WHERE community_id = p_community AND id = p_redemption;
    PERFORM points.close_errands(p_community, p_redemption, p_state, p_now, p_trace);
    PERFORM points.release_hold(
        p_community, v_red.hold_id, CASE p_state WHEN 'expired' THEN 'expired' ELSE 'released' END, p_now);
    UPDATE points.quota SET used = used - v_red.quantity
        WHERE community_id = p_community AND household_id = v_red.household_id AND product_id = v_red.product_id
            AND window_number = v_red.window_number;
    UPDATE points.redemption SET state = p_state, ended_at = p_now, reason = p_reason
        WHERE community_id = p_community AND id = p_redemption;
    UPDATE points.stock_bucket SET available = available + v_red.quantity, reserved = reserved - v_red.quantity
        WHERE community_id = p_community AND product_id = v_red.product_id AND batch_id = v_red.batch_id AND number = v_red.bucket_number;
    INSERT INTO points.stock_move (community_id, id, product_id, batch_id, bucket_number, source, destination, quantity, cause_id, reason,
            acting_account_id, created_at)
        VALUES (p_community, points.derived_id(p_redemption, 'release'), v_red.product_id, v_red.batch_id, v_red.bucket_number,
            'reserved', 'shelf', v_red.quantity, p_redemption, p_reason, p_actor, p_now);
    INSERT INTO points.outbox (community_id, id, type, version, key, payload, trace, occurred_at)
        VALUES (p_community, points.derived_id(p_redemption, 'released event'), 'points.redemption_released', 1, p_redemption::text,
            jsonb_build_object(
                'redemption_id', p_redemption, 'household_id', v_red.household_id, 'product_name', v_red.product_name,
                'quantity', v_red.quantity, 'points', v_red.points, 'reason', p_state),
            p_trace, p_now);
END $$;

-- An id that grows with time, as `shared/ids.py` makes them: a UUIDv7. Steps are read in the order of their ids.
CREATE OR REPLACE FUNCTION points.new_id(p_at timestamptz) RETURNS uuid LANGUAGE sql VOLATILE AS $$
    SELECT (left(ms, 8) || '-' || right(ms, 4) || '-7' || substr(gen_random_uuid()::text, 16))::uuid
        FROM lpad(to_hex(floor(extract(epoch FROM p_at) * 1000)::bigint), 12, '0') AS ms
$$;

-- What was arranged around a redemption ends with it: nobody brings home or fits what was given up or picked up. `p_reason` is cancelled,
-- expired, picked_up or returned; property hears of it when it had an order.
CREATE OR REPLACE FUNCTION points.close_errands(
    p_community uuid, p_redemption uuid, p_reason text, p_now timestamptz, p_trace text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_household uuid;
BEGIN
    UPDATE points.delivery SET state = 'cancelled', ended_at = p_now
        WHERE community_id = p_community AND redemption_id = p_redemption AND state IN ('requested', 'taken', 'sent');
    UPDATE points.installation SET outcome = p_reason, ended_at = p_now
        WHERE community_id = p_community AND redemption_id = p_redemption AND ended_at IS NULL RETURNING household_id INTO v_household;
    IF v_household IS NOT NULL THEN
        INSERT INTO points.outbox (community_id, id, type, version, key, payload, trace, occurred_at)
            VALUES (p_community, points.derived_id(p_redemption, 'installation cancelled event'), 'points.installation_cancelled', 1,
                p_redemption::text,
                jsonb_build_object('redemption_id', p_redemption, 'household_id', v_household, 'reason', p_reason), p_trace, p_now);
    END IF;
END $$;

-- A hold past its time counts as released, whether or not the sweep has come by: release what a household is short of `p_needed` points for.
-- Its goods lie in other buckets than those of `p_products`, which are wanted next, so both are taken here at once and in one order; what
-- somebody else is at is left to them. Locks: redemptions, errands, account, buckets by product, batch and number.
CREATE OR REPLACE FUNCTION points.release_stale(
    p_community uuid, p_household uuid, p_needed bigint, p_products uuid[], p_now timestamptz, p_trace text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_stale uuid[];
    v_one uuid;
    v_account points.account;
BEGIN
    SELECT * INTO v_account FROM points.account
        WHERE community_id = p_community AND kind = 'household' AND owner_id = p_household AND asset = 'spendable';
    -- Only a household that is short pays for asking.
    IF NOT FOUND OR v_account.available >= p_needed THEN
        RETURN;
    END IF;
    v_stale := ARRAY(
        SELECT id FROM points.redemption
        WHERE community_id = p_community AND household_id = p_household AND state IN ('reserved', 'ready', 'scheduled')
            AND expires_at <= p_now
        ORDER BY id FOR UPDATE SKIP LOCKED);
    IF v_stale = '{}' THEN
        RETURN;
    END IF;
    FOREACH v_one IN ARRAY v_stale LOOP
        PERFORM points.close_errands(p_community, v_one, 'expired', p_now, p_trace);
    END LOOP;
    PERFORM points.lock_accounts(p_community, v_account.id);
    PERFORM 1 FROM points.stock_bucket s
        WHERE s.community_id = p_community AND (s.product_id = ANY (p_products) OR EXISTS (
            SELECT 1 FROM points.redemption r
            WHERE r.community_id = p_community AND r.id = ANY (v_stale) AND r.product_id = s.product_id AND r.batch_id = s.batch_id
                AND r.bucket_number = s.number))
        ORDER BY s.product_id, s.batch_id, s.number FOR UPDATE;
    FOREACH v_one IN ARRAY v_stale LOOP
        PERFORM points.release_redemption(p_community, v_one, 'expired', NULL, '', p_now, p_trace);
        INSERT INTO points.step (community_id, id, subject_id, action, state, reason, at)
            VALUES (p_community, points.new_id(clock_timestamp()), v_one, 'expire', 'expired', '', p_now);
    END LOOP;
END $$;
