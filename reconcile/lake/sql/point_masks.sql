-- bit_or keeps one small integer a point, whatever the number of meters. Meters of the other fuel do not count.
SELECT
    mpxn,
    bit_or(bit)::USMALLINT AS mask,
    count(*) AS meters,
    max(status_from) AS latest_status_from,
    count(*) FILTER (WHERE role = 'import' AND status IN ('InstalledNotCommissioned', 'Commissioned')) AS live_meters
FROM associations
JOIN statuses USING (status)
WHERE (device_type = 'ESME') = (mpxn >= 1000000000000)
GROUP BY mpxn
