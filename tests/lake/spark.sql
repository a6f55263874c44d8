-- step: a_never_alerts
SELECT
  mpxn,
  'A_NEVER_ALERTS' AS rule
FROM noted
JOIN quiet_in_outage
  USING (mpxn)
WHERE
  proven
  AND in_flags
  AND flag = 'A'
  AND shows = 'commissioned'
  AND undated_meters = 0
  AND flag_from < outage_on
  AND latest_status_from < outage_on
  AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread
  )
  AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread_meters
  )

-- step: a_silent
SELECT
  mpxn,
  'A_SILENT' AS rule
FROM noted
SEMI JOIN silent
  USING (mpxn)
WHERE
  in_flags
  AND flag = 'A'
  AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread
  )
  AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread_meters
  )

-- step: alert_devices
SELECT
  device_id,
  device_type,
  mpxn,
  role,
  description
FROM (
  SELECT
    device_id,
    device_type,
    mpxn,
    role,
    description
  FROM full_devices
  SEMI JOIN asked_alerts
    USING (device_id)
  WHERE
    NOT device_id IN (
      SELECT
        device_id
      FROM device_updates
    )
  UNION ALL
  SELECT
    device_id,
    device_type,
    mpxn,
    role,
    description
  FROM (
    SELECT
      device_id,
      device_type,
      mpxn,
      role,
      description,
      extract_order,
      MAX(extract_order) OVER (PARTITION BY device_id) AS _w
    FROM device_updates
    SEMI JOIN asked_alerts
      USING (device_id)
  ) AS _t
  WHERE
    extract_order = _w
)

-- step: alert_elsewhere
SELECT DISTINCT
  mpxn,
  'ALERT_ELSEWHERE' AS rule
FROM noted
SEMI JOIN alert_places
  USING (mpxn)
WHERE
  in_flags AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread_meters
  )

-- step: alert_evidence
SELECT
  alert_points.id,
  alert_points.mpxn,
  CASE
    WHEN NOT flags.mpxn IS NULL
    THEN network
    WHEN alert_points.mpxn >= 1000000000000
    THEN CAST((
      alert_points.mpxn DIV (
        1000000000000 DIV 10
      )
    ) AS STRING)
  END AS network,
  supplier,
  COALESCE(flag, '') AS flag,
  CAST(COALESCE(mask, 0) AS SMALLINT) AS mask,
  NOT flags.mpxn IS NULL AS known,
  elsewhere,
  device_at,
  COALESCE(alert_points.mpxn IN (
    SELECT
      mpxn
    FROM unread_devices
  ), FALSE) AS unread,
  COALESCE(silent.heard, 'not_asked') AS heard,
  proofs.heard_at,
  proofs.source AS heard_by,
  postcode_area,
  COALESCE(alert_points.description, kinds.description) AS description,
  COALESCE(kinds.description, alert_points.description) AS meter
FROM alert_points
LEFT JOIN flags
  USING (mpxn)
LEFT JOIN point_masks
  USING (mpxn)
LEFT JOIN silent
  USING (mpxn)
LEFT JOIN proofs
  USING (mpxn)
LEFT JOIN point_facts
  USING (mpxn)
LEFT JOIN kinds
  USING (kind)

-- step: alert_places
WITH newest AS (
  SELECT
    mpxn,
    device_id,
    sent_at
  FROM (
    SELECT
      mpxn,
      device_id,
      sent_at,
      ROW_NUMBER() OVER (PARTITION BY device_id ORDER BY sent_at DESC, mpxn NULLS LAST) AS _w
    FROM spoken
    WHERE
      NOT mpxn IS NULL AND NOT device_id IS NULL
  ) AS _t
  WHERE
    _w = 1
), placed AS (
  SELECT
    device_id,
    mpxn,
    status_from
  FROM speaking_devices
  SEMI JOIN newest
    USING (device_id)
), placed_at AS (
  SELECT
    device_id,
    MAX(status_from) AS status_from
  FROM placed
  WHERE
    NOT mpxn IS NULL
  GROUP BY
    device_id
)
SELECT
  newest.mpxn,
  newest.device_id
FROM newest
JOIN placed_at
  USING (device_id)
ANTI JOIN placed
  ON placed.device_id = newest.device_id AND placed.mpxn = newest.mpxn
WHERE
  newest.sent_at >= COALESCE(placed_at.status_from, CAST('0001-01-01' AS DATE))

-- step: alert_points
SELECT
  asked_alerts.id,
  COALESCE(asked_alerts.mpxn, found.mpxn) AS mpxn,
  NOT asked_alerts.mpxn IS NULL
  AND NOT found.mpxn IS NULL
  AND NOT ARRAY_CONTAINS(found.points, asked_alerts.mpxn) AS elsewhere,
  found.mpxn AS device_at,
  found.description
FROM asked_alerts
LEFT JOIN (
  SELECT
    device_id,
    MIN_BY(mpxn, (CAST((
        role <> 'import'
    ) AS INT), mpxn)) FILTER(WHERE
      NOT mpxn IS NULL) AS mpxn,
    COLLECT_LIST(mpxn) FILTER(WHERE
      NOT mpxn IS NULL) AS points,
    ANY_VALUE(description) IGNORE NULLS AS description
  FROM alert_devices
  GROUP BY
    device_id
) AS found
  USING (device_id)

-- step: alerting
SELECT
  mpxn,
  CAST(MAX(sent_at) AS DATE) AS alerted_on
FROM (
  SELECT
    told.mpxn,
    told.sent_at
  FROM spoken AS told
  ANTI JOIN alert_places
    ON alert_places.mpxn = told.mpxn AND alert_places.device_id = told.device_id
  WHERE
    told.mpxn BETWEEN 0 AND 1000000000000000
  UNION ALL
  SELECT
    associations.mpxn,
    told.sent_at
  FROM spoken AS told
  JOIN associations
    USING (device_id)
  WHERE
    told.mpxn IS NULL AND role = 'import'
)
GROUP BY
  mpxn

