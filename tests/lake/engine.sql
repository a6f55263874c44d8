-- step: network_updates
-- Which updates apply to which network: those with a point of its full extract, dated on that extract's day or later.
SELECT DISTINCT full_flags.network, flag_updates.extract_order, flag_updates.as_of
FROM flag_updates
JOIN full_flags USING (mpxn)
JOIN full_extracts ON full_extracts.network = full_flags.network AND flag_updates.as_of >= full_extracts.as_of

-- step: networks
-- The networks that the run covers, and since when a change is too young for the other side to have caught up.
SELECT
    network,
    greatest(any_value(full_extracts.as_of), max(network_updates.as_of)) AS registration_date,
    registration_date - getvariable('grace_days')::INTEGER AS in_flight_from
FROM full_extracts
LEFT JOIN network_updates USING (network)
GROUP BY network

-- step: alert_places
SELECT NULL::BIGINT AS mpxn, NULL::UBIGINT AS device_id, NULL::DATE AS alerted_on, NULL::BOOLEAN AS proven, NULL::DATE AS outage_on WHERE false
-- step: spoke
SELECT NULL::BIGINT AS mpxn, NULL::UBIGINT AS device_id, NULL::DATE AS alerted_on, NULL::BOOLEAN AS proven, NULL::DATE AS outage_on WHERE false
-- step: quiet_in_outage
SELECT NULL::BIGINT AS mpxn, NULL::UBIGINT AS device_id, NULL::DATE AS alerted_on, NULL::BOOLEAN AS proven, NULL::DATE AS outage_on WHERE false
-- step: flags
-- The flag of every Meter Point after the updates that came since its network's full extract. By effective date; on
-- equal dates the later file wins. What the newest update says of supply holds, whatever it says of the flag. Where two
-- networks' extracts hold one MPRN, the newer extract speaks.
WITH held AS (
    SELECT mpxn, flag, flag_from, network, supplier, point_status, postcode_area
    FROM full_flags
    WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
    QUALIFY mpxn >= getvariable('first_mpan') OR row_number() OVER (PARTITION BY mpxn ORDER BY extract_order DESC) = 1
),
newest_update AS (
    SELECT u.mpxn, u.flag, u.flag_from, u.point_status
    FROM flag_updates AS u
    JOIN held USING (mpxn)
    JOIN network_updates AS n ON n.network = held.network AND n.extract_order = u.extract_order
    WHERE u.mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
    QUALIFY row_number() OVER (PARTITION BY u.mpxn ORDER BY u.flag_from DESC NULLS LAST, u.extract_order DESC) = 1
),
newest_status AS (
    SELECT told.mpxn, told.point_status
    FROM told_statuses AS told
    JOIN held USING (mpxn)
    JOIN full_extracts ON full_extracts.network = held.network AND told.as_of >= full_extracts.as_of
    WHERE told.mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
    QUALIFY row_number() OVER (PARTITION BY told.mpxn ORDER BY told.extract_order DESC) = 1
)
SELECT
    held.mpxn,
    CASE WHEN applies THEN newest_update.flag ELSE held.flag END AS flag,
    CASE WHEN applies THEN newest_update.flag_from ELSE held.flag_from END AS flag_from,
    held.network,
    held.supplier,
    CASE WHEN newest_status.mpxn IS NOT NULL THEN newest_status.point_status
         WHEN applies THEN coalesce(newest_update.point_status, held.point_status)
         ELSE held.point_status END AS point_status,
    held.postcode_area
FROM held
LEFT JOIN newest_update USING (mpxn)
LEFT JOIN newest_status USING (mpxn),
LATERAL (
    SELECT newest_update.mpxn IS NOT NULL
       AND coalesce(newest_update.flag_from, DATE '0001-01-01') >= coalesce(held.flag_from, DATE '0001-01-01') AS applies
)

-- step: associations
-- Every smart meter that the inventory associates with a Meter Point, after the responses that came since the full
-- export: a response replaces all that was known of its device.
SELECT device_id, device_type, status, status_from, mpxn, role
FROM (
    SELECT device_id, device_type, status, status_from, mpxn, role
    FROM full_devices
    WHERE device_id NOT IN (SELECT device_id FROM device_updates)
    UNION ALL
    SELECT device_id, device_type, status, status_from, mpxn, role
    FROM device_updates
    QUALIFY extract_order = max(extract_order) OVER (PARTITION BY device_id)
)
WHERE device_type IN ('ESME', 'GSME')
  AND mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')

