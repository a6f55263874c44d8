"""A deliberately naive second opinion: the rules of design.md, point by point, in plain Python.

In: the files of a market as plain dicts. Out: what every run must find, and its life. Called by tests only; it uses
nothing of the engine or of domain.policy. Where design.md leaves a choice, the comment at the rule states it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

STATUS_ORDER = [
    "Pending",
    "Whitelisted",
    "InstalledNotCommissioned",
    "Commissioned",
    "Decommissioned",
    "Withdrawn",
    "Suspended",
    "Recovery",
    "Recovered",
]
LIVE = ("InstalledNotCommissioned", "Commissioned")
INVENTORY_RULES = ("SMI_ONLY", "FUEL_MISMATCH", "MANY_METERS")


@dataclass
class Extract:
    """One file: `rows` are dicts of the canonical columns of its table."""

    as_of: date
    rows: list[dict]
    made_at: datetime | None = None


@dataclass
class Day:
    """What was loaded for a run dated `as_of`, in the order of loading. Earlier days' files stay in force."""

    as_of: date
    registration: list[Extract] = field(default_factory=list)  # full: mpxn, flag, flag_from, network, supplier
    updates: list[Extract] = field(default_factory=list)  # delta: mpxn, flag, flag_from
    inventory: list[Extract] = field(default_factory=list)  # full: device_id, device_type, status, status_from, ...
    device_updates: list[Extract] = field(default_factory=list)  # delta: the same columns
    responses: list[Extract] = field(default_factory=list)  # mpxn, outcome; in the order of lines
    registered_meters: list[Extract] = field(default_factory=list)  # mpxn, device_id
    reads: list[Extract] = field(default_factory=list)  # device_id, read_at, source, clock
    alerts: list[Extract] = field(default_factory=list)  # sent_at, code, mpxn, device_id
    dsp: list[Extract] = field(default_factory=list)  # mpxn, status, status_from, notified
    plans: list[Extract] = field(default_factory=list)  # manufacturer, model, starts, ends


@dataclass
class Found:
    """What one run found. A row: (flag, expected, meter_statuses, meters, in_flight, latest_status_from)."""

    as_of: date
    rows: dict[tuple[int, str], tuple[str, str, str, int, bool, date | None]]
    registered: set[int]  # the points in the run's flags
    metered: set[int]  # the points with any ESME or GSME, of either fuel


def reconcile_market(days: list[Day], grace_days: int = 5, max_age: int = 35) -> list[Found]:
    """One run for each day, with the files of that day and of the days before it."""
    return [reconcile_day(days[: n + 1], grace_days, max_age) for n in range(len(days))]