-- step: alerts_unflagged
SELECT
  mpxn,
  'ALERTS_UNFLAGGED' AS rule
FROM noted
JOIN alerting
  USING (mpxn)
WHERE
  in_flags
  AND flag IN ('', 'N')
  AND alerted_on > COALESCE(flag_from, CAST('0001-01-01' AS DATE))
  AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread
  )

-- step: asked
SELECT
  mpxn
FROM open_before
WHERE
  mpxn BETWEEN 0 AND 1000000000000000
UNION
SELECT
  mpxn
FROM responses
WHERE
  mpxn BETWEEN 0 AND 1000000000000000
UNION
SELECT
  mpxn
FROM conflicts
WHERE
  mpxn BETWEEN 0 AND 1000000000000000
UNION
SELECT
  mpxn
FROM unread_flags
WHERE
  mpxn BETWEEN 0 AND 1000000000000000
UNION
SELECT
  mpxn
FROM unread_devices
WHERE
  mpxn BETWEEN 0 AND 1000000000000000
UNION
SELECT
  mpxn
FROM other_meters
UNION
SELECT
  mpxn
FROM dsp_points
UNION
SELECT
  mpxn
FROM silent
UNION
SELECT
  mpxn
FROM heard_on
UNION
SELECT
  mpxn
FROM alerting
UNION
SELECT
  mpxn
FROM alert_places
WHERE
  mpxn BETWEEN 0 AND 1000000000000000
UNION
SELECT
  mpxn
FROM quiet_in_outage
WHERE
  mpxn BETWEEN 0 AND 1000000000000000

-- step: associations
SELECT
  device_id,
  device_type,
  status,
  status_from,
  mpxn,
  role
FROM full_devices
WHERE
  device_type IN ('ESME', 'GSME') AND mpxn BETWEEN 0 AND 1000000000000000

-- step: associations_updated
SELECT
  device_id,
  device_type,
  status,
  status_from,
  mpxn,
  role
FROM (
  SELECT
    device_id,
    device_type,
    status,
    status_from,
    mpxn,
    role
  FROM full_devices
  WHERE
    NOT device_id IN (
      SELECT
        device_id
      FROM device_updates
    )
  UNION ALL
  SELECT
    device_id,
    device_type,
    status,
    status_from,
    mpxn,
    role
  FROM (
    SELECT
      device_id,
      device_type,
      status,
      status_from,
      mpxn,
      role,
      extract_order,
      MAX(extract_order) OVER (PARTITION BY device_id) AS _w
    FROM device_updates
  ) AS _t
  WHERE
    extract_order = _w
)
WHERE
  device_type IN ('ESME', 'GSME') AND mpxn BETWEEN 0 AND 1000000000000000

-- step: cells
SELECT
  network,
  supplier,
  flag,
  mask,
  ever,
  CAST(SUM(points) AS BIGINT) AS points,
  CAST(SUM(unread) AS BIGINT) AS unread
FROM (
  SELECT
    network,
    supplier,
    flag,
    mask,
    ever,
    points,
    0 AS unread
  FROM tallied
  UNION ALL
  SELECT
    network,
    supplier,
    flag,
    mask,
    ever,
    0 AS points,
    1 AS unread
  FROM noted
  WHERE
    in_flags AND mpxn IN (
      SELECT
        mpxn
      FROM not_read
    )
)
GROUP BY
  network,
  supplier,
  flag,
  mask,
  ever
HAVING
  SUM(points) > 0

-- step: changed_points
SELECT
  mpxn
FROM full_devices
SEMI JOIN device_changes
  USING (device_id)
WHERE
  NOT mpxn IS NULL
UNION
SELECT
  mpxn
FROM device_updates
SEMI JOIN device_changes
  USING (device_id)
WHERE
  NOT mpxn IS NULL

-- step: changing
SELECT
  judged.mpxn,
  judged.network,
  judged.supplier,
  judged.flag,
  changes.expected,
  changes.expected_then,
  changes.rule,
  judged.mask
FROM judged
JOIN changes
  USING (flag, mask, ever)
WHERE
  judged.in_flags AND NOT judged.mpxn IN (
    SELECT
      mpxn
    FROM not_read
  )

-- step: contradicted
SELECT
  judged.mpxn,
  COALESCE(rule, '') AS rule,
  sent_at,
  code,
  device_id
FROM judged
JOIN (
  SELECT
    mpxn,
    device_id,
    sent_at,
    code
  FROM (
    SELECT
      associations.mpxn,
      device_id,
      sent_at,
      code,
      ROW_NUMBER() OVER (PARTITION BY associations.mpxn ORDER BY sent_at DESC, device_id NULLS LAST) AS _w
    FROM associations
    JOIN device_changes
      USING (device_id)
  ) AS _t
  WHERE
    _w = 1
) AS newest
  USING (mpxn)

-- step: covered
SELECT
  id
FROM open_before
LEFT JOIN noted
  USING (mpxn)
CROSS JOIN alert_window
WHERE
  mpxn BETWEEN 0 AND 1000000000000000
  AND NOT id IN (
    SELECT
      id
    FROM findings
  )
  AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread
  )
  AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread_meters
  )
  AND NOT (
    COALESCE(dsp_rule, FALSE)
    AND mpxn IN (
      SELECT
        mpxn
      FROM dsp_said
      WHERE
        NOT certain
    )
  )
  AND (
    in_flags OR inventory_rule AND COALESCE(meters + wrong_meters, 0) = 0
  )
  AND (
    NOT COALESCE(silence_rule, FALSE)
    OR flag <> 'A'
    OR shows <> 'commissioned'
    OR GREATEST(flag_from, latest_status_from) >= alerts_since
    OR mpxn IN (
      SELECT
        mpxn
      FROM spoke
    )
    OR mpxn IN (
      SELECT
        mpxn
      FROM quiet_in_outage
      WHERE
        NOT proven
    )
  )

