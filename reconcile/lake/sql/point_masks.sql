-- bit_or keeps one small integer a point, whatever the number of meters. A meter of the other fuel does not count.
SELECT
    mpxn,
    coalesce(bit_or(bit) FILTER (WHERE right_fuel), 0)::USMALLINT AS mask,
    count(*) FILTER (WHERE right_fuel) AS meters,
    count(*) FILTER (WHERE NOT right_fuel) AS wrong_meters,
    max(status_from) FILTER (WHERE right_fuel) AS latest_status_from,
    count(*) FILTER (
        WHERE right_fuel AND role = 'import' AND status IN ('InstalledNotCommissioned', 'Commissioned')
    ) AS live_meters
FROM (SELECT *, (device_type = 'ESME') = (mpxn >= 1000000000000) AS right_fuel FROM associations JOIN statuses USING (status))
GROUP BY mpxn
