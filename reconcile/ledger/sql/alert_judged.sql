-- Each alert with what is behind it by the evidence of one time. Where nothing was loaded by then, nobody knows.
SELECT
    asked.id,
    coalesce(evidence.mpxn, asked.mpxn) AS mpxn,
    coalesce(evidence.network, CASE WHEN asked.mpxn >= getvariable('first_mpan')
        THEN (asked.mpxn // (getvariable('first_mpan') // 10))::VARCHAR END)
        AS network,
    evidence.supplier,
    coalesce(evidence.postcode_area, '') AS postcode_area,
    evidence.description,
    evidence.device_at,
    coalesce(generations.generation, CASE WHEN evidence.mask = 0 THEN 'no_meter' END, 'not_known') AS generation,
    coalesce(cells.triaged, 'unknown_point') AS triaged,
    coalesce(cells.answer, 'unknown') AS answer,
    left(CASE
        WHEN cells.answer IS NULL THEN 'Nothing is loaded that shows this time.'
        ELSE cells.words || ': ' || cells.why
            || coalesce('; last proof of life: ' || evidence.proof, '')
            || CASE WHEN evidence.elsewhere THEN '; the inventory has the device at ' || evidence.device_at ELSE '' END
    END, 300) AS why
FROM asked
LEFT JOIN evidence USING (id)
LEFT JOIN generations USING (meter)
LEFT JOIN cells USING (flag, mask, known, elsewhere, unread, heard, wan)
