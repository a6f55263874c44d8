-- The device export of the Smart Metering Inventory, one line a device, headed like the elements of DUIS.
COPY (
    SELECT
        device_id AS "DeviceID",
        device_type AS "DeviceType",
        status AS "DeviceStatus",
        -- Now and then the date is left out where it is that of commissioning.
        CASE WHEN luck % 41 > 0 OR status_date IS DISTINCT FROM date_commissioned THEN status_date END AS "StatusDate",
        date_commissioned AS "DateCommissioned",
        import_mpxn AS "ImportMPxN",
        secondary_mpan AS "SecondaryImportMPAN",
        export_mpan AS "ExportMPAN",
        version AS "SMETSCHTSVersion",
        ['Alder Metering', 'Birch Instruments', 'Cedar Devices', 'Hazel Controls', 'Rowan Meters'][maker]
            AS "DeviceManufacturer",
        ['AM', 'BI', 'CD', 'HC', 'RM'][maker] || (100 + luck % 7 * 10) AS "DeviceModel",
        ['01.02', '02.00', '02.10', '03.01'][1 + luck % 4] AS "DeviceFirmwareVersion",
        CASE WHEN smets1 THEN 'SMETS1'
             WHEN area IN ('13', '15', '16', '17', '18', '23', 'NW', 'NE', 'NO', 'SC', 'WN') THEN 'North'
             WHEN area IN ('11', '14', '21', 'EM', 'WM', 'WS') THEN 'Central'
             ELSE 'South' END AS "CSPRegion",
        postcode AS "PostCode"
    FROM (FROM meters_told($day, false) UNION ALL FROM others_told($day) WHERE NOT $meters_only)
) TO $path (FORMAT csv, HEADER true);
