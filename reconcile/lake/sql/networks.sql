-- The networks that the run covers, and since when a change is too young for the other side to have caught up.
SELECT
    network,
    greatest(any_value(full_extracts.as_of), max(network_updates.as_of)) AS registration_date,
    registration_date - getvariable('grace_days')::INTEGER AS in_flight_from
FROM full_extracts
LEFT JOIN network_updates USING (network)
GROUP BY network
