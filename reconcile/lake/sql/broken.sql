-- Every broken rule of the slice, whatever found it.
FROM flag_rules
UNION ALL FROM smi_only
UNION ALL FROM fuel_mismatch
UNION ALL FROM many_meters
UNION ALL FROM update_rejected
UNION ALL FROM duplicate_flag
UNION ALL FROM meter_differs
