-- bit_or keeps one small integer a point, whatever the number of meters, and a count takes four bytes: what a join holds
-- in memory is this. A meter of the other fuel does not count. Where a point has several, `facts` are those of one: one
-- that is live and for import before others, then the newest. They are packed, for a number is compared at once:
-- 2^54 live, 2^37 the day of its status, 2^17 its kind, 1 the day of its commissioning (days since 1970, 0 for none).
SELECT
    mpxn,
    bit_or(if(right_fuel, bit, 0))::SMALLINT AS mask,
    count(*) FILTER (WHERE right_fuel)::INTEGER AS meters,
    count(*) FILTER (WHERE NOT right_fuel)::INTEGER AS wrong_meters,
    max(if(right_fuel, status_from, NULL)) AS latest_status_from,
    count(*) FILTER (WHERE right_fuel AND status_from IS NULL)::INTEGER AS undated_meters,
    count(*) FILTER (WHERE right_fuel AND live AND role = 'import')::INTEGER AS live_meters,
    max(if(right_fuel, facts, NULL)) AS facts
FROM (
    SELECT
        mpxn, bit, status_from, live, role,
        (device_type = 'ESME') = (mpxn >= getvariable('first_mpan')) AS right_fuel,
        if(live AND role = 'import', 18014398509481984, 0)
            + greatest(coalesce(date_diff('day', DATE '1970-01-01', status_from), 0), 0) * 137438953472
            + coalesce(kind, 0) * 131072
            + greatest(coalesce(date_diff('day', DATE '1970-01-01', commissioned), 0), 0) AS facts
    FROM associations
    JOIN statuses USING (status)
    LEFT JOIN kinds USING (description)
)
GROUP BY mpxn
