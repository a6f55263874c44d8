-- The full extract of every distributor, in the manner of ECOES.
COPY (
    SELECT
        point.mpxn AS mpan_core,
        told.flag AS dcc_service_flag,
        told_on(told.since, told.since_back, point.old) AS dcc_service_flag_efd,
        point.supplier AS supplier_mpid,
        point.postcode,
        CASE WHEN told.smart THEN CASE WHEN point.smets1 THEN 'SMETS1' ELSE 'SMETS2' END END AS smets_version
    FROM point
    JOIN told_flag AS told ON told.story = point.story AND told.day = $day
    WHERE NOT point.gas
) TO $path (FORMAT csv, HEADER true);
