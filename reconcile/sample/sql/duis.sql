-- Read Inventory responses (8.2) about the devices that changed since the export, and a few that did not.
-- They tell no date of a status, only that of commissioning.
COPY (
    WITH device AS (
        FROM meters_told($day, true)
        UNION ALL
        -- Unchanged: meters that were commissioned on the date of their status, and in-home devices without a status.
        FROM meters_told($day, false)
        WHERE (luck + $day * 7919) % 100000 < $some AND status = 'Commissioned' AND status_date = date_commissioned
            AND slot = 0 AND i NOT IN (SELECT i FROM meters_told($day, true))
        UNION ALL
        FROM others_told($day) WHERE (luck + $day * 7919) % 100000 < $some AND device_type IN ('IHD', 'CAD')
    ),
    element AS (
        SELECT i, string_agg(
            '<sr:Device>'
            -- Either case is allowed.
            || '<sr:DeviceID>' || CASE WHEN luck % 5 = 0 THEN lower(device_id) ELSE device_id END || '</sr:DeviceID>'
            || '<sr:DeviceType>' || device_type || '</sr:DeviceType>'
            || coalesce('<sr:DeviceStatus>' || status || '</sr:DeviceStatus>', '')
            || '<sr:DeviceManufacturer>'
            || ['Alder Metering', 'Birch Instruments', 'Cedar Devices', 'Hazel Controls', 'Rowan Meters'][maker]
            || '</sr:DeviceManufacturer>'
            || '<sr:DeviceModel>' || ['AM', 'BI', 'CD', 'HC', 'RM'][maker] || (100 + luck % 7 * 10)
            || '</sr:DeviceModel>'
            || coalesce('<sr:SMETSCHTSVersion>' || version || '</sr:SMETSCHTSVersion>', '')
            || coalesce('<sr:DateCommissioned>' || date_commissioned || CASE WHEN luck % 2 = 0 THEN 'Z' ELSE '' END
                        || '</sr:DateCommissioned>', '')
            || coalesce('<sr:ImportMPxN>' || import_mpxn || '</sr:ImportMPxN>', '')
            || coalesce('<sr:SecondaryImportMPAN>' || secondary_mpan || '</sr:SecondaryImportMPAN>', '')
            || coalesce('<sr:ExportMPAN>' || export_mpan || '</sr:ExportMPAN>', '')
            || '<sr:PropertyFilter><sr:PostCode>' || postcode || '</sr:PostCode><sr:AddressIdentifier>'
            || (1 + luck % 200) || '</sr:AddressIdentifier></sr:PropertyFilter>'
            || '</sr:Device>', '' ORDER BY slot) AS devices
        FROM device GROUP BY i
    ),
    response AS (
        SELECT
            row_number() OVER (ORDER BY i) AS number,
            '<sr:Response schemaVersion="5.4"><sr:Header><sr:RequestID>90-B3-D5-1F-30-00-00-02:02-0A-1D-00-00-00-00-01:' || number
            || '</sr:RequestID><sr:ResponseCode>I0</sr:ResponseCode><sr:ResponseDateTime>' || $made
            || '</sr:ResponseDateTime></sr:Header><sr:Body><sr:ResponseMessage>'
            || '<sr:ServiceReference>8.2</sr:ServiceReference>'
            || '<sr:ServiceReferenceVariant>8.2</sr:ServiceReferenceVariant><sr:DSPInventory>' || devices
            || '</sr:DSPInventory></sr:ResponseMessage></sr:Body></sr:Response>' AS text
        FROM element
    ),
    file AS (
        SELECT 0 AS number, '<?xml version="1.0" encoding="UTF-8"?>' || chr(10)
            || '<sr:Responses xmlns:sr="http://www.dccinterface.co.uk/ServiceUserGateway">' AS text
        UNION ALL
        FROM response
        UNION ALL
        SELECT 1000000000, '</sr:Responses>'
    )
    SELECT text FROM file ORDER BY number
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