def reconcile_day(days: list[Day], grace_days: int, max_age: int) -> Found:
    """The run as of the last of these days."""
    as_of = days[-1].as_of
    points, network_dates = read_flags(days, as_of, max_age)
    devices, inventory_date = read_inventory(days, as_of)
    ever = seen_live_before(days, inventory_date)
    rejected = rejected_points(days, as_of)
    registered = newest_registered(days, as_of)
    held = newest_of_dsp(days, as_of)
    alerted, misplaced = what_alerts_say(days, as_of, devices)
    quiet = quiet_in_outage(days, as_of, points, devices, misplaced)
    signs = who_was_heard(days, as_of)
    at_point = defaultdict(list)
    for rows in devices.values():
        for row in rows:
            if row["mpxn"] is not None and row["device_type"] in ("ESME", "GSME"):
                at_point[row["mpxn"]].append(row)
    found = {}
    for mpxn in set(points) | set(at_point):
        point = points.get(mpxn)
        network = point["network"] if point else str(mpxn)[:2] if is_mpan(mpxn) else None
        if network not in network_dates:
            continue
        own = [row for row in at_point[mpxn] if fits(row, mpxn)]
        rules, expected = broken_rules(mpxn, point, at_point[mpxn], mpxn in ever, mpxn in rejected)
        if point and own and registered.get(mpxn, own[0]["device_id"]) not in {row["device_id"] for row in own}:
            rules.append("METER_DIFFERS")
        rules += what_the_dsp_says(held.get(mpxn), point, own, mpxn in ever)
        rules += signs_of_life(signs, as_of, point, own) if point else []
        if point and mpxn in misplaced:
            rules.append("ALERT_ELSEWHERE")
        if point and point["flag"] in (None, "N") and alerted.get(mpxn, date.min) > (point["flag_from"] or date.min):
            rules.append("ALERTS_UNFLAGGED")
        if point and mpxn in quiet and since_before(quiet[mpxn], point, own):
            rules.append("A_NEVER_ALERTS")
        dates = [row["status_from"] for row in own if row["status_from"]]
        latest_status_from = max(dates) if dates else None
        if point and point["flag_from"]:
            dates.append(point["flag_from"])
        dates += [day for row in own if not row["status_from"] for day in moved_by(days, inventory_date, row)]
        in_flight = bool(dates) and max(dates) >= network_dates[network] - timedelta(days=grace_days)
        statuses = {row["status"] for row in own}
        text = "+".join(status for status in STATUS_ORDER if status in statuses)
        meters = len({row["device_id"] for row in own})
        flag = (point["flag"] or "") if point else ""
        for rule in rules:
            found[mpxn, rule] = (flag, expected or "", text, meters, in_flight, latest_status_from)
    return Found(as_of, found, set(points), {mpxn for mpxn, rows in at_point.items() if rows})


def moved_by(days: list[Day], inventory_date: date, row: dict) -> list[date]:
    """When the first inventory showed a meter's status after the last one that showed another, if any did."""
    shown = [
        (extract.as_of, other["status"])
        for day in days
        for extract in day.inventory + day.device_updates
        for other in extract.rows
        if extract.as_of <= inventory_date and other["mpxn"] == row["mpxn"] and other["device_id"] == row["device_id"]
    ]
    other = [as_of for as_of, status in shown if status != row["status"]]
    if not other:
        return []
    return [min(as_of for as_of, status in shown if status == row["status"] and as_of >= max(other))]


def is_mpan(mpxn: int) -> bool:
    """Thirteen digits."""
    return mpxn >= 1_000_000_000_000


def fits(row: dict, mpxn: int) -> bool:
    """Whether a meter is of the fuel of its point: only ESME on an MPAN and GSME on an MPRN count for the flag."""
    return row["device_type"] == ("ESME" if is_mpan(mpxn) else "GSME")


# --- registration ------------------------------------------------------------------------------------------------


def read_flags(days: list[Day], as_of: date, max_age: int) -> tuple[dict[int, dict], dict[str, date]]:
    """The flag of every point, and the registration date of every network."""
    newest_full: dict[str, Extract] = {}
    for day in days:
        for extract in day.registration:
            if not as_of - timedelta(days=max_age) <= extract.as_of <= as_of:
                continue
            for network in {row["network"] for row in extract.rows}:
                # The same date twice: the one loaded later replaces the earlier.
                if network not in newest_full or extract.as_of >= newest_full[network].as_of:
                    newest_full[network] = extract
    points: dict[int, dict] = {}
    for network, extract in sorted(newest_full.items(), key=lambda item: item[1].as_of):
        for row in extract.rows:
            if row["network"] == network:
                add_full_row(points, row, extract)
    network_dates = {network: extract.as_of for network, extract in newest_full.items()}
    apply_updates(days, as_of, points, network_dates, newest_full)
    return points, network_dates


def add_full_row(points: dict[int, dict], row: dict, extract: Extract) -> None:
    """A second row of a point in one extract: the later date is used, and a different flag is a discrepancy."""
    before = points.get(row["mpxn"])
    if before is None or before["extract"] is not extract:
        points[row["mpxn"]] = {**row, "extract": extract, "twice": False}
        return
    twice = before["twice"] or before["flag"] != row["flag"]
    winner = row if preference(row) > preference(before) else before
    points[row["mpxn"]] = {**winner, "extract": extract, "twice": twice}


