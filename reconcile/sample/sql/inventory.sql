-- The smart meters that the full export (or, `night`, the overnight responses) of a day tell of.
-- A twin has no meter of its own: its host's carries the twin's number beside the host's.
CREATE MACRO meters_told(on_day, night) AS TABLE
SELECT
    point.i, told.slot,
    device_of(point.i, told.slot, point.maker) AS device_id,
    CASE WHEN point.gas = (told.slot < 2) THEN 'GSME' ELSE 'ESME' END AS device_type,
    told.status,
    told_on(told.since, told.since_back, point.old) AS status_date,
    -- A quarter of the plainest meters were commissioned long before they got the status that they have.
    told_on(told.commissioned, told.commissioned_back, point.old)
        - if(luck // 84 % 4 = 1 AND point.story = plainest.story, 500, 0) AS date_commissioned,
    point.mpxn AS import_mpxn,
    CASE WHEN told.slot = 0 THEN mpan_of(point.area, point.i + point.secondary_at) END AS secondary_mpan,
    CASE WHEN told.slot = 0 THEN mpan_of(point.area, point.i + point.export_at) END AS export_mpan,
    CASE WHEN point.smets1 THEN 'SMETS V1.' || (1 + luck % 2)
         ELSE 'SMETS V' || (2 + luck % 4) || '.' || luck % 3 END AS version,
    point.maker, luck, area, smets1, postcode
FROM point
JOIN told_meter AS told
    ON told.story = point.story AND told.day = on_day AND told.overnight = night
CROSS JOIN (SELECT story FROM pick WHERE pool = 'correct' AND slot = 0) AS plainest
WHERE point.pool <> 'twin';

-- What else hangs on the network of a home with a smart meter. About half of the GPF and PPMID name a Meter Point.
CREATE MACRO others_told(on_day) AS TABLE
SELECT
    point.i, kind.slot,
    device_of(point.i, kind.slot, 1 + (point.maker + kind.slot) % 5) AS device_id,
    kind.device_type,
    CASE WHEN kind.slot < 6 THEN 'Commissioned' END AS status,
    CASE WHEN kind.slot < 6 THEN point.old END AS status_date,
    CASE WHEN kind.slot < 6 THEN point.old END AS date_commissioned,
    CASE WHEN kind.slot IN (4, 5) AND luck % 2 = 0 THEN point.mpxn END AS import_mpxn,
    NULL::BIGINT AS secondary_mpan, NULL::BIGINT AS export_mpan,
    CASE WHEN kind.slot = 3 THEN 'CHTS V1.' || luck % 5
         WHEN kind.slot < 6 THEN 'SMETS V' || (2 + luck % 4) || '.0' END AS version,
    1 + (point.maker + kind.slot) % 5 AS maker, luck, area, smets1, postcode
FROM point
JOIN (SELECT DISTINCT story FROM told_meter WHERE day = on_day AND slot = 0 AND NOT overnight) AS metered
    ON metered.story = point.story
JOIN (VALUES
        (3, 'CHF', false, 95), (4, 'GPF', true, 100), (5, 'PPMID', false, 15), (6, 'IHD', false, 12),
        (7, 'CAD', false, 3)
    ) AS kind(slot, device_type, gas, per_cent)
    ON kind.gas = point.gas AND luck % 997 % 100 < kind.per_cent
WHERE point.pool <> 'twin';