-- step: dark_streets
WITH told AS (
  SELECT
    TRUE AS proven,
    outages.*
  FROM outages
  ANTI JOIN planned_outages AS planned
    ON planned.mpxn = outages.mpxn AND planned.sent_at = outages.sent_at
  UNION ALL
  SELECT
    FALSE AS proven,
    outages.*
  FROM outages
), stretches AS (
  SELECT
    proven,
    postcode,
    sent_at,
    stands_until,
    CASE WHEN flag = 'A' THEN 1 ELSE 0 END AS active,
    COALESCE(
      MAX(stands_until) OVER (
        PARTITION BY proven, mpxn
        ORDER BY sent_at NULLS LAST
        ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING
      ) < sent_at,
      TRUE
    ) AS begins,
    COALESCE(
      MIN(sent_at) OVER (
        PARTITION BY proven, mpxn
        ORDER BY sent_at NULLS LAST
        ROWS BETWEEN 1 FOLLOWING AND 1 FOLLOWING
      ) > stands_until,
      TRUE
    ) AS ends
  FROM told
  JOIN street_points
    USING (mpxn)
), turns AS (
  SELECT
    proven,
    postcode,
    sent_at AS moment,
    FALSE AS is_end,
    1 AS points,
    active
  FROM stretches
  WHERE
    begins
  UNION ALL
  SELECT
    proven,
    postcode,
    stands_until AS moment,
    TRUE AS is_end,
    -1 AS points,
    -active AS active
  FROM stretches
  WHERE
    ends
), counted AS (
  SELECT
    proven,
    postcode,
    moment,
    is_end,
    SUM(points) OVER (PARTITION BY proven, postcode ORDER BY moment NULLS LAST, is_end NULLS LAST) AS points,
    SUM(active) OVER (PARTITION BY proven, postcode ORDER BY moment NULLS LAST, is_end NULLS LAST) AS active
  FROM turns
), streets AS (
  SELECT
    postcode,
    COUNT(*) AS active
  FROM street_points
  WHERE
    flag = 'A'
  GROUP BY
    postcode
)
SELECT
  proven,
  counted.postcode,
  CAST(MAX(moment) AS DATE) AS outage_on
FROM counted
JOIN streets
  ON streets.postcode = counted.postcode
WHERE
  NOT is_end AND points >= 5 AND counted.active * 2 > streets.active
GROUP BY
  proven,
  counted.postcode

-- step: described
SELECT
  device_type,
  status,
  status_from,
  mpxn,
  role,
  description,
  commissioned
FROM full_devices
WHERE
  device_type IN ('ESME', 'GSME') AND mpxn BETWEEN 0 AND 1000000000000000

-- step: described_points
SELECT
  network,
  supplier,
  kind,
  postcode_area,
  commissioned_month,
  GROUPING(kind) = 0 AS by_kind,
  COUNT(*) AS points
FROM (
  SELECT
    network,
    supplier,
    postcode_area,
    kind,
    CAST((
      YEAR(commissioned) * 12 + MONTH(commissioned) - 1
    ) AS INT) AS commissioned_month
  FROM flags
  LEFT JOIN point_facts
    USING (mpxn)
)
GROUP BY
  GROUPING SETS (
    (network, supplier, kind),
    (network, supplier, postcode_area, commissioned_month)
  )

-- step: described_updated
SELECT
  device_type,
  status,
  status_from,
  mpxn,
  role,
  description,
  commissioned
FROM (
  SELECT
    device_type,
    status,
    status_from,
    mpxn,
    role,
    description,
    commissioned
  FROM full_devices
  WHERE
    NOT device_id IN (
      SELECT
        device_id
      FROM device_updates
    )
  UNION ALL
  SELECT
    device_type,
    status,
    status_from,
    mpxn,
    role,
    description,
    commissioned
  FROM (
    SELECT
      device_type,
      status,
      status_from,
      mpxn,
      role,
      description,
      commissioned,
      extract_order,
      MAX(extract_order) OVER (PARTITION BY device_id) AS _w
    FROM device_updates
  ) AS _t
  WHERE
    extract_order = _w
)
WHERE
  device_type IN ('ESME', 'GSME') AND mpxn BETWEEN 0 AND 1000000000000000

-- step: dsp_differs
SELECT
  mpxn,
  'DSP_DIFFERS' AS rule
FROM noted
SEMI JOIN (
  SELECT
    *
  FROM dsp_points
  WHERE
    differs
    AND (
      firm OR NOT mpxn IN (
        SELECT
          mpxn
        FROM unread_meters
      )
    )
)
  USING (mpxn)
WHERE
  in_flags

-- step: dsp_points
SELECT
  mpxn,
  unsent,
  differs,
  firm
FROM (
  SELECT
    dsp_said.mpxn,
    COALESCE(
      status IN ('N', 'I') AND NOT notified AND COALESCE(flags.flag, '') <> status,
      FALSE
    ) AS unsent,
    truth.expected <> COALESCE(status, '') AS differs,
    truth.firm
  FROM dsp_said
  JOIN flags
    ON flags.mpxn = dsp_said.mpxn
  LEFT JOIN point_masks
    ON point_masks.mpxn = dsp_said.mpxn
  JOIN truth
    ON truth.flag = COALESCE(status, '')
    AND truth.mask = COALESCE(point_masks.mask, 0)
    AND truth.ever = (
      dsp_said.mpxn IN (
        SELECT
          mpxn
        FROM seen
      )
    )
  WHERE
    certain
)
WHERE
  unsent OR differs

