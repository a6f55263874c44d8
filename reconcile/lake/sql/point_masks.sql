-- bit_or keeps one small integer a point, whatever the number of meters, and a count takes four bytes: what a join holds
-- in memory is this. A meter of the other fuel does not count.
SELECT
    mpxn,
    bit_or(if(right_fuel, bit, 0))::USMALLINT AS mask,
    count(*) FILTER (WHERE right_fuel)::UINTEGER AS meters,
    count(*) FILTER (WHERE NOT right_fuel)::UINTEGER AS wrong_meters,
    max(if(right_fuel, status_from, NULL)) AS latest_status_from,
    count(*) FILTER (WHERE right_fuel AND live AND role = 'import')::UINTEGER AS live_meters
FROM (SELECT *, (device_type = 'ESME') = (mpxn >= 1000000000000) AS right_fuel FROM associations JOIN statuses USING (status))
GROUP BY mpxn