def preference(row: dict) -> tuple:
    """The greatest is used: the later date (none is the earliest); on a tie any flag before none, A before W."""
    return (row["flag_from"] or date.min, row["flag"] is not None, -ord(row["flag"] or "~"))


def apply_updates(days: list[Day], as_of: date, points: dict, network_dates: dict, newest_full: dict) -> None:
    """Deltas not older than the full extract of the point's network, in the order of their dates and of loading.

    An update replaces a flag that is not of a later date: on equal dates the later file wins. An update of a point
    that the full extract does not hold is ignored.
    """
    updates = [extract for day in days for extract in day.updates if extract.as_of <= as_of]
    for extract in sorted(updates, key=lambda e: e.as_of):
        for mpxn, rows in by_point(extract.rows).items():
            point = points.get(mpxn)
            if point is None or extract.as_of < newest_full[point["network"]].as_of:
                continue
            network_dates[point["network"]] = max(network_dates[point["network"]], extract.as_of)
            chosen = max(rows, key=preference)
            if (chosen["flag_from"] or date.min) >= (point["flag_from"] or date.min):
                point["flag"], point["flag_from"] = chosen["flag"], chosen["flag_from"]
            if contradicts_itself(rows):
                point["twice"] = True


def by_point(rows: list[dict]) -> dict[int, list[dict]]:
    """Rows of one file by Meter Point, in their order."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["mpxn"]].append(row)
    return groups


def contradicts_itself(rows: list[dict]) -> bool:
    """Two different flags of one point from the same date. From two dates they are a history, not a contradiction."""
    return any(a["flag"] != b["flag"] and a["flag_from"] == b["flag_from"] for a in rows for b in rows)


# --- inventory ---------------------------------------------------------------------------------------------------


def read_inventory(days: list[Day], as_of: date) -> tuple[dict[str, list[dict]], date]:
    """The rows of every device, and the date of the newest inventory file. A delta replaces the devices it lists."""
    fulls = [extract for day in days for extract in day.inventory if extract.as_of <= as_of]
    full = max(reversed(fulls), key=lambda e: e.as_of)
    later = [e for day in days for e in day.device_updates if full.as_of <= e.as_of <= as_of]
    devices = by_device(full.rows)
    for extract in sorted(later, key=lambda e: (e.as_of, e.made_at or datetime.min)):
        devices.update(by_device(extract.rows))
    return devices, max([full.as_of, *(extract.as_of for extract in later)])


def by_device(rows: list[dict]) -> dict[str, list[dict]]:
    """Rows of one file by device."""
    groups = defaultdict(list)
    for row in rows:
        groups[row["device_id"]].append(row)
    return dict(groups)


def seen_live_before(days: list[Day], inventory_date: date) -> set[int]:
    """The points that an inventory file dated before this run's showed with an installed or commissioned meter."""
    return {
        row["mpxn"]
        for day in days
        for extract in day.inventory + day.device_updates
        if extract.as_of < inventory_date
        for row in extract.rows
        if row["mpxn"] is not None and fits(row, row["mpxn"]) and row["status"] in LIVE
    }


def rejected_points(days: list[Day], as_of: date) -> set[int]:
    """The points whose newest response, by the file's time and then by line, is a rejection."""
    newest: dict[int, str] = {}
    files = [extract for day in days for extract in day.responses if extract.as_of <= as_of]
    for extract in sorted(files, key=lambda e: e.made_at or datetime.min):
        for row in extract.rows:
            newest[row["mpxn"]] = row["outcome"]
    return {mpxn for mpxn, outcome in newest.items() if outcome == "RJ"}


def newest_registered(days: list[Day], as_of: date) -> dict[int, str]:
    """The meter that registration holds for a point, by the newest file that names one."""
    files = [extract for day in days for extract in day.registered_meters if extract.as_of <= as_of]
    in_order = sorted(files, key=lambda e: (e.as_of, e.made_at or datetime.min))
    return {row["mpxn"]: row["device_id"] for extract in in_order for row in extract.rows}


