-- How many instructions of the day's D0350 the electricity registration systems received, accepted and rejected.
COPY (
    WITH counted AS (
        SELECT
            (SELECT count(*) FROM updates_told($day, $some) WHERE teller = 'd0350') AS accepted,
            (SELECT count(*) FROM point JOIN told_answer AS told ON told.story = point.story AND told.day = $day
             WHERE NOT point.gas AND told.outcome = 'RJ') AS rejected
    )
    SELECT unnest([
        'ZHV|' || $file || '|D0172001|P|MPAS|Z|DCCO|' || $made || '||||OPER|',
        '749|' || $day || '|',
        '357|1|DC90|' || $made_on || '|' || $confirmed || '|' || accepted + rejected || '|' || accepted || '|' || rejected || '|',
        'ZPT|' || $file || '|2||1|' || $made || '|'
    ]) AS text
    FROM counted
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
