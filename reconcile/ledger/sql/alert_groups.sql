-- Which units are one line of the queue: those of a planned firmware update, else of an area within minutes, else of one
-- hub, else each by itself. A unit that an update would explain, in the midst of a storm that it does not, is of that.
WITH units AS (
    SELECT
        unit, family, network_id, place,
        min(sent_at) FILTER (WHERE sort <> 'restored') AS first_at,
        min(nullif(hub_id, '')) AS hub_id,
        max(postcode_area) AS area,
        max(manufacturer) AS manufacturer, max(model) AS model, max(firmware) AS firmware,
        max(firmware_then) AS firmware_then
    FROM alert_units
    GROUP BY ALL
    HAVING first_at IS NOT NULL
),
explained AS (
    SELECT unit, min(plan) AS plan
    FROM units
    JOIN plans ON lower(plans.manufacturer) = lower(units.manufacturer)
        AND (plans.model IS NULL OR lower(plans.model) = lower(units.model))
        AND lower(plans.firmware) IN (lower(units.firmware), lower(units.firmware_then))
        AND units.first_at BETWEEN plans.starts AND plans.ends
    WHERE family = 'outage'
    GROUP BY unit
),
in_areas AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY network_id, area, family ORDER BY first_at, unit) AS cluster
    FROM (
        SELECT *, coalesce(
            first_at - lag(first_at) OVER (PARTITION BY network_id, area, family ORDER BY first_at, unit)
                > to_minutes(getvariable('storm_minutes')), true
        ) AS begins
        FROM units ANTI JOIN explained USING (unit)
        WHERE family IN ('outage', 'voltage') AND area <> ''
    )
),
areas AS (
    SELECT network_id, area, family, min(unit) AS storm, min(first_at) AS starts, max(first_at) AS ends
    FROM in_areas
    GROUP BY network_id, area, family, cluster
    HAVING count(DISTINCT place) >= getvariable('area_points')
),
of_areas AS (
    SELECT unit, min(storm) AS storm, any_value(areas.area) AS label
    FROM units
    JOIN areas ON areas.network_id IS NOT DISTINCT FROM units.network_id AND areas.area = units.area
        AND areas.family = units.family AND units.first_at BETWEEN areas.starts AND areas.ends
    GROUP BY unit
),
in_hubs AS (
    SELECT *, sum(begins::INTEGER) OVER (PARTITION BY network_id, hub_id, family ORDER BY first_at, unit) AS cluster
    FROM (
        SELECT *, coalesce(
            first_at - lag(first_at) OVER (PARTITION BY network_id, hub_id, family ORDER BY first_at, unit)
                > to_minutes(getvariable('storm_minutes')), true
        ) AS begins
        FROM units ANTI JOIN explained USING (unit) ANTI JOIN of_areas USING (unit)
        WHERE hub_id IS NOT NULL
    )
),
of_hubs AS (
    SELECT unit, min(unit) OVER of_hub AS storm, hub_id AS label
    FROM in_hubs
    WINDOW of_hub AS (PARTITION BY network_id, hub_id, family, cluster)
    QUALIFY count(*) OVER of_hub >= getvariable('hub_points')
),
of_updates AS (
    SELECT unit, min(unit) OVER (PARTITION BY network_id, plan) AS storm, plan
    FROM explained JOIN units USING (unit) ANTI JOIN of_areas USING (unit)
)
SELECT
    alert_units.id,
    alert_units.unit,
    CASE WHEN of_areas.storm IS NOT NULL THEN 'area' WHEN of_updates.storm IS NOT NULL THEN 'firmware'
         WHEN of_hubs.storm IS NOT NULL THEN 'hub' ELSE 'single' END AS kind,
    coalesce(of_areas.storm, of_updates.storm, of_hubs.storm, unit) AS storm,
    left(coalesce(of_areas.label, plans.label, of_hubs.label, ''), 120) AS label
FROM alert_units
LEFT JOIN of_areas USING (unit)
LEFT JOIN of_updates USING (unit)
LEFT JOIN of_hubs USING (unit)
LEFT JOIN plans ON plans.plan = of_updates.plan
