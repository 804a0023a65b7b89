-- A report in one round trip: the ticket and the first line of its log.
WITH ticket AS (
    INSERT INTO property.ticket (
        community_id, id, number, channel, is_anonymous, household_id, resident_id, reported_by_id, grid_id, building_id,
        place, description, photo_ids, wished_category, version, state, attempt, priority, needs_after_photo,
        after_photo_ids, submitted_at, last_seal
    ) VALUES (
        :community_id, :id, :number, :channel, :is_anonymous, :household_id, :resident_id, :account_id, :grid_id,
        :building_id, :place, :description, :photo_ids, :wished_category, 1, :state, 1, :priority, false,
        '{}', :at, :seal
    )
)
INSERT INTO property.ticket_event (
    community_id, ticket_id, seq, action, at, actor, account_id, facts, previous, seal
) VALUES (
    :community_id, :id, 1, :action, :at, :actor, :account_id, CAST(:facts AS jsonb), :previous, :seal
)
