-- Every line as its alerts make it. The most urgent class of its Meter Points is that of the whole.
SELECT
    new_line AS id,
    any_value(network_id) AS network_id,
    any_value(new_kind) AS kind,
    any_value(new_label) AS label,
    CASE WHEN count(DISTINCT place) = 1 THEN any_value(mpxn) END AS mpxn,
    any_value(family) AS sort,
    min(sent_at) AS first_at,
    max(sent_at) AS last_at,
    count(*) AS alerts,
    count(DISTINCT place) AS points,
    arg_min(triaged, (urgency, -epoch_us(sent_at), alert_members.id)) AS triaged,
    arg_min(answer, (urgency, -epoch_us(sent_at), alert_members.id)) AS answer,
    CASE WHEN any_value(new_kind) = 'single' THEN arg_min(why, (urgency, -epoch_us(sent_at), alert_members.id))
         ELSE left(any_value(counted.words), 300) END AS why,
    CASE WHEN count(DISTINCT generation) FILTER (WHERE generation LIKE 'SMETS%') > 1 THEN 'both'
         ELSE coalesce(max(generation) FILTER (WHERE generation LIKE 'SMETS%'),
             CASE WHEN bool_and(generation = 'no_meter') THEN 'no_meter' ELSE 'not_known' END) END AS generation,
    any_value(new_kind) <> 'firmware' AND bool_or(alert_members.sort = 'outage' AND restored_at IS NULL) AS waiting
FROM alert_members
JOIN urgencies USING (triaged)
LEFT JOIN (
    SELECT
        new_line,
        if(new_kind = 'firmware', 'Known to be false: meters report outages while they are updated. ', '')
            || sum(points) || if(sum(points) = 1, ' Meter Point: ', ' Meter Points: ')
            || string_agg(points || ' ' || lower(urgencies.words), ', ' ORDER BY urgency) AS words
    FROM (
        SELECT new_line, new_kind, triaged, count(DISTINCT place) AS points
        FROM alert_members GROUP BY new_line, new_kind, triaged
    )
    JOIN urgencies USING (triaged)
    GROUP BY new_line, new_kind
) AS counted USING (new_line)
GROUP BY new_line
