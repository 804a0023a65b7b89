-- The gate of a community's periods. Whoever enters something for a day holds it together with others; whoever closes a period holds
-- it alone, so that a closing waits for entries on their way and entries wait for a closing on its way, and each then sees the other.
CREATE OR REPLACE FUNCTION points.period_gate(p_community uuid) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
    SELECT hashtextextended('period gate ' || p_community::text, 0);
$$;

-- Pass when the day may still be entered for. `p_is_entry`: something new comes in, which a reviewed period takes no more.
CREATE OR REPLACE FUNCTION points.require_open_period(p_community uuid, p_on date, p_is_entry boolean) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_period points.period;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(points.period_gate(p_community));
    -- A statement of its own, so that it sees what the holder before has committed.
    SELECT * INTO v_period FROM points.period
        WHERE community_id = p_community AND ends_on >= p_on ORDER BY ends_on LIMIT 1;
    IF v_period.begins_on <= p_on
        AND (v_period.state IN ('publicised', 'sealed') OR (p_is_entry AND v_period.state = 'reviewed')) THEN
        RAISE EXCEPTION 'period % is closed', v_period.name USING ERRCODE = 'DP041',
            DETAIL = jsonb_build_object('name', v_period.name, 'on', p_on)::text;
    END IF;
END $$;

-- Transfers that happen now cannot fall into a closed period; one that is dated back must ask.
CREATE OR REPLACE FUNCTION points.check_transfer_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM points.require_open_period(NEW.community_id, (NEW.event_at AT TIME ZONE INTERVAL '+08:00')::date, false);
    RETURN NEW;
END $$;

-- A sealed period stays as it was sealed.
CREATE OR REPLACE FUNCTION points.refuse_sealed_period() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'period % is sealed', OLD.name USING ERRCODE = 'DY001';
END $$;