-- step: dsp_said
WITH told AS (
  SELECT
    mpxn,
    status,
    status_from,
    notified,
    extract_order,
    FALSE AS is_unread
  FROM dsp_statuses
  WHERE
    mpxn BETWEEN 0 AND 1000000000000000
  UNION ALL
  SELECT
    mpxn,
    NULL,
    NULL,
    NULL,
    extract_order,
    TRUE
  FROM unread_dsp
  WHERE
    mpxn BETWEEN 0 AND 1000000000000000
), ranked AS (
  SELECT
    *,
    RANK() OVER (
      PARTITION BY mpxn
      ORDER BY extract_order DESC, is_unread DESC, COALESCE(status_from, CAST('0001-01-01' AS DATE)) DESC
    ) AS place
  FROM told
)
SELECT
  mpxn,
  MAX(status) AS status,
  MAX(status_from) AS status_from,
  BOOL_OR(notified) AS notified,
  NOT BOOL_OR(is_unread) AND COUNT(DISTINCT COALESCE(status, '')) = 1 AS certain
FROM ranked
WHERE
  place = 1
GROUP BY
  mpxn

-- step: duplicate_flag
SELECT DISTINCT
  mpxn,
  'DUPLICATE_FLAG' AS rule
FROM conflicts
JOIN noted
  USING (mpxn)
LEFT JOIN network_updates AS applied
  ON applied.network = noted.network
  AND applied.extract_order = conflicts.extract_order
WHERE
  in_flags AND (
    NOT is_update OR NOT applied.network IS NULL
  )

-- step: findings
SELECT
  mpxn * 100 + rules.number AS id,
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
  GREATEST(flag_from, latest_status_from, changed_after) AS wrong_since_earliest,
  GREATEST(
    flag_from,
    latest_status_from,
    changed_by,
    CASE WHEN flag <> '' AND flag_from IS NULL THEN registration_date END,
    CASE WHEN meters = 0 THEN inventory_date END
  ) AS wrong_since_latest,
  COALESCE(
    GREATEST(flag_from, latest_status_from, moved_by) >= networks.in_flight_from,
    FALSE
  ) AS in_flight,
  undetermined,
  point_status,
  shows,
  in_flags AS registered,
  description,
  commissioned,
  postcode_area
FROM broken
JOIN rules
  ON rules.code = broken.rule
JOIN noted
  USING (mpxn)
LEFT JOIN networks
  USING (network)
LEFT JOIN undated
  USING (mpxn)
LEFT JOIN point_facts
  USING (mpxn)
LEFT JOIN kinds
  USING (kind)
CROSS JOIN inventory_day

-- step: flag_moves
SELECT
  network,
  supplier,
  flag_before,
  flag,
  asked,
  days_late,
  CAST(COUNT(*) AS BIGINT) AS points
FROM (
  SELECT
    told_points.network,
    told_points.supplier,
    day_before.flag AS flag_before,
    told_points.flag,
    CASE
      WHEN wanted.expected <> day_before.flag AND wanted.expected <> wanted_before.expected
      THEN wanted.expected
    END AS asked,
    CASE
      WHEN NOT told_points.followed_on IS NULL
      AND (
        day_before.followed_on IS NULL OR told_points.changed <> day_before.changed
      )
      THEN CAST(DATEDIFF(DAY, told_points.changed, told_points.followed_on) AS INT)
    END AS days_late
  FROM told_points
  JOIN day_before
    ON day_before.mpxn = told_points.mpxn
  JOIN truth AS wanted
    ON wanted.flag = day_before.flag
    AND wanted.mask = told_points.mask
    AND wanted.ever = told_points.ever
  JOIN truth AS wanted_before
    ON wanted_before.flag = day_before.flag
    AND wanted_before.mask = day_before.mask
    AND wanted_before.ever = day_before.ever
  WHERE
    told_points.flag <> day_before.flag
    OR told_points.mask <> day_before.mask
    OR told_points.ever <> day_before.ever
    OR told_points.followed_on IS DISTINCT FROM day_before.followed_on
)
WHERE
  flag <> flag_before OR NOT asked IS NULL OR NOT days_late IS NULL
GROUP BY
  network,
  supplier,
  flag_before,
  flag,
  asked,
  days_late

-- step: flag_rules
SELECT
  mpxn,
  rule
FROM noted
WHERE
  in_flags
  AND NOT rule IS NULL
  AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread
  )
  AND (
    firm OR NOT mpxn IN (
      SELECT
        mpxn
      FROM unread_meters
    )
  )

-- step: flags
SELECT
  mpxn,
  flag,
  flag_from,
  network,
  supplier,
  point_status,
  postcode_area
FROM full_flags
WHERE
  mpxn BETWEEN 0 AND 1000000000000000

