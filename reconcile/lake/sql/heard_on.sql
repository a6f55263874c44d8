-- Points of which a meter was heard, by its own clock or an alert of its own, after it was decommissioned or withdrawn, or
-- after the flag became N.
SELECT mpxn
FROM associations
JOIN heard USING (device_id)
LEFT JOIN flags USING (mpxn)
WHERE (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
  AND (
    status IN ('Decommissioned', 'Withdrawn') AND CAST(heard_at AS DATE) > status_from
    OR flag = 'N' AND CAST(heard_at AS DATE) > flag_from
  )
GROUP BY mpxn