-- step: other_meters
-- Points whose registered meter is not among the smart meters that the inventory has there. The newest file that names a
-- meter of the point speaks. Where it does not say which meter it is, where that was removed since, or where the
-- inventory has none, nothing differs.
WITH told AS (
    SELECT * FROM registered_meters
    WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
),
newest AS (
    SELECT mpxn, max(extract_order) AS extract_order FROM told WHERE removed_on IS NULL GROUP BY mpxn
),
registered AS (
    SELECT told.mpxn, told.device_id
    FROM told
    JOIN newest ON newest.mpxn = told.mpxn AND newest.extract_order = told.extract_order
    LEFT JOIN told AS gone
        ON gone.mpxn = told.mpxn
        AND gone.removed_on IS NOT NULL
        AND gone.extract_order >= told.extract_order
        AND (gone.device_id = told.device_id OR gone.meter_id = told.meter_id)
    WHERE told.removed_on IS NULL AND gone.mpxn IS NULL
),
certain AS (
    SELECT mpxn FROM registered GROUP BY mpxn HAVING count(*) = count(device_id)
)
SELECT associations.mpxn
FROM associations
JOIN certain ON certain.mpxn = associations.mpxn
LEFT JOIN registered ON registered.mpxn = associations.mpxn AND registered.device_id = associations.device_id
WHERE (associations.device_type = 'ESME') = (associations.mpxn >= getvariable('first_mpan'))
GROUP BY associations.mpxn
HAVING count(registered.device_id) = 0

-- step: silent
SELECT NULL::BIGINT AS mpxn, NULL::VARCHAR AS heard WHERE false
-- step: heard_on
SELECT NULL::BIGINT AS mpxn WHERE false
-- step: alerting
SELECT NULL::BIGINT AS mpxn, NULL::UBIGINT AS device_id, NULL::DATE AS alerted_on, NULL::BOOLEAN AS proven, NULL::DATE AS outage_on WHERE false
-- step: point_masks
-- bit_or keeps one small integer a point, whatever the number of meters, and a count takes four bytes: what a join holds
-- in memory is this. A meter of the other fuel does not count.
SELECT
    mpxn,
    bit_or(if(right_fuel, bit, 0))::SMALLINT AS mask,
    count(*) FILTER (WHERE right_fuel)::INTEGER AS meters,
    count(*) FILTER (WHERE NOT right_fuel)::INTEGER AS wrong_meters,
    max(if(right_fuel, status_from, NULL)) AS latest_status_from,
    count(*) FILTER (WHERE right_fuel AND status_from IS NULL)::INTEGER AS undated_meters,
    count(*) FILTER (WHERE right_fuel AND live AND role = 'import')::INTEGER AS live_meters
FROM (
    SELECT *, (device_type = 'ESME') = (mpxn >= getvariable('first_mpan')) AS right_fuel
    FROM associations JOIN statuses USING (status)
)
GROUP BY mpxn

-- step: dsp_said
SELECT NULL::BIGINT AS mpxn, NULL::VARCHAR AS status, NULL::DATE AS status_from, NULL::BOOLEAN AS notified, NULL::BOOLEAN AS certain WHERE false
-- step: dsp_points
SELECT NULL::BIGINT AS mpxn, NULL::BOOLEAN AS unsent, NULL::BOOLEAN AS differs, NULL::BOOLEAN AS firm WHERE false
-- step: asked
-- Points that must be noted whatever their flag and meters say.
SELECT mpxn FROM open_before WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM responses WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM conflicts WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM unread_flags WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM unread_devices WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM other_meters
UNION
SELECT mpxn FROM dsp_points
UNION
SELECT mpxn FROM silent
UNION
SELECT mpxn FROM heard_on
UNION
SELECT mpxn FROM alerting
UNION
SELECT mpxn FROM alert_places WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
UNION
SELECT mpxn FROM quiet_in_outage WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')

