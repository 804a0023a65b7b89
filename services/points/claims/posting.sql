-- Posting of claims: many in one round trip, because a two-month assessment brings a line for every household.

-- When a posted claim counts: on the day it happened while that day may still be entered for, otherwise now, as a dated correction.
CREATE OR REPLACE FUNCTION points.claim_counts_at(p_community uuid, p_happened_on date, p_now timestamptz) RETURNS timestamptz
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM points.require_open_period(p_community, p_happened_on, false);
    RETURN least((p_happened_on + time '12:00') AT TIME ZONE INTERVAL '+08:00', p_now);
EXCEPTION WHEN SQLSTATE 'DP041' THEN
    RETURN p_now;
END $$;

-- Post claims whose rows the caller has locked: standing and spendable points to or from each household, and the claim is posted.
-- Locks: the gate of the periods; then all accounts of all these households in the order of the accounts' ids.
CREATE OR REPLACE FUNCTION points.post_claims(p_community uuid, p_claims uuid[], p_now timestamptz) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_claim points.claim;
    v_asset text;
    v_account uuid;
    v_transfer uuid;
    v_day date;
    v_moments jsonb := '{}';
    v_count int := 0;
BEGIN
    FOR v_day IN SELECT DISTINCT happened_on FROM points.claim WHERE community_id = p_community AND id = ANY (p_claims) LOOP
        v_moments := v_moments || jsonb_build_object(v_day::text, points.claim_counts_at(p_community, v_day, p_now));
    END LOOP;
    PERFORM points.lock_owners(p_community,
        ARRAY(SELECT DISTINCT household_id FROM points.claim WHERE community_id = p_community AND id = ANY (p_claims)));
    FOR v_claim IN
        SELECT * FROM points.claim
        WHERE community_id = p_community AND id = ANY (p_claims) AND state = 'publicised' ORDER BY household_id, id
    LOOP
        FOREACH v_asset IN ARRAY ARRAY['standing', 'spendable'] LOOP
            v_account := points.open_account(p_community, 'household', v_claim.household_id, v_asset, p_now);
            v_transfer := points.derived_id(v_claim.id, 'claim ' || v_asset);
            IF v_claim."group" = 'minus' THEN
                PERFORM points.deduct(p_community, v_account, v_asset, v_claim.points, 'deduction', v_claim.id, v_claim.item_name,
                    v_claim.rulebook_version, v_claim.account_id, v_transfer,
                    (v_moments ->> v_claim.happened_on::text)::timestamptz, p_now);
            ELSE
                PERFORM points.credit(p_community, v_account, v_asset, v_claim.points, 'issuance', 'claim', v_claim.id,
                    v_claim.item_name, v_claim.rulebook_version, v_claim.account_id, v_transfer,
                    (v_moments ->> v_claim.happened_on::text)::timestamptz, NULL, p_now);
            END IF;
        END LOOP;
        v_count := v_count + 1;
    END LOOP;
    UPDATE points.claim SET state = 'posted', posted_at = p_now
        WHERE community_id = p_community AND id = ANY (p_claims) AND state = 'publicised';
    RETURN v_count;
END $$;
