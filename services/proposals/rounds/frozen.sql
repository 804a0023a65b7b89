-- What a voter relies on is fixed by the freeze: afterwards a round only moves through its states.
CREATE OR REPLACE FUNCTION proposals.keep_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.state <> 'drafted' AND (
        NEW.question, NEW.method, NEW.options, NEW.max_choices, NEW.grade, NEW.rule, NEW.needs_presence, NEW.roll_id, NEW.text_hash,
        NEW.frozen_hash, NEW.opens_at, NEW.closes_at, NEW.proposal_id, NEW.process_id, NEW.step_code, NEW.runoff_of
    ) IS DISTINCT FROM (
        OLD.question, OLD.method, OLD.options, OLD.max_choices, OLD.grade, OLD.rule, OLD.needs_presence, OLD.roll_id, OLD.text_hash,
        OLD.frozen_hash, OLD.opens_at, OLD.closes_at, OLD.proposal_id, OLD.process_id, OLD.step_code, OLD.runoff_of
    ) THEN
        RAISE EXCEPTION 'a frozen round is not changed' USING ERRCODE = 'DY001';
    END IF;
    RETURN NEW;
END $$;
