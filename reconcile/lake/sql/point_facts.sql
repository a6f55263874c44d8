-- The meter of each point that speaks for it: one that is live and for import before others, then the newest, then the
-- last by what is said of it. All of that is one number, because the largest number is found at once: 2^54 live, 2^37 the
-- day of its status, 2^17 its kind, 1 the day of its commissioning (days since 1970, 0 for none).
SELECT
    mpxn,
    facts // 131072 % 1048576 AS kind,
    DATE '1970-01-01' + nullif(facts % 131072, 0)::INTEGER AS commissioned
FROM (
    SELECT
        mpxn,
        max(
            if(live AND role = 'import', 18014398509481984, 0)
            + greatest(coalesce(date_diff('day', DATE '1970-01-01', status_from), 0), 0) * 137438953472
            + coalesce(kind, 0) * 131072
            + greatest(coalesce(date_diff('day', DATE '1970-01-01', commissioned), 0), 0)
        ) AS facts
    FROM meters
    JOIN statuses USING (status)
    LEFT JOIN kinds USING (description)
    WHERE (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
    GROUP BY mpxn
)