-- step: flags_updated
WITH held AS (
  SELECT
    mpxn,
    flag,
    flag_from,
    network,
    supplier,
    point_status,
    postcode_area
  FROM (
    SELECT
      mpxn,
      flag,
      flag_from,
      network,
      supplier,
      point_status,
      postcode_area,
      ROW_NUMBER() OVER (PARTITION BY mpxn ORDER BY extract_order DESC) AS _w
    FROM full_flags
    WHERE
      mpxn BETWEEN 0 AND 1000000000000000
  ) AS _t
  WHERE
    mpxn >= 1000000000000 OR _w = 1
), newest_update AS (
  SELECT
    mpxn,
    flag,
    flag_from,
    point_status
  FROM (
    SELECT
      u.mpxn,
      u.flag,
      u.flag_from,
      u.point_status,
      ROW_NUMBER() OVER (PARTITION BY u.mpxn ORDER BY u.flag_from DESC, u.extract_order DESC) AS _w
    FROM flag_updates AS u
    JOIN held
      USING (mpxn)
    JOIN network_updates AS n
      ON n.network = held.network AND n.extract_order = u.extract_order
    WHERE
      u.mpxn BETWEEN 0 AND 1000000000000000
  ) AS _t
  WHERE
    _w = 1
), newest_status AS (
  SELECT
    mpxn,
    point_status
  FROM (
    SELECT
      told.mpxn,
      told.point_status,
      ROW_NUMBER() OVER (PARTITION BY told.mpxn ORDER BY told.extract_order DESC) AS _w
    FROM told_statuses AS told
    JOIN held
      USING (mpxn)
    JOIN full_extracts
      ON full_extracts.network = held.network AND told.as_of >= full_extracts.as_of
    WHERE
      told.mpxn BETWEEN 0 AND 1000000000000000
  ) AS _t
  WHERE
    _w = 1
)
SELECT
  held.mpxn,
  CASE WHEN applies THEN newest_update.flag ELSE held.flag END AS flag,
  CASE WHEN applies THEN newest_update.flag_from ELSE held.flag_from END AS flag_from,
  held.network,
  held.supplier,
  CASE
    WHEN NOT newest_status.mpxn IS NULL
    THEN newest_status.point_status
    WHEN applies
    THEN COALESCE(newest_update.point_status, held.point_status)
    ELSE held.point_status
  END AS point_status,
  held.postcode_area
FROM held
LEFT JOIN newest_update
  USING (mpxn)
LEFT JOIN newest_status
  USING (mpxn), LATERAL (
  SELECT
    NOT newest_update.mpxn IS NULL
    AND COALESCE(newest_update.flag_from, CAST('0001-01-01' AS DATE)) >= COALESCE(held.flag_from, CAST('0001-01-01' AS DATE)) AS applies
)

-- step: followed
SELECT
  *,
  CASE WHEN NOT changed IS NULL AND rule IS NULL THEN flag_from END AS followed_on
FROM (
  SELECT
    *,
    CASE
      WHEN in_flags
      AND NOT undetermined
      AND undated_meters = 0
      AND latest_status_from > late_since
      AND (
        NOT rule IS NULL OR flag_from >= latest_status_from
      )
      THEN latest_status_from
    END AS changed
  FROM judged
  CROSS JOIN late_window
)

-- step: fuel_mismatch
SELECT
  mpxn,
  'FUEL_MISMATCH' AS rule
FROM noted
WHERE
  wrong_meters > 0
  AND (
    in_flags OR network IN (
      SELECT
        network
      FROM networks
    )
  )

-- step: heard_on
SELECT
  mpxn
FROM associations
JOIN heard
  USING (device_id)
LEFT JOIN flags
  USING (mpxn)
WHERE
  (
    device_type = 'ESME'
  ) = (
    mpxn >= 1000000000000
  )
  AND (
    status IN ('Decommissioned', 'Withdrawn')
    AND CAST(heard_at AS DATE) > status_from
    OR flag = 'N'
    AND CAST(heard_at AS DATE) > flag_from
  )
GROUP BY
  mpxn

-- step: judged
SELECT
  point.*,
  truth.rule,
  truth.expected,
  truth.shows,
  truth.firm,
  truth.undetermined,
  point.mpxn IN (
    SELECT
      mpxn
    FROM asked
  ) AS is_asked
FROM (
  SELECT
    COALESCE(flags.mpxn, point_masks.mpxn) AS mpxn,
    NOT flags.mpxn IS NULL AS in_flags,
    CASE
      WHEN NOT flags.mpxn IS NULL
      THEN network
      WHEN point_masks.mpxn >= 1000000000000
      THEN CAST((
        point_masks.mpxn DIV (
          1000000000000 DIV 10
        )
      ) AS STRING)
    END AS network,
    supplier,
    point_status,
    postcode_area,
    COALESCE(flag, '') AS flag,
    flag_from,
    COALESCE(mask, 0) AS mask,
    COALESCE(meters, 0) AS meters,
    COALESCE(wrong_meters, 0) AS wrong_meters,
    COALESCE(live_meters, 0) AS live_meters,
    COALESCE(undated_meters, 0) AS undated_meters,
    latest_status_from,
    COALESCE(flags.mpxn, point_masks.mpxn) IN (
      SELECT
        mpxn
      FROM seen
    ) AS ever
  FROM flags
  FULL JOIN point_masks
    ON flags.mpxn = point_masks.mpxn
) AS point
JOIN truth
  USING (flag, mask, ever)

-- step: kind_counts
SELECT
  network,
  supplier,
  description,
  points
FROM described_points
LEFT JOIN kinds
  USING (kind)
WHERE
  by_kind AND NOT kind IS NULL

-- step: kinds
SELECT
  description,
  ROW_NUMBER() OVER (ORDER BY description NULLS LAST) AS kind
FROM (
  SELECT DISTINCT
    description
  FROM meters
  WHERE
    NOT description IS NULL
)

-- step: lateness
SELECT
  network,
  supplier,
  CAST(DATEDIFF(DAY, changed, COALESCE(followed_on, registration_date)) AS INT) AS days,
  NOT followed_on IS NULL AS followed,
  CAST(SUM(points) AS BIGINT) AS points
FROM (
  SELECT
    network,
    supplier,
    rule,
    changed,
    followed_on,
    points
  FROM tallied
  WHERE
    NOT changed IS NULL
  UNION ALL
  SELECT
    network,
    supplier,
    rule,
    changed,
    followed_on,
    -1 AS points
  FROM noted
  WHERE
    NOT changed IS NULL AND mpxn IN (
      SELECT
        mpxn
      FROM not_read
    )
)
LEFT JOIN rules
  ON rules.code = rule
JOIN networks
  USING (network)
WHERE
  (
    rule IS NULL OR rules.severity <> 'watch'
  )
  AND (
    NOT followed_on IS NULL OR registration_date >= changed
  )
