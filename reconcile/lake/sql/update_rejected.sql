-- The newest response for the point is a rejection.
SELECT mpxn, 'UPDATE_REJECTED' AS rule
FROM responses SEMI JOIN (FROM noted WHERE in_flags) USING (mpxn)
GROUP BY mpxn
HAVING arg_max(outcome, (extract_order, line)) = 'RJ'
