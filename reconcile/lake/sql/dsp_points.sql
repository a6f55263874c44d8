-- Points at which the DSP holds N or I that registration has not, and never had from it; and those at which its status is
-- not one that the meters of its inventory allow.
SELECT mpxn, unsent, differs, firm
FROM (
    SELECT
        dsp_said.mpxn,
        coalesce(status IN ('N', 'I') AND NOT notified AND coalesce(flags.flag, '') <> status, false) AS unsent,
        truth.expected <> coalesce(status, '') AS differs,
        truth.firm
    FROM dsp_said
    JOIN flags ON flags.mpxn = dsp_said.mpxn
    LEFT JOIN point_masks ON point_masks.mpxn = dsp_said.mpxn
    JOIN truth
        ON truth.flag = coalesce(status, '')
        AND truth.mask = coalesce(point_masks.mask, 0)
        AND truth.ever = (dsp_said.mpxn IN (SELECT mpxn FROM seen))
    WHERE certain
)
WHERE unsent OR differs