def newest_of_dsp(days: list[Day], as_of: date) -> dict[int, dict]:
    """What the DSP holds of a point, by the newest file that names it."""
    files = [extract for day in days for extract in day.dsp if extract.as_of <= as_of]
    return {row["mpxn"]: row for extract in sorted(files, key=lambda e: e.as_of) for row in extract.rows}


def what_the_dsp_says(held: dict | None, point: dict | None, own: list[dict], ever: bool) -> list[str]:
    """NOT_NOTIFIED: N or I that registration was not sent and has not; DSP_DIFFERS: not what the meters imply."""
    if not held or not point:
        return []
    unsent = held["status"] in ("N", "I") and held["notified"] is False and point["flag"] != held["status"]
    expected, _ = judge_plainly(held["status"], {row["status"] for row in own}, ever)
    return ["NOT_NOTIFIED"] * unsent + ["DSP_DIFFERS"] * (expected != held["status"])


def who_was_heard(days: list[Day], as_of: date) -> tuple[dict[str, date], set[str]]:
    """The last day on which each meter gave a reliable time of its own or an alert; and the meters that were read."""
    read = [row for day in days for extract in day.reads if extract.as_of <= as_of for row in extract.rows]
    heard: dict[str, date] = {}
    for row in read:
        if row["clock"] == "reliable" and row["source"] in ("ESME", "GSME"):
            heard[row["device_id"]] = max(heard.get(row["device_id"], date.min), row["read_at"].date())
    for row in (row for day in days for extract in day.alerts if extract.as_of <= as_of for row in extract.rows):
        if row["device_id"] and not row.get("change") and len(row["code"]) == 4 and row["code"][0] == "8":
            heard[row["device_id"]] = max(heard.get(row["device_id"], date.min), row["sent_at"].date())
    return heard, {row["device_id"] for row in read}


def signs_of_life(signs: tuple[dict, set], as_of: date, point: dict, own: list[dict], threshold: int = 35) -> list[str]:
    """A_SILENT and N_HEARD: a meter that was heard lives, and one that was commissioned did on that day. Of a meter
    that nobody read silence says nothing."""
    heard, asked = signs
    found = []
    known = [row for row in own if row["device_id"] in asked or row["device_id"] in heard]
    live = [row for row in known if row["status"] == "Commissioned"]
    proofs = [max(heard.get(row["device_id"], date.min), row["status_from"] or date.min) for row in live]
    was_read = any(row["device_id"] in asked for row in live)
    if point["flag"] == "A" and was_read and max(proofs) < as_of - timedelta(days=threshold):
        found.append("A_SILENT")
    after = [row["status_from"] if row["status"] in ("Decommissioned", "Withdrawn") else None for row in own]
    under_n = point["flag_from"] if point["flag"] == "N" else None
    for row, gone in zip(own, after, strict=True):
        last = heard.get(row["device_id"])
        if last and any(since and last > since for since in (gone, under_n)):
            found.append("N_HEARD")
            break
    return found


def what_alerts_say(days: list[Day], as_of: date, devices: dict, kept: int = 28) -> tuple[dict[int, date], set[int]]:
    """The last day on which alerts came from each point, and the points that devices name which are elsewhere."""
    spoken = [
        row
        for day in days
        for extract in day.alerts
        for row in extract.rows
        if not row["code"].startswith("N") and as_of - timedelta(days=kept) <= row["sent_at"].date() <= as_of
    ]
    newest: dict[str, dict] = {}
    for row in sorted(spoken, key=lambda row: row["sent_at"]):
        if row["mpxn"] and row["device_id"]:
            newest[row["device_id"]] = row
    misplaced = {(row["mpxn"], device) for device, row in newest.items() if is_elsewhere(row, devices.get(device, []))}
    alerted: dict[int, date] = {}
    for row in spoken:
        theirs = devices.get(row["device_id"], [])
        points = [one["mpxn"] for one in theirs if one["role"] == "import" and one["device_type"] in ("ESME", "GSME")]
        for mpxn in [row["mpxn"]] if row["mpxn"] else points:
            if (mpxn, row["device_id"]) not in misplaced:
                alerted[mpxn] = max(alerted.get(mpxn, date.min), row["sent_at"].date())
    return alerted, {mpxn for mpxn, _ in misplaced}


