-- The DSP's own status is not what its inventory implies; beside a meter of unknown status only a firm verdict stands.
SELECT mpxn, 'DSP_DIFFERS' AS rule
FROM noted SEMI JOIN (
    FROM dsp_points WHERE differs AND (firm OR mpxn NOT IN (SELECT mpxn FROM unread_meters))
) USING (mpxn)
WHERE in_flags