GROUP BY
  network,
  supplier,
  days,
  followed
HAVING
  SUM(points) > 0

-- step: many_meters
WITH candidates AS (
  SELECT
    mpxn
  FROM noted
  SEMI JOIN networks
    USING (network)
  WHERE
    live_meters > 1
)
SELECT
  mpxn,
  'MANY_METERS' AS rule
FROM associations
SEMI JOIN candidates
  USING (mpxn)
WHERE
  role = 'import'
  AND status IN (
    SELECT
      status
    FROM statuses
    WHERE
      live
  )
  AND (
    device_type = 'ESME'
  ) = (
    mpxn >= 1000000000000
  )
GROUP BY
  mpxn
HAVING
  COUNT(DISTINCT device_id) > 1

-- step: meter_counts
SELECT
  CAST(COALESCE(SUM(meters), 0) AS BIGINT) AS meters
FROM tallied

-- step: meter_differs
SELECT
  mpxn,
  'METER_DIFFERS' AS rule
FROM noted
SEMI JOIN other_meters
  USING (mpxn)
WHERE
  in_flags AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread_meters
  )

-- step: meters_noted
SELECT
  *
FROM described
  SEMI JOIN noted
    USING (mpxn)

-- step: n_heard
SELECT
  mpxn,
  'N_HEARD' AS rule
FROM noted
SEMI JOIN heard_on
  USING (mpxn)
WHERE
  in_flags AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread
  )

-- step: network_updates
SELECT DISTINCT
  full_flags.network,
  flag_updates.extract_order,
  flag_updates.as_of
FROM flag_updates
JOIN full_flags
  USING (mpxn)
JOIN full_extracts
  ON full_extracts.network = full_flags.network
  AND flag_updates.as_of >= full_extracts.as_of

-- step: networks
SELECT
  network,
  GREATEST(ANY_VALUE(full_extracts.as_of) IGNORE NULLS, MAX(network_updates.as_of)) AS registration_date,
  registration_date - CAST(5 AS INT) AS in_flight_from
FROM full_extracts
LEFT JOIN network_updates
  USING (network)
GROUP BY
  network

-- step: not_notified
SELECT
  mpxn,
  'NOT_NOTIFIED' AS rule
FROM noted
SEMI JOIN (
  SELECT
    *
  FROM dsp_points
  WHERE
    unsent
)
  USING (mpxn)
WHERE
  in_flags AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread
  )

-- step: not_read
SELECT
  flags.mpxn
FROM flags
JOIN unread_flags
  ON unread_flags.mpxn = flags.mpxn
LEFT JOIN full_extracts
  ON full_extracts.network = flags.network
WHERE
  NOT unread_flags.is_update OR unread_flags.as_of >= full_extracts.as_of
UNION
SELECT
  mpxn
FROM unread_devices
WHERE
  mpxn BETWEEN 0 AND 1000000000000000

-- step: noted
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
  point.*
FROM (
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
    EXPLODE(noted) AS point
  FROM tallied
)

-- step: noted_point
SELECT
  *
FROM judged

-- step: other_meters
WITH told AS (
  SELECT
    *
  FROM registered_meters
  WHERE
    mpxn BETWEEN 0 AND 1000000000000000
), newest AS (
  SELECT
    mpxn,
    MAX(extract_order) AS extract_order
  FROM told
  WHERE
    removed_on IS NULL
  GROUP BY
    mpxn
), registered AS (
  SELECT
    told.mpxn,
    told.device_id
  FROM told
  JOIN newest
    ON newest.mpxn = told.mpxn AND newest.extract_order = told.extract_order
  LEFT JOIN told AS gone
    ON gone.mpxn = told.mpxn
    AND NOT gone.removed_on IS NULL
    AND gone.extract_order >= told.extract_order
    AND (
      gone.device_id = told.device_id OR gone.meter_id = told.meter_id
    )
  WHERE
    told.removed_on IS NULL AND gone.mpxn IS NULL
), certain AS (
  SELECT
    mpxn
  FROM registered
  GROUP BY
    mpxn
  HAVING
    COUNT(*) = COUNT(device_id)
)
SELECT
  associations.mpxn
FROM associations
JOIN certain
  ON certain.mpxn = associations.mpxn
LEFT JOIN registered
  ON registered.mpxn = associations.mpxn
  AND registered.device_id = associations.device_id
WHERE
  (
    associations.device_type = 'ESME'
  ) = (
    associations.mpxn >= 1000000000000
  )
GROUP BY
  associations.mpxn
HAVING
  COUNT(registered.device_id) = 0

-- step: outage_streets
SELECT
  postcode
FROM full_flags
JOIN outages
  USING (mpxn)
GROUP BY
  postcode
HAVING
  COUNT(DISTINCT CASE WHEN postcode LIKE '% %' THEN mpxn END) >= 5

-- step: outages
SELECT
  told.mpxn,
  told.sent_at,
  told.stands_until
FROM spoken AS told
SEMI JOIN outage_codes
  USING (code)
ANTI JOIN alert_places
  ON alert_places.mpxn = told.mpxn AND alert_places.device_id = told.device_id
WHERE
  told.mpxn >= 1000000000000
UNION
SELECT
  speaking_devices.mpxn,
  told.sent_at,
  told.stands_until
FROM spoken AS told
SEMI JOIN outage_codes
  USING (code)
JOIN speaking_devices
  USING (device_id)
WHERE
  told.mpxn IS NULL
  AND role = 'import'
  AND device_type = 'ESME'
  AND speaking_devices.mpxn >= 1000000000000

-- step: place_counts
SELECT
  network,
  supplier,
  postcode_area,
  commissioned_month,
  points
FROM described_points
WHERE
  NOT by_kind

-- step: planned_outages
SELECT DISTINCT
  outages.mpxn,
  outages.sent_at