OUTAGE_CODES = ("AD1", "8F57", "8F58", "8F59", "8F5A")
MINUTES, LEAST, KEPT = timedelta(minutes=5), 5, timedelta(days=28)


def quiet_in_outage(days: list[Day], as_of: date, points: dict, devices: dict, misplaced: set[int]) -> dict[int, date]:
    """Points under A that no alert names, of a postcode whose supply was off, and the last day on which it was.

    It was off where, within five minutes up to an alert, five points of it and more than half of those under A told of
    an outage, but for those told by a meter of a make in the hours of its planned update.
    """
    alerts = [row for day in days for extract in day.alerts for row in extract.rows]
    told: list[tuple[int, datetime]] = []
    spoke: set[int] = set()
    for row in alerts:
        theirs = devices.get(row["device_id"], [])
        spoke |= {one["mpxn"] for one in [row, *theirs] if one["mpxn"]}
        if row["code"] not in OUTAGE_CODES or not as_of - KEPT <= row["sent_at"].date() <= as_of:
            continue
        import_points = [one["mpxn"] for one in theirs if (one["role"], one["device_type"]) == ("import", "ESME")]
        places = [row["mpxn"]] if row["mpxn"] else import_points
        told += [(mpxn, row["sent_at"]) for mpxn in places if not (mpxn in misplaced and row["device_id"])]
    streets = defaultdict(set)
    for mpxn, point in points.items():
        if is_mpan(mpxn) and " " in (point.get("postcode") or ""):
            streets[point["postcode"]].add(mpxn)
    plans = [row for day in days for extract in day.plans for row in extract.rows]
    told = [(mpxn, at) for mpxn, at in told if not planned(mpxn, at, plans, devices)]
    quiet = {}
    for street in streets.values():
        active = {mpxn for mpxn in street if points[mpxn]["flag"] == "A"}
        here = [(mpxn, at) for mpxn, at in told if mpxn in street]
        for _, now in here:
            dark = {mpxn for mpxn, at in here if now - MINUTES <= at <= now}
            if len(dark) >= LEAST and 2 * len(dark & active) > len(active):
                quiet |= {mpxn: max(now.date(), quiet.get(mpxn, date.min)) for mpxn in active - spoke}
    return quiet


def planned(mpxn: int, at: datetime, plans: list[dict], devices: dict) -> bool:
    """Whether a meter at the point is of a make that was being updated."""
    makes = [
        (row.get("manufacturer"), row.get("model")) for rows in devices.values() for row in rows if row["mpxn"] == mpxn
    ]
    return any(
        plan["starts"] <= at <= plan["ends"] and maker == plan["manufacturer"] and plan["model"] in (None, model)
        for plan in plans
        for maker, model in makes
    )


def since_before(outage: date, point: dict, own: list[dict]) -> bool:
    """Flag A and a commissioned meter, each of a day that is known and before that of the outage."""
    since = [point["flag_from"], *(row["status_from"] for row in own)]
    commissioned = any(row["status"] == "Commissioned" for row in own)
    return point["flag"] == "A" and commissioned and all(day and day < outage for day in since)


def is_elsewhere(alert: dict, places: list[dict]) -> bool:
    """Whether the inventory has the device at other points alone, and had by the time of the alert."""
    placed = [row for row in places if row["mpxn"] is not None]
    since = max((row["status_from"] or date.min for row in placed), default=date.min)
    return bool(placed) and alert["mpxn"] not in {row["mpxn"] for row in placed} and alert["sent_at"].date() >= since


