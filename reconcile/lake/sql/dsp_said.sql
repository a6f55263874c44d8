-- What the DSP says of each point in the newest file that names it: of several lines the one with the latest date. It is
-- certain where the newest lines could be read and agree.
WITH told AS (
    SELECT mpxn, status, status_from, notified, extract_order, false AS is_unread FROM dsp_statuses
    WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
    UNION ALL
    SELECT mpxn, NULL, NULL, NULL, extract_order, true FROM unread_dsp
    WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
),
ranked AS (
    SELECT *, rank() OVER (
        PARTITION BY mpxn
        ORDER BY extract_order DESC, is_unread DESC, coalesce(status_from, DATE '0001-01-01') DESC
    ) AS place
    FROM told
)
SELECT
    mpxn,
    max(status) AS status,
    max(status_from) AS status_from,
    bool_or(notified) AS notified,
    NOT bool_or(is_unread) AND count(DISTINCT coalesce(status, '')) = 1 AS certain
FROM ranked
WHERE place = 1
GROUP BY mpxn