FROM outages
SEMI JOIN street_points
  USING (mpxn)
JOIN (
  SELECT
    mpxn,
    description
  FROM full_devices
  UNION ALL
  SELECT
    mpxn,
    description
  FROM device_updates
) AS meters
  USING (mpxn)
JOIN plans
  ON outages.sent_at BETWEEN plans.starts AND plans.ends
  AND meters.description ILIKE plans.makes

-- step: point_counts
SELECT
  network,
  supplier,
  flag,
  shows,
  CAST(SUM(points) AS BIGINT) AS points
FROM tallied
WHERE
  points > 0
GROUP BY
  network,
  supplier,
  flag,
  shows

-- step: point_devices
SELECT
  device_id,
  device_type,
  status,
  status_from,
  mpxn,
  role,
  description
FROM (
  SELECT
    device_id,
    device_type,
    status,
    status_from,
    mpxn,
    role,
    description
  FROM full_devices
  WHERE
    NOT device_id IN (
      SELECT
        device_id
      FROM device_updates
    )
  UNION ALL
  SELECT
    device_id,
    device_type,
    status,
    status_from,
    mpxn,
    role,
    description
  FROM (
    SELECT
      device_id,
      device_type,
      status,
      status_from,
      mpxn,
      role,
      description,
      extract_order,
      MAX(extract_order) OVER (PARTITION BY device_id) AS _w
    FROM device_updates
  ) AS _t
  WHERE
    extract_order = _w
)
WHERE
  mpxn BETWEEN 0 AND 1000000000000000

-- step: point_facts
SELECT
  mpxn,
  facts DIV 131072 % 1048576 AS kind,
  CAST('1970-01-01' AS DATE) + CAST(NULLIF(facts % 131072, 0) AS INT) AS commissioned
FROM (
  SELECT
    mpxn,
    MAX(
      IF(live AND role = 'import', 18014398509481984, 0) + GREATEST(COALESCE(DATEDIFF(DAY, CAST('1970-01-01' AS DATE), status_from), 0), 0) * 137438953472 + COALESCE(kind, 0) * 131072 + GREATEST(COALESCE(DATEDIFF(DAY, CAST('1970-01-01' AS DATE), commissioned), 0), 0)
    ) AS facts
  FROM meters
  JOIN statuses
    USING (status)
  LEFT JOIN kinds
    USING (description)
  WHERE
    (
      device_type = 'ESME'
    ) = (
      mpxn >= 1000000000000
    )
  GROUP BY
    mpxn
)

-- step: point_masks
SELECT
  mpxn,
  CAST(BIT_OR(IF(right_fuel, bit, 0)) AS SMALLINT) AS mask,
  CAST(COUNT(*) FILTER(WHERE
    right_fuel) AS INT) AS meters,
  CAST(COUNT(*) FILTER(WHERE
    NOT right_fuel) AS INT) AS wrong_meters,
  MAX(IF(right_fuel, status_from, NULL)) AS latest_status_from,
  CAST(COUNT(*) FILTER(WHERE
    right_fuel AND status_from IS NULL) AS INT) AS undated_meters,
  CAST(COUNT(*) FILTER(WHERE
    right_fuel AND live AND role = 'import') AS INT) AS live_meters
FROM (
  SELECT
    *,
    (
      device_type = 'ESME'
    ) = (
      mpxn >= 1000000000000
    ) AS right_fuel
  FROM associations
  JOIN statuses
    USING (status)
)
GROUP BY
  mpxn

-- step: proofs
SELECT
  mpxn,
  heard_at,
  source
FROM (
  SELECT
    mpxn,
    heard_at,
    source,
    ROW_NUMBER() OVER (
      PARTITION BY mpxn
      ORDER BY status = 'Commissioned' DESC, heard_at DESC, device_id NULLS LAST
    ) AS _w
  FROM associations
  JOIN heard
    USING (device_id)
  WHERE
    NOT heard_at IS NULL AND (
      device_type = 'ESME'
    ) = (
      mpxn >= 1000000000000
    )
) AS _t
WHERE
  _w = 1

-- step: quiet_in_outage
SELECT
  mpxn,
  proven,
  outage_on
FROM street_points
JOIN dark_streets
  USING (postcode)
ANTI JOIN unread_alerts AS unread_alert
  ON mpxn BETWEEN unread_alert.first AND unread_alert.last
WHERE
  flag = 'A' AND NOT mpxn IN (
    SELECT
      mpxn
    FROM spoke
  )

-- step: silent
SELECT
  mpxn,
  CASE WHEN COUNT(heard_at) = 0 THEN 'never' ELSE 'long_ago' END AS heard
FROM associations
JOIN heard
  USING (device_id)
CROSS JOIN silence
WHERE
  status = 'Commissioned'
  AND (
    device_type = 'ESME'
  ) = (
    mpxn >= 1000000000000
  )
GROUP BY
  mpxn
HAVING
  BOOL_OR(was_read)
  AND MAX(
    GREATEST(
      COALESCE(CAST(heard_at AS DATE), CAST('0001-01-01' AS DATE)),
      COALESCE(status_from, CAST('0001-01-01' AS DATE))
    )
  ) < MAX(silent_before)

-- step: smi_only
SELECT
  mpxn,
  'SMI_ONLY' AS rule
FROM noted
SEMI JOIN networks
  USING (network)
WHERE
  NOT in_flags AND meters > 0 AND NOT mpxn IN (
    SELECT
      mpxn
    FROM unread
  )

-- step: speaking_devices
SELECT
  device_id,
  device_type,
  status_from,
  mpxn,
  role
FROM full_devices
SEMI JOIN alerts
  USING (device_id)
WHERE
  NOT device_id IN (
    SELECT
      device_id
    FROM device_updates
  )
UNION ALL
SELECT
  device_id,
  device_type,
  status_from,
  mpxn,
  role
