-- Seats repeat every 200 points: 3 hold a planted story (1.5 %), 4 a host meter, and 5 the twins that share it.
-- A seat is no Meter Point number: numbers are scattered by the macros.
CREATE TABLE point AS
WITH seated AS (
    SELECT
        i, i % 200 AS seat,
        CASE WHEN seat IN (7, 73, 141) THEN 'planted'
             WHEN seat IN (21, 71, 121, 122, 171) THEN 'twin'
             WHEN seat IN (20, 70, 120, 170) THEN 'host'
             ELSE 'correct' END AS pool,
        -- A twin is at the home of its host: the same network, supplier and postcode.
        i - CASE seat WHEN 122 THEN 2 WHEN 21 THEN 1 WHEN 71 THEN 1 WHEN 121 THEN 1 WHEN 171 THEN 1 ELSE 0 END AS home,
        i // 200 * 3 + CASE seat WHEN 73 THEN 1 WHEN 141 THEN 2 ELSE 0 END AS rank,
        hash(i, getvariable('seed'), 1) AS draw,
        hash(home, getvariable('seed'), 2) AS place
    FROM range($points::BIGINT) numbers(i)
),
storied AS (
    SELECT
        seated.*,
        coalesce(showcase.story, pick.story) AS story,
        coalesce(
            CASE WHEN showcase.story IS NOT NULL THEN showcase.fuel ELSE pick.fuel END,
            CASE WHEN seated.pool = 'host' OR draw // 65536 % 54 < 30 THEN 'electricity' ELSE 'gas' END) AS fuel
    FROM seated
    LEFT JOIN showcase ON seated.pool = 'planted' AND seated.rank = showcase.rank
    LEFT JOIN pick
        ON pick.pool = CASE seated.pool WHEN 'host' THEN 'correct' ELSE seated.pool END
       -- Slot 0 of the correct stories is the plainest: a meter that is commissioned, and stays so.
       AND pick.slot = CASE seated.pool WHEN 'host' THEN 0 ELSE (seated.draw % 16384)::INTEGER END
)
SELECT
    i, story, pool, storied.fuel = 'gas' AS gas,
    CASE WHEN storied.fuel = 'gas' THEN mprn_of(i) ELSE mpan_of(area.code, i) END AS mpxn,
    area.code AS area, area.network, supplier.mpid AS supplier,
    -- The old date, before which nothing changed.
    $first_day - (30 + draw % 1471)::INTEGER AS old,
    area.postcodes || (1 + place % 19) || ' ' || place // 32 % 10
        || chr((65 + place // 512 % 26)::INTEGER) || chr((65 + place // 16384 % 26)::INTEGER) AS postcode,
    place // 1048576 % 100 < 38 AS smets1,
    (1 + place // 134217728 % 5)::TINYINT AS maker,
    (draw // 4294967296 % 100000)::INTEGER AS luck,
    CASE seat WHEN 20 THEN 1 WHEN 70 THEN 0 WHEN 120 THEN 1 WHEN 170 THEN 1 END AS export_at,
    CASE seat WHEN 70 THEN 1 WHEN 120 THEN 2 END AS secondary_at
FROM storied
JOIN area ON area.fuel = storied.fuel
    AND area.slot = (place // 4194304 % CASE WHEN pool = 'planted' THEN $dno_slots ELSE 10000 END)::INTEGER
JOIN supplier ON supplier.slot = (place >> 50)::INTEGER;
