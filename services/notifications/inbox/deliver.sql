-- Put one text into many inboxes: who was told this fact already is left out; everybody else's sequence moves on by one.
-- Mailboxes are locked in the order of account ids, so two deliveries to the same people cannot block each other for ever.
WITH audience AS (
    SELECT * FROM unnest(CAST(:account_ids AS uuid[]), CAST(:item_ids AS uuid[])) AS a (account_id, item_id)
),
fresh AS (
    SELECT account_id, item_id
    FROM audience
    WHERE NOT EXISTS (
        SELECT FROM notifications.inbox_item AS told
        WHERE told.community_id = :community_id
            AND told.account_id = audience.account_id
            AND told.fact_key = :fact_key
    )
    ORDER BY account_id
),
moved AS (
    INSERT INTO notifications.mailbox AS mailbox (community_id, account_id, last_sequence)
    SELECT :community_id, account_id, 1 FROM fresh ORDER BY account_id
    ON CONFLICT (community_id, account_id) DO UPDATE SET last_sequence = mailbox.last_sequence + 1
    RETURNING account_id, last_sequence
)
INSERT INTO notifications.inbox_item (
    community_id, id, account_id, sequence, fact_key, topic, title, body, target_kind, target_id, told_at
)
SELECT
    :community_id, fresh.item_id, moved.account_id, moved.last_sequence, :fact_key,
    :topic, :title, :body, :target_kind, :target_id, :told_at
FROM moved JOIN fresh USING (account_id)
ON CONFLICT (community_id, account_id, fact_key) DO NOTHING
RETURNING account_id
