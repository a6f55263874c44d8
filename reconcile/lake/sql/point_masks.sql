-- bit_or keeps one small integer a point, whatever the number of meters, and a count takes four bytes: what a join holds
-- in memory is this. A meter of the other fuel does not count.
SELECT
    mpxn,
    bit_or(if(right_fuel, bit, 0))::SMALLINT AS mask,
    count(*) FILTER (WHERE right_fuel)::INTEGER AS meters,
    count(*) FILTER (WHERE NOT right_fuel)::INTEGER AS wrong_meters,
    max(if(right_fuel, status_from, NULL)) AS latest_status_from,
    count(*) FILTER (WHERE right_fuel AND status_from IS NULL)::INTEGER AS undated_meters,
    count(*) FILTER (WHERE right_fuel AND live AND role = 'import')::INTEGER AS live_meters
FROM (
    SELECT *, (device_type = 'ESME') = (mpxn >= getvariable('first_mpan')) AS right_fuel
    FROM associations JOIN statuses USING (status)
)
GROUP BY mpxn
