-- When the meters of a registered point changed lately, and when its flag followed them. A flag from before the change
-- asks for nothing, and of a point that the policy leaves open, or of whose meters one has no day, nothing is known.
SELECT *, CASE WHEN changed IS NOT NULL AND rule IS NULL THEN flag_from END AS followed_on
FROM (
    SELECT
        *,
        CASE WHEN in_flags AND NOT undetermined AND undated_meters = 0 AND latest_status_from > late_since
             AND (rule IS NOT NULL OR flag_from >= latest_status_from) THEN latest_status_from END AS changed
    FROM judged
    CROSS JOIN late_window
)
