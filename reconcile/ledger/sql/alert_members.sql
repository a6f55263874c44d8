-- The line of each alert. One that somebody works on keeps its alerts, whatever they turn out to belong to; others follow
-- their group: into the oldest line of its sort that stands, or a new one. A group with no alert to place has none.
WITH groups AS (
    SELECT
        kind, storm, label,
        min(line_id) FILTER (WHERE line_kind = kind) AS standing,
        count(*) FILTER (WHERE line_id IS NULL OR NOT fixed) AS movable
    FROM alert_groups JOIN candidates USING (id)
    GROUP BY kind, storm, label
),
lines AS (
    SELECT
        kind, storm, label,
        coalesce(standing, getvariable('last_line') + sum((standing IS NULL)::INTEGER) OVER (ORDER BY storm, kind))
            AS next_line
    FROM groups WHERE movable > 0
)
SELECT
    alert_units.*,
    if(line_id IS NULL OR NOT fixed, next_line, line_id)::BIGINT AS new_line,
    if(line_id IS NULL OR NOT fixed, alert_groups.kind, line_kind) AS new_kind,
    if(line_id IS NULL OR NOT fixed, alert_groups.label, line_label) AS new_label,
    CASE WHEN sort = 'outage' THEN min(sent_at) FILTER (WHERE sort = 'restored') OVER later END AS restored_at
FROM alert_units
JOIN alert_groups USING (id, unit)
LEFT JOIN lines ON lines.kind = alert_groups.kind AND lines.storm = alert_groups.storm
    AND lines.label = alert_groups.label
WINDOW later AS (
    PARTITION BY unit ORDER BY sent_at, sort = 'restored', id ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
)