FROM (
  SELECT
    device_id,
    device_type,
    status_from,
    mpxn,
    role,
    extract_order,
    MAX(extract_order) OVER (PARTITION BY device_id) AS _w
  FROM device_updates
  SEMI JOIN alerts
    USING (device_id)
) AS _t
WHERE
  extract_order = _w

-- step: spoke
SELECT
  mpxn
FROM alerts
WHERE
  NOT mpxn IS NULL
UNION
SELECT
  mpxn
FROM speaking_devices
WHERE
  NOT mpxn IS NULL

-- step: street_flags
SELECT
  full_flags.*
FROM full_flags
SEMI JOIN outage_streets
  USING (postcode)
WHERE
  mpxn >= 1000000000000

-- step: street_points
SELECT
  mpxn,
  postcode,
  street_flags_now.flag
FROM street_flags
JOIN street_flags_now
  USING (mpxn)

-- step: tallied
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
  COUNT(*) FILTER(WHERE
    in_flags) AS points,
  CAST(SUM(meters + wrong_meters) AS BIGINT) AS meters,
  COLLECT_LIST(
    STRUCT(
      mpxn AS mpxn,
      in_flags AS in_flags,
      flag_from AS flag_from,
      meters AS meters,
      wrong_meters AS wrong_meters,
      live_meters AS live_meters,
      latest_status_from AS latest_status_from,
      undated_meters AS undated_meters,
      expected AS expected,
      firm AS firm,
      undetermined AS undetermined,
      point_status AS point_status,
      postcode_area AS postcode_area
    )
  ) FILTER(WHERE
    NOT rule IS NULL OR NOT in_flags OR wrong_meters > 0 OR live_meters > 1 OR is_asked) AS noted
FROM followed
GROUP BY
  network,
  supplier,
  flag,
  shows,
  mask,
  ever,
  rule,
  changed,
  followed_on

-- step: told_points
SELECT
  mpxn,
  network,
  supplier,
  flag,
  mask,
  ever,
  changed,
  followed_on
FROM followed
WHERE
  in_flags AND NOT mpxn IN (
    SELECT
      mpxn
    FROM not_read
  )

-- step: undated
WITH meter AS (
  SELECT
    mpxn,
    device_id,
    status
  FROM associations
  SEMI JOIN (
    SELECT
      *
    FROM noted
    WHERE
      undated_meters > 0
  )
    USING (mpxn)
  WHERE
    status_from IS NULL AND (
      device_type = 'ESME'
    ) = (
      mpxn >= 1000000000000
    )
), shown AS (
  SELECT
    meter.mpxn,
    meter.device_id,
    inventories.as_of,
    inventories.status = meter.status AS is_same
  FROM meter
  JOIN inventories
    ON inventories.mpxn = meter.mpxn AND inventories.device_id = meter.device_id
), bounded AS (
  SELECT
    shown.mpxn,
    last_other AS changed_after,
    MIN(as_of) AS changed_by
  FROM shown
  JOIN (
    SELECT
      mpxn,
      device_id,
      MAX(as_of) FILTER(WHERE
        NOT is_same) AS last_other
    FROM shown
    GROUP BY
      mpxn,
      device_id
  ) AS other
    ON other.mpxn = shown.mpxn AND other.device_id = shown.device_id
  WHERE
    is_same AND (
      last_other IS NULL OR as_of >= last_other
    )
  GROUP BY
    shown.mpxn,
    shown.device_id,
    last_other
)
SELECT
  mpxn,
  MAX(changed_after) AS changed_after,
  MAX(changed_by) AS changed_by,
  MAX(changed_by) FILTER(WHERE
    NOT changed_after IS NULL) AS moved_by
FROM bounded
GROUP BY
  mpxn

-- step: unread
SELECT DISTINCT
  noted.mpxn
FROM noted
JOIN unread_flags
  ON unread_flags.mpxn = noted.mpxn
LEFT JOIN full_extracts
  ON full_extracts.network = noted.network
WHERE
  NOT unread_flags.is_update OR unread_flags.as_of >= full_extracts.as_of

-- step: unread_meters
SELECT DISTINCT
  mpxn
FROM unread_devices
WHERE
  mpxn BETWEEN 0 AND 1000000000000000

-- step: unread_meters_uncertain
WITH about AS (
  SELECT
    mpxn
  FROM noted
  UNION
  SELECT
    mpxn
  FROM open_before
  WHERE
    mpxn BETWEEN 0 AND 1000000000000000
)
SELECT
  mpxn
FROM unread_devices
WHERE
  mpxn BETWEEN 0 AND 1000000000000000
UNION
SELECT
  mpxn
FROM about
JOIN uncertain_devices AS told
  ON about.mpxn BETWEEN told.first AND told.last

-- step: unread_uncertain
SELECT DISTINCT
  noted.mpxn
FROM noted
JOIN unread_flags
  ON unread_flags.mpxn = noted.mpxn
LEFT JOIN full_extracts
  ON full_extracts.network = noted.network
WHERE
  NOT unread_flags.is_update OR unread_flags.as_of >= full_extracts.as_of
UNION
SELECT DISTINCT
  noted.mpxn
FROM noted
JOIN uncertain_flags AS told
  ON noted.mpxn BETWEEN told.first AND told.last
LEFT JOIN full_extracts
  ON full_extracts.network = noted.network
WHERE
  IF(told.is_update, told.as_of >= full_extracts.as_of, NOT in_flags)

-- step: update_rejected
SELECT
  mpxn,
  'UPDATE_REJECTED' AS rule
FROM responses
SEMI JOIN (
  SELECT
    *
  FROM noted
  WHERE
    in_flags
)
  USING (mpxn)
GROUP BY
  mpxn
HAVING
  MAX_BY(outcome, (extract_order, line)) = 'RJ'