# --- rules -------------------------------------------------------------------------------------------------------


def broken_rules(
    mpxn: int, point: dict | None, meters: list[dict], ever: bool, rejected: bool
) -> tuple[list[str], str | None]:
    """Every rule that the point breaks, and the flag it should carry. The network is covered by the run."""
    own = [row for row in meters if fits(row, mpxn)]
    statuses = {row["status"] for row in own}
    rules = []
    if point:
        expected, rule = judge_plainly(point["flag"], statuses, ever)
        rules += [rule] if rule else []
        rules += ["DUPLICATE_FLAG"] if point["twice"] else []
        rules += ["UPDATE_REJECTED"] if rejected else []
    else:
        # The run got here for an MPAN of a covered network, so its extract should have held the point.
        expected, _ = judge_plainly(None, statuses, ever)
        rules += ["SMI_ONLY"] if own else []
    if len(own) < len(meters):
        rules.append("FUEL_MISMATCH")
    if len({row["device_id"] for row in own if row["role"] == "import" and row["status"] in LIVE}) > 1:
        rules.append("MANY_METERS")
    return rules, expected


def judge_plainly(flag: str | None, statuses: set[str], ever: bool) -> tuple[str | None, str | None]:
    """(expected flag, rule of the table broken) for a registered point."""
    paused = bool(statuses & {"Suspended", "Recovery", "Recovered"})
    gone = bool(statuses & {"Decommissioned", "Withdrawn"})
    if "Commissioned" in statuses:
        good, column = ["A"], "COMMISSIONED"
    elif "InstalledNotCommissioned" in statuses:
        good, column = (["I", "A"] if paused else ["I"]), "INSTALLED"
    elif paused:
        good, column = ["A", "I", "N", None], "SUSPENDED"
    elif gone:
        good, column = ["N"], "REMOVED"
    elif ever:
        good, column = ["N"], "NOT_INSTALLED" if statuses else "NO_METER"
    else:
        good, column = [None, "N"], "NOT_INSTALLED" if statuses else "NO_METER"
    if flag in good:
        return flag, "A_SUSPENDED" if flag == "A" and column == "SUSPENDED" else None
    expected = "N" if good == [None, "N"] else good[0]
    if flag in ("S", "W"):
        return expected, "LEGACY_" + flag
    if flag is None:
        return expected, "NULL_" + (column if column in ("INSTALLED", "COMMISSIONED") else "REMOVED")
    if flag == "A" and column == "INSTALLED":
        return expected, "A_NOT_COMMISSIONED"
    return expected, f"{flag}_{column}"


# --- life --------------------------------------------------------------------------------------------------------


def advance(ledger: dict[tuple[int, str], str], run: Found) -> dict[tuple[int, str], str]:
    """The ledger after a run: (mpxn, rule) -> new, ongoing, resolved or regressed. Resolved on positive evidence."""
    after = {}
    for key in set(ledger) | set(run.rows):
        before = ledger.get(key)
        mpxn, rule = key
        covered = mpxn in run.registered or (rule in INVENTORY_RULES and mpxn not in run.metered)
        if key in run.rows:
            after[key] = "new" if before is None else "regressed" if before == "resolved" else "ongoing"
        elif covered:
            after[key] = "resolved"
        else:
            after[key] = before
    return after


def lives(runs: list[Found]) -> list[dict[tuple[int, str], str]]:
    """The ledger after each of the runs."""
    ledgers, ledger = [], {}
    for run in runs:
        ledger = advance(ledger, run)
        ledgers.append(ledger)
    return ledgers


def open_and_seen(run: Found, ledger: dict[tuple[int, str], str]) -> list[tuple]:
    """The rows of truth.csv: (mpxn, rule, flag, expected, meter_statuses, meters, in_flight, state)."""
    return [(*key, *run.rows[key][:4], "yes" if run.rows[key][4] else "no", ledger[key]) for key in sorted(run.rows)]
