-- Open discrepancies that the run no longer finds and has positive evidence about: the point is in its flags, and all
-- lines about it could be read, those of the DSP too where the rule rests on them; or the rule is one of the inventory's
-- and no meter is left at the point. That no alert tells of it any more ends no rule that rests on silence: the point has
-- to have spoken, to have changed since the oldest alerts, or to be explained by a planned update.
SELECT id
FROM open_before
LEFT JOIN noted USING (mpxn)
CROSS JOIN alert_window
WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
  AND id NOT IN (SELECT id FROM findings)
  AND mpxn NOT IN (SELECT mpxn FROM unread)
  AND mpxn NOT IN (SELECT mpxn FROM unread_meters)
  AND NOT (coalesce(dsp_rule, false) AND mpxn IN (SELECT mpxn FROM dsp_said WHERE NOT certain))
  AND (in_flags OR inventory_rule AND coalesce(meters + wrong_meters, 0) = 0)
  AND (
    NOT coalesce(silence_rule, false)
    OR flag <> 'A'
    OR shows <> 'commissioned'
    OR greatest(flag_from, latest_status_from) >= alerts_since
    OR mpxn IN (SELECT mpxn FROM spoke)
    OR mpxn IN (SELECT mpxn FROM quiet_in_outage WHERE NOT proven)
  )
