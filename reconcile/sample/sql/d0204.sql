-- D0204 to one supplier from one distributor: each Meter Point with its groups, the flags as a history.
COPY (
    WITH refreshed_point AS (
        FROM refreshed($day, $area, $supplier, $everything)
    ),
    flag AS (
        SELECT r.i, told.flag, told_on(told.since, told.since_back, r.old) AS since, r.luck
        FROM refreshed_point AS r JOIN told_flag AS told ON told.story = r.story AND told.day = $day
        WHERE told.flag IS NOT NULL
    ),
    line AS (
        SELECT i, 0 AS part, '440|' || mpxn || '|' || 1 + luck % 99 || '|High Street||||||||' || postcode || '|' AS text
        FROM refreshed_point
        UNION ALL
        SELECT i, 1, unnest(['451|_' || chr((65 + luck % 14)::INTEGER) || '|' || strftime(old, '%Y%m%d') || '|',
            '450|100|' || area || '|' || strftime(old, '%Y%m%d') || '|',
            '445|E|' || strftime(old, '%Y%m%d') || '|', '447|845|' || strftime(old, '%Y%m%d') || '|'])
        FROM refreshed_point
        UNION ALL
        SELECT i, 2, '445|D|' || $made_on || '|' FROM refreshed_point WHERE luck % 211 = 0
        UNION ALL
        SELECT i, 3, '90H|I|' || strftime(since - 10, '%Y%m%d') || '|' FROM flag WHERE flag = 'A' AND luck % 7 = 0
        UNION ALL
        SELECT i, 4, '90H|' || flag || '|' || coalesce(strftime(since, '%Y%m%d'), '') || '|' FROM flag
        UNION ALL
        SELECT i, 5, '90H|N|' || strftime($date + 30, '%Y%m%d') || '|' FROM flag WHERE luck % 101 = 0
        UNION ALL
        SELECT i, 6, unnest(['91H|' || CASE WHEN smets1 THEN 'SMETS1' ELSE 'SMETS2' END || '|', '47M|F|'])
        FROM refreshed_point
    ),
    numbered AS (SELECT row_number() OVER (ORDER BY i, part, text) AS number, text FROM line),
    file AS (
        SELECT -2 AS number, 'ZHV|' || $file || '|D0204002|P|' || $mpid || '|X|' || $supplier || '|' || $made || '||||OPER|' AS text
        UNION ALL
        SELECT -1, '751|' || $day || '|'
        UNION ALL
        SELECT 0, '763|1|MP14|'
        UNION ALL
        FROM numbered
        UNION ALL
        SELECT count(*) + 1, 'ZPT|' || $file || '|' || count(*) + 2 || '||1|' || $made || '|' FROM numbered
    )
    SELECT text FROM file ORDER BY number
) TO $path (FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER E'\t');
