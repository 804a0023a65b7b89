-- A household's file.

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
    -- The first seal comes at the end of the community's first day.
    INSERT INTO points.seal_schedule (community_id, due_at)
        VALUES (p_community, (date_trunc('day', p_now AT TIME ZONE 'Asia/Shanghai') + interval '1 day') AT TIME ZONE 'Asia/Shanghai')
        ON CONFLICT DO NOTHING;
    -- And the first audit in the night after it; `next_due_at` of the audits says when the nights after that are.
    INSERT INTO points.audit_schedule (community_id, due_at)
        VALUES (p_community, (date_trunc('day', p_now AT TIME ZONE 'Asia/Shanghai') + interval '1 day 2 hours') AT TIME ZONE 'Asia/Shanghai')
        ON CONFLICT DO NOTHING;
    FOR v_asset, v_amount IN VALUES ('standing', p_standing), ('spendable', p_spendable) LOOP
        v_account := points.open_account(p_community, 'household', p_household, v_asset, p_now);
        IF v_amount > 0 THEN
            PERFORM points.credit(p_community, v_account, v_asset, v_amount, 'issuance', 'opening', p_household, p_summary, NULL, NULL,
                points.derived_id(p_household, 'opening ' || v_asset), p_now, NULL, p_now);
        END IF;
    END LOOP;
END $$;
