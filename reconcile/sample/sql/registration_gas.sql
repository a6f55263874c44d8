-- The full extract of every gas network: other headings, other dates.
COPY (
    SELECT
        point.mpxn AS "MPRN",
        point.area AS "LDZ ID",
        point.network AS "Network Name",
        point.supplier AS "Supplier",
        point.postcode AS "Postcode",
        told.flag AS "DCC Service Flag",
        strftime(told_on(told.since, told.since_back, point.old), '%d/%m/%Y') AS "DCC Service Flag EFD"
    FROM point
    JOIN told_flag AS told ON told.story = point.story AND told.day = $day
    WHERE point.gas
) TO $path (FORMAT csv, HEADER true);
