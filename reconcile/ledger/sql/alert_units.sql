-- What one Meter Point says of one thing is one unit: within a day of the last time, and before a new outage after a
-- restoration. `unit` is the first of its alerts.
WITH placed AS (
    SELECT
        *,
        coalesce('point ' || mpxn, 'device ' || nullif(device_id, ''), 'hub ' || hub_id) AS place,
        if(sort = 'restored', 'outage', sort) AS family
    FROM candidates
),
marked AS (
    SELECT
        *,
        coalesce(
            sent_at - lag(sent_at) OVER in_time > to_hours(getvariable('episode_hours'))
            OR (sort = 'outage' AND lag(sort) OVER in_time = 'restored'),
            true
        ) AS begins
    FROM placed
    WINDOW in_time AS (PARTITION BY network_id, place, family ORDER BY sent_at, sort = 'restored', id)
),
numbered AS (
    SELECT *, sum(begins::INTEGER) OVER (
        PARTITION BY network_id, place, family ORDER BY sent_at, sort = 'restored', id
    ) AS episode
    FROM marked
)
SELECT * EXCLUDE (begins, episode), min(id) OVER of_unit AS unit
FROM numbered
WINDOW of_unit AS (PARTITION BY network_id, place, family, episode)
