-- The Meter Points that a D0204 tells: one supplier's at one distributor, those of a single flag; everything, or at most a third
-- of the distributor's and never many. One of them has the history of its flag, and now and then what is yet to come.
CREATE MACRO refreshed(on_day, of_area, of_supplier, everything) AS TABLE
FROM (
    SELECT *, row_number() OVER (ORDER BY i) AS place, (SELECT count(*) FROM point WHERE area = of_area) AS held
    FROM point
    WHERE NOT gas AND area = of_area AND supplier = of_supplier
        AND story IN (SELECT story FROM told_flag WHERE day = on_day)
        AND (everything OR story NOT IN (
            SELECT story FROM told_flag WHERE day = on_day GROUP BY story HAVING count(*) > 1
        ))
)
WHERE everything OR (3 * place <= held AND place <= 500);
