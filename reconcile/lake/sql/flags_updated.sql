-- The flag of every Meter Point after the updates that came since its network's full extract. By effective date; on
-- equal dates the later file wins. What the newest update says of supply holds, whatever it says of the flag. Where two
-- networks' extracts hold one MPRN, the newer extract speaks.
WITH held AS (
    SELECT mpxn, flag, flag_from, network, supplier, point_status, postcode_area
    FROM full_flags
    WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
    QUALIFY mpxn >= getvariable('first_mpan') OR row_number() OVER (PARTITION BY mpxn ORDER BY extract_order DESC) = 1
),
newest_update AS (
    SELECT u.mpxn, u.flag, u.flag_from, u.point_status
    FROM flag_updates AS u
    JOIN held USING (mpxn)
    JOIN network_updates AS n ON n.network = held.network AND n.extract_order = u.extract_order
    WHERE u.mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
    QUALIFY row_number() OVER (PARTITION BY u.mpxn ORDER BY u.flag_from DESC NULLS LAST, u.extract_order DESC) = 1
),
newest_status AS (
    SELECT told.mpxn, told.point_status
    FROM told_statuses AS told
    JOIN held USING (mpxn)
    JOIN full_extracts ON full_extracts.network = held.network AND told.as_of >= full_extracts.as_of
    WHERE told.mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
    QUALIFY row_number() OVER (PARTITION BY told.mpxn ORDER BY told.extract_order DESC) = 1
)
SELECT
    held.mpxn,
    CASE WHEN applies THEN newest_update.flag ELSE held.flag END AS flag,
    CASE WHEN applies THEN newest_update.flag_from ELSE held.flag_from END AS flag_from,
    held.network,
    held.supplier,
    CASE WHEN newest_status.mpxn IS NOT NULL THEN newest_status.point_status
         WHEN applies THEN coalesce(newest_update.point_status, held.point_status)
         ELSE held.point_status END AS point_status,
    held.postcode_area
FROM held
LEFT JOIN newest_update USING (mpxn)
LEFT JOIN newest_status USING (mpxn),
LATERAL (
    SELECT newest_update.mpxn IS NOT NULL
       AND coalesce(newest_update.flag_from, DATE '0001-01-01') >= coalesce(held.flag_from, DATE '0001-01-01') AS applies
)