-- step: judged
-- Each point of the registration or the inventory, joined to its cell of the truth table. A point that only the
-- inventory knows belongs to a network if it is an MPAN: an MPRN does not tell its network.
SELECT
    point.*,
    truth.rule,
    truth.expected,
    truth.shows,
    truth.firm,
    truth.undetermined,
    point.mpxn IN (SELECT mpxn FROM asked) AS is_asked
FROM (
    SELECT
        coalesce(flags.mpxn, point_masks.mpxn) AS mpxn,
        flags.mpxn IS NOT NULL AS in_flags,
        CASE WHEN flags.mpxn IS NOT NULL THEN network
             WHEN point_masks.mpxn >= getvariable('first_mpan')
             THEN (point_masks.mpxn // (getvariable('first_mpan') // 10))::VARCHAR END AS network,
        supplier,
        point_status,
        postcode_area,
        coalesce(flag, '') AS flag,
        flag_from,
        coalesce(mask, 0) AS mask,
        coalesce(meters, 0) AS meters,
        coalesce(wrong_meters, 0) AS wrong_meters,
        coalesce(live_meters, 0) AS live_meters,
        coalesce(undated_meters, 0) AS undated_meters,
        latest_status_from,
        coalesce(flags.mpxn, point_masks.mpxn) IN (SELECT mpxn FROM seen) AS ever
    FROM flags
    FULL JOIN point_masks ON flags.mpxn = point_masks.mpxn
) AS point
JOIN truth USING (flag, mask, ever)

-- step: followed
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

-- step: tallied
-- The counts of all registered points, and in the same pass the few points of each group that a rule or an open
-- discrepancy asks about: only those are ever written down.
SELECT
    network,
    supplier,
    flag,
    shows,
    mask,
    ever,
    rule,
    changed,
    followed_on,
    count(*) FILTER (WHERE in_flags) AS points,
    sum(meters + wrong_meters)::BIGINT AS meters,
    list({
        mpxn: mpxn, in_flags: in_flags, flag_from: flag_from, meters: meters, wrong_meters: wrong_meters,
        live_meters: live_meters, latest_status_from: latest_status_from, undated_meters: undated_meters,
        expected: expected, firm: firm, undetermined: undetermined, point_status: point_status,
        postcode_area: postcode_area
    }) FILTER (WHERE rule IS NOT NULL OR NOT in_flags OR wrong_meters > 0 OR live_meters > 1 OR is_asked) AS noted
FROM followed
GROUP BY network, supplier, flag, shows, mask, ever, rule, changed, followed_on

-- step: noted
-- The points that a rule or an open discrepancy asks about.
SELECT network, supplier, flag, shows, mask, ever, rule, changed, followed_on, point.*
FROM (SELECT network, supplier, flag, shows, mask, ever, rule, changed, followed_on, unnest(noted) AS point FROM tallied)

-- step: unread
-- Points of which registration says something that could not be read: their flag is not known.
SELECT DISTINCT noted.mpxn
FROM noted
JOIN unread_flags ON unread_flags.mpxn = noted.mpxn
LEFT JOIN full_extracts ON full_extracts.network = noted.network
WHERE NOT unread_flags.is_update OR unread_flags.as_of >= full_extracts.as_of

-- step: unread_meters
-- Points at which the inventory says something more that could not be read.
SELECT DISTINCT mpxn FROM unread_devices
WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')

-- step: undated
-- Noted points with a smart meter whose status has no date, and between which inventories the change lies: after the last
-- one that showed another status, by the first that showed this one ever since.
WITH meter AS (
    SELECT mpxn, device_id, status
    FROM associations SEMI JOIN (FROM noted WHERE undated_meters > 0) USING (mpxn)
    WHERE status_from IS NULL AND (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
),
shown AS (
    SELECT meter.mpxn, meter.device_id, inventories.as_of, inventories.status = meter.status AS is_same
    FROM meter
    JOIN inventories ON inventories.mpxn = meter.mpxn AND inventories.device_id = meter.device_id
),
bounded AS (
    SELECT shown.mpxn, last_other AS changed_after, min(as_of) AS changed_by
    FROM shown
    JOIN (
        SELECT mpxn, device_id, max(as_of) FILTER (WHERE NOT is_same) AS last_other FROM shown GROUP BY mpxn, device_id
    ) AS other ON other.mpxn = shown.mpxn AND other.device_id = shown.device_id
    WHERE is_same AND (last_other IS NULL OR as_of >= last_other)
    GROUP BY shown.mpxn, shown.device_id, last_other
)
SELECT
    mpxn,
    max(changed_after) AS changed_after,
    max(changed_by) AS changed_by,
    max(changed_by) FILTER (WHERE changed_after IS NOT NULL) AS moved_by
FROM bounded
GROUP BY mpxn

-- step: described
-- Every smart meter of the slice with what the inventory says of it, after the responses since the full export.
SELECT device_type, status, status_from, mpxn, role, description, commissioned
FROM (
    SELECT device_type, status, status_from, mpxn, role, description, commissioned
    FROM full_devices
    WHERE device_id NOT IN (SELECT device_id FROM device_updates)
    UNION ALL
    SELECT device_type, status, status_from, mpxn, role, description, commissioned
    FROM device_updates
    QUALIFY extract_order = max(extract_order) OVER (PARTITION BY device_id)
)
WHERE device_type IN ('ESME', 'GSME')
  AND mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')

-- step: meters
-- The smart meters of the points that are noted.
FROM described SEMI JOIN noted USING (mpxn)

-- step: kinds
-- What the inventory says of meters, as small numbers in the order of the texts.
SELECT description, row_number() OVER (ORDER BY description) AS kind
FROM (SELECT DISTINCT description FROM meters WHERE description IS NOT NULL)

-- step: point_facts
-- The meter of each point that speaks for it: one that is live and for import before others, then the newest, then the
-- last by what is said of it. All of that is one number, because the largest number is found at once: 2^54 live, 2^37 the
-- day of its status, 2^17 its kind, 1 the day of its commissioning (days since 1970, 0 for none).
SELECT
    mpxn,
    facts // 131072 % 1048576 AS kind,
    DATE '1970-01-01' + nullif(facts % 131072, 0)::INTEGER AS commissioned
FROM (
    SELECT
        mpxn,
        max(
            if(live AND role = 'import', 18014398509481984, 0)
            + greatest(coalesce(date_diff('day', DATE '1970-01-01', status_from), 0), 0) * 137438953472
            + coalesce(kind, 0) * 131072
            + greatest(coalesce(date_diff('day', DATE '1970-01-01', commissioned), 0), 0)
        ) AS facts
    FROM meters
    JOIN statuses USING (status)
    LEFT JOIN kinds USING (description)
    WHERE (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
    GROUP BY mpxn
)

-- step: flag_rules
-- The rule of the truth table that a point's flag breaks, or that puts it on watch. What could not be read accuses
-- nobody: a flag that is not known breaks no rule, and beside a meter of unknown status only a firm rule stands.
SELECT mpxn, rule
FROM noted
WHERE in_flags
  AND rule IS NOT NULL
  AND mpxn NOT IN (SELECT mpxn FROM unread)
  AND (firm OR mpxn NOT IN (SELECT mpxn FROM unread_meters))

-- step: smi_only
-- A smart meter at an MPAN that the covered network's registration does not hold, on no line of it.
SELECT mpxn, 'SMI_ONLY' AS rule
FROM noted SEMI JOIN networks USING (network)
WHERE NOT in_flags AND meters > 0 AND mpxn NOT IN (SELECT mpxn FROM unread)

-- step: fuel_mismatch
-- A meter of the other fuel, at a point of the run's networks.
SELECT mpxn, 'FUEL_MISMATCH' AS rule
FROM noted
WHERE wrong_meters > 0 AND (in_flags OR network IN (SELECT network FROM networks))

-- step: many_meters
-- More than one live import meter. Two lines for one device are one meter, which only the few candidates need checked.
WITH candidates AS (
    SELECT mpxn FROM noted SEMI JOIN networks USING (network) WHERE live_meters > 1
)
SELECT mpxn, 'MANY_METERS' AS rule
FROM associations SEMI JOIN candidates USING (mpxn)
WHERE role = 'import'
  AND status IN (SELECT status FROM statuses WHERE live)
  AND (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
GROUP BY mpxn
HAVING count(DISTINCT device_id) > 1

-- step: update_rejected
-- The newest response for the point is a rejection.
SELECT mpxn, 'UPDATE_REJECTED' AS rule
FROM responses SEMI JOIN (FROM noted WHERE in_flags) USING (mpxn)
GROUP BY mpxn
HAVING arg_max(outcome, (extract_order, line)) = 'RJ'

-- step: duplicate_flag
-- One extract of the run gave the point two different flags. An update counts where it applies to the point's network.
SELECT DISTINCT mpxn, 'DUPLICATE_FLAG' AS rule
FROM conflicts
JOIN noted USING (mpxn)
LEFT JOIN network_updates AS applied
  ON applied.network = noted.network AND applied.extract_order = conflicts.extract_order
WHERE in_flags AND (NOT is_update OR applied.network IS NOT NULL)

-- step: meter_differs
-- Registration holds another meter than the inventory, of which every line about the point could be read.
SELECT mpxn, 'METER_DIFFERS' AS rule
FROM noted SEMI JOIN other_meters USING (mpxn)
WHERE in_flags AND mpxn NOT IN (SELECT mpxn FROM unread_meters)

-- step: alert_elsewhere
-- Alerts name the point, and come from a device that the inventory has at another.
SELECT DISTINCT mpxn, 'ALERT_ELSEWHERE' AS rule
FROM noted SEMI JOIN alert_places USING (mpxn)
WHERE in_flags AND mpxn NOT IN (SELECT mpxn FROM unread_meters)

-- step: alerts_unflagged
-- Alerts come from a point since it has N, or although it has no flag: somebody is live there.
SELECT mpxn, 'ALERTS_UNFLAGGED' AS rule
FROM noted JOIN alerting USING (mpxn)
WHERE in_flags AND flag IN ('', 'N') AND alerted_on > coalesce(flag_from, DATE '0001-01-01')
  AND mpxn NOT IN (SELECT mpxn FROM unread)

-- step: a_never_alerts
-- Silent when the supply of the whole street was off, although under A with a commissioned meter since before that day.
-- What could not be read, or has no date, accuses nobody.
SELECT mpxn, 'A_NEVER_ALERTS' AS rule
FROM noted JOIN quiet_in_outage USING (mpxn)
WHERE proven AND in_flags AND flag = 'A' AND shows = 'commissioned' AND undated_meters = 0
  AND flag_from < outage_on AND latest_status_from < outage_on
  AND mpxn NOT IN (SELECT mpxn FROM unread)
  AND mpxn NOT IN (SELECT mpxn FROM unread_meters)

-- step: a_silent
-- Flag A, commissioned, and silent. What could not be read accuses nobody.
SELECT mpxn, 'A_SILENT' AS rule
FROM noted SEMI JOIN silent USING (mpxn)
WHERE in_flags AND flag = 'A'
  AND mpxn NOT IN (SELECT mpxn FROM unread)
  AND mpxn NOT IN (SELECT mpxn FROM unread_meters)

-- step: n_heard
-- Heard, although its meter or its flag says that it has gone.
SELECT mpxn, 'N_HEARD' AS rule
FROM noted SEMI JOIN heard_on USING (mpxn)
WHERE in_flags AND mpxn NOT IN (SELECT mpxn FROM unread)

-- step: not_notified
-- The DSP holds N or I that registration was never sent. What registration holds could be read.
SELECT mpxn, 'NOT_NOTIFIED' AS rule
FROM noted SEMI JOIN (FROM dsp_points WHERE unsent) USING (mpxn)
WHERE in_flags AND mpxn NOT IN (SELECT mpxn FROM unread)

-- step: dsp_differs
-- The DSP's own status is not what its inventory implies; beside a meter of unknown status only a firm verdict stands.
SELECT mpxn, 'DSP_DIFFERS' AS rule
FROM noted SEMI JOIN (
    FROM dsp_points WHERE differs AND (firm OR mpxn NOT IN (SELECT mpxn FROM unread_meters))
) USING (mpxn)
WHERE in_flags

-- step: broken
FROM flag_rules
UNION ALL FROM smi_only
UNION ALL FROM fuel_mismatch
UNION ALL FROM many_meters
UNION ALL FROM update_rejected
UNION ALL FROM duplicate_flag
UNION ALL FROM meter_differs
UNION ALL FROM alert_elsewhere
UNION ALL FROM alerts_unflagged
UNION ALL FROM a_never_alerts
UNION ALL FROM a_silent
UNION ALL FROM n_heard
UNION ALL FROM not_notified
UNION ALL FROM dsp_differs
-- step: findings
-- The broken rules with their evidence. In flight: a change so young that the other side may not have caught up. Wrong
-- since: the later of the flag's date and the meters'; where one is not known it lies between two days.
SELECT
    mpxn * getvariable('identity_base') + rules.number AS id,
    mpxn,
    broken.rule,
    rules.severity,
    network,
    supplier,
    flag,
    flag_from,
    expected,
    mask,
    meters,
    latest_status_from,
    greatest(flag_from, latest_status_from, changed_after) AS wrong_since_earliest,
    greatest(
        flag_from,
        latest_status_from,
        changed_by,
        CASE WHEN flag <> '' AND flag_from IS NULL THEN registration_date END,
        CASE WHEN meters = 0 THEN inventory_date END
    ) AS wrong_since_latest,
    coalesce(greatest(flag_from, latest_status_from, moved_by) >= networks.in_flight_from, false) AS in_flight,
    undetermined,
    point_status,
    shows,
    in_flags AS registered,
    description,
    commissioned,
    postcode_area
FROM broken
JOIN rules ON rules.code = broken.rule
JOIN noted USING (mpxn)
LEFT JOIN networks USING (network)
LEFT JOIN undated USING (mpxn)
LEFT JOIN point_facts USING (mpxn)
LEFT JOIN kinds USING (kind)
CROSS JOIN inventory_day

-- step: point_counts
-- How many registered points there are of each kind; every number on the overview is a sum of these.
SELECT network, supplier, flag, shows, sum(points)::BIGINT AS points
FROM tallied WHERE points > 0
GROUP BY network, supplier, flag, shows

-- step: not_read
-- Registered points whose flag or meters stand on a line that could not be read: no policy says anything of them. Lines of
-- which nobody can tell what they are about are not looked at here; the run says how many there are.
SELECT flags.mpxn
FROM flags
JOIN unread_flags ON unread_flags.mpxn = flags.mpxn
LEFT JOIN full_extracts ON full_extracts.network = flags.network
WHERE NOT unread_flags.is_update OR unread_flags.as_of >= full_extracts.as_of
UNION
SELECT mpxn FROM unread_devices WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')

-- step: cells
-- How many registered points fall into each cell of a truth table, by party: what any policy says of the market is a sum
-- of these. Those of which something could not be read are counted apart; all of them are noted.
SELECT network, supplier, flag, mask, ever, sum(points)::BIGINT AS points, sum(unread)::BIGINT AS unread
FROM (
    SELECT network, supplier, flag, mask, ever, points, 0 AS unread FROM tallied
    UNION ALL
    SELECT network, supplier, flag, mask, ever, 0 AS points, 1 AS unread
    FROM noted WHERE in_flags AND mpxn IN (SELECT mpxn FROM not_read)
)
GROUP BY network, supplier, flag, mask, ever
HAVING sum(points) > 0

-- step: lateness
-- How many days after its meters a flag followed, of the points whose meters changed lately; of those whose flag has not
-- followed, for how many days they wait. A flag from before the change asks for nothing, and of one that is on watch, that
-- the policy leaves open, that has no day or that could not be read, nothing is known.
SELECT
    network,
    supplier,
    date_diff('day', changed, coalesce(followed_on, registration_date))::INTEGER AS days,
    followed_on IS NOT NULL AS followed,
    sum(points)::BIGINT AS points
FROM (
    SELECT network, supplier, rule, changed, followed_on, points FROM tallied WHERE changed IS NOT NULL
    UNION ALL
    -- All that could not be read are noted: they were counted, and are taken away.
    SELECT network, supplier, rule, changed, followed_on, -1 AS points
    FROM noted WHERE changed IS NOT NULL AND mpxn IN (SELECT mpxn FROM not_read)
)
LEFT JOIN rules ON rules.code = rule
JOIN networks USING (network)
WHERE (rule IS NULL OR rules.severity <> 'watch') AND (followed_on IS NOT NULL OR registration_date >= changed)
GROUP BY network, supplier, days, followed
HAVING sum(points) > 0

-- step: meter_counts
-- How many smart meters are associated with the slice's Meter Points.
SELECT coalesce(sum(meters), 0)::BIGINT AS meters FROM tallied

-- step: covered
-- Open discrepancies that the run no longer finds and has positive evidence about: the point is in its flags, and all
-- lines about it could be read, those of the DSP too where the rule rests on them; or the rule is one of the inventory's
-- and no meter is left at the point. That no alert tells of it any more ends no rule that rests on silence: the point has
-- to have spoken, to have changed since the oldest alerts, or to be explained by a planned update.
SELECT id
FROM open_before
LEFT JOIN noted USING (mpxn)
CROSS JOIN alert_window
WHERE mpxn BETWEEN getvariable('first_mpxn') AND getvariable('last_mpxn')
  AND id NOT IN (SELECT id FROM findings)
  AND mpxn NOT IN (SELECT mpxn FROM unread)
  AND mpxn NOT IN (SELECT mpxn FROM unread_meters)
  AND NOT (coalesce(dsp_rule, false) AND mpxn IN (SELECT mpxn FROM dsp_said WHERE NOT certain))
  AND (in_flags OR inventory_rule AND coalesce(meters + wrong_meters, 0) = 0)
  AND (
    NOT coalesce(silence_rule, false)
    OR flag <> 'A'
    OR shows <> 'commissioned'
    OR greatest(flag_from, latest_status_from) >= alerts_since
    OR mpxn IN (SELECT mpxn FROM spoke)
    OR mpxn IN (SELECT mpxn FROM quiet_in_outage WHERE NOT proven)
  )

-- step: meters
FROM described
-- step: kinds
-- What the inventory says of meters, as small numbers in the order of the texts.
SELECT description, row_number() OVER (ORDER BY description) AS kind
FROM (SELECT DISTINCT description FROM meters WHERE description IS NOT NULL)

-- step: point_facts
-- The meter of each point that speaks for it: one that is live and for import before others, then the newest, then the
-- last by what is said of it. All of that is one number, because the largest number is found at once: 2^54 live, 2^37 the
-- day of its status, 2^17 its kind, 1 the day of its commissioning (days since 1970, 0 for none).
SELECT
    mpxn,
    facts // 131072 % 1048576 AS kind,
    DATE '1970-01-01' + nullif(facts % 131072, 0)::INTEGER AS commissioned
FROM (
    SELECT
        mpxn,
        max(
            if(live AND role = 'import', 18014398509481984, 0)
            + greatest(coalesce(date_diff('day', DATE '1970-01-01', status_from), 0), 0) * 137438953472
            + coalesce(kind, 0) * 131072
            + greatest(coalesce(date_diff('day', DATE '1970-01-01', commissioned), 0), 0)
        ) AS facts
    FROM meters
    JOIN statuses USING (status)
    LEFT JOIN kinds USING (description)
    WHERE (device_type = 'ESME') = (mpxn >= getvariable('first_mpan'))
    GROUP BY mpxn
)

-- step: described_points
-- All registered points counted twice: by the kind of their meter (NULL without one), and by where they are and when
-- their meter was commissioned (months since the year 0). By all of it at once there would be as many rows as points.
SELECT
    network, supplier, kind, postcode_area, commissioned_month,
    grouping(kind) = 0 AS by_kind,
    count(*) AS points
FROM (
    SELECT
        network, supplier, postcode_area, kind,
        (year(commissioned) * 12 + month(commissioned) - 1)::INTEGER AS commissioned_month
    FROM flags LEFT JOIN point_facts USING (mpxn)
)
GROUP BY GROUPING SETS ((network, supplier, kind), (network, supplier, postcode_area, commissioned_month))

-- step: kind_counts
-- How many registered points have a meter of each kind; of one that nobody describes nothing is known.
SELECT network, supplier, description, points
FROM described_points LEFT JOIN kinds USING (kind)
WHERE by_kind AND kind IS NOT NULL

-- step: place_counts
-- How many registered points there are by place and by the month in which their meter was commissioned.
SELECT network, supplier, postcode_area, commissioned_month, points
FROM described_points WHERE NOT by_kind
