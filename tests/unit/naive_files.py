"""Reads a sample market with csv and xml of the standard library, into the days of the oracle.

In: the folder that make_sample wrote. Out: oracle.Day objects. Called by tests; it shares nothing with reconcile.feeds.
"""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

from tests.oracle import Day, Extract

LDZ_NETWORK = {
    **dict.fromkeys(("EA", "EM", "NT", "NW", "WM"), "CADENT"),
    **dict.fromkeys(("NE", "NO"), "NGN"),
    **dict.fromkeys(("SC", "SE", "SO"), "SGN"),
    **dict.fromkeys(("WN", "WS", "SW"), "WWU"),
}
ELECTRICITY = "registration_electricity_"
CHANGES = {"d0213": ("480", 30, 32), "d0217": ("492", 34, 36), "d0089": ("201", 26, 32)}
ROLES = {"ImportMPxN": "import", "SecondaryImportMPAN": "secondary", "ExportMPAN": "export"}
DUIS = "{http://www.dccinterface.co.uk/ServiceUserGateway}"


def read_days(folder: Path) -> list[Day]:
    """Every day of a sample, in order."""
    return [read_day(path) for path in sorted(folder.iterdir()) if path.is_dir()]


def read_day(folder: Path) -> Day:
    """The files of one folder."""
    return Day(
        as_of=date.fromisoformat(folder.name),
        registration=[*electricity_as_a_whole(folder), gas(one(folder, "registration_gas_"))],
        updates=[
            *([d0204(path) for path in sorted(folder.glob("d0204_*"))] if some(folder, ELECTRICITY) else []),
            d0350(one(folder, "d0350_")),
            *(changes(path, *places) for flow, places in CHANGES.items() for path in some(folder, f"{flow}_")),
            dxi(one(folder, "dxi_")),
        ],
        inventory=[smi(one(folder, "smi_"))],
        device_updates=[duis(one(folder, "duis_"))],
        responses=[*map(d0351, some(folder, "d0351_")), e46(one(folder, "e46_"))],
        registered_meters=[d0312(path) for path in some(folder, "d0312_")],
        reads=[reads(path) for path in some(folder, "reads_")],
        dsp=[dsp_status(path) for path in some(folder, "dsp_status_")],
        alerts=[alerts(path) for path in some(folder, "alerts_")],
        plans=[plans(path) for path in some(folder, "firmware_updates_")],
    )


def electricity_as_a_whole(folder: Path) -> list[Extract]:
    """The extract of all distributors; where there is none, the refreshes that a supplier has of each of them."""
    whole = some(folder, ELECTRICITY)
    return [electricity(path) for path in whole] or [d0204(path) for path in sorted(folder.glob("d0204_*"))]


def one(folder: Path, prefix: str) -> Path:
    """The only file of a kind."""
    (path,) = folder.glob(f"{prefix}*")
    return path


def some(folder: Path, prefix: str) -> list[Path]:
    """The only file of a kind that a day may lack."""
    return [one(folder, prefix)] if list(folder.glob(f"{prefix}*")) else []


def dated(path: Path) -> date:
    """The date in a file's name."""
    return date.fromisoformat(path.stem[-10:])


def day_of(text: str, pattern: str = "%Y-%m-%d") -> date | None:
    """A date, or None for an empty field."""
    return datetime.strptime(text, pattern).date() if text else None


def electricity(path: Path) -> Extract:
    """The extract of the distributors."""
    rows = [
        {
            "mpxn": int(row["mpan_core"]),
            "flag": row["dcc_service_flag"] or None,
            "flag_from": day_of(row["dcc_service_flag_efd"]),
            "network": row["mpan_core"][:2],
            "supplier": row["supplier_mpid"],
            "postcode": row["postcode"],
        }
        for row in csv.DictReader(path.open())
    ]
    return Extract(dated(path), rows)


def gas(path: Path) -> Extract:
    """The extract of the gas networks."""
    rows = [
        {
            "mpxn": int(row["MPRN"]),
            "flag": row["DCC Service Flag"] or None,
            "flag_from": day_of(row["DCC Service Flag EFD"], "%d/%m/%Y"),
            "network": LDZ_NETWORK[row["LDZ ID"]],
            "supplier": row["Supplier"],
        }
        for row in csv.DictReader(path.open())
    ]
    return Extract(dated(path), rows)


def user_file(path: Path) -> tuple[list[str], list[list[str]]]:
    """The header, and the lines between it and ZPT; their number must be the trailer's."""
    head, *lines, tail = [line.split("|") for line in path.read_text().splitlines()]
    assert head[0] == "ZHV" and tail[:3] == ["ZPT", head[1], str(len(lines))]
    assert all(line[-1] == "" for line in (head, *lines, tail))
    return head, lines


def changes(path: Path, group: str, flag_at: int, items: int) -> Extract:
    """D0213, D0217 or D0089: those that speak of the flag."""
    head, (_, *lines) = user_file(path)
    assert all((line[0], len(line)) == (group, items + 2) for line in lines)
    rows = [
        {"mpxn": int(line[3]), "flag": line[flag_at], "flag_from": day_of(line[flag_at + 1], "%Y%m%d")}
        for line in lines
        if line[flag_at] or line[flag_at + 1]
    ]
    return Extract(dated(path), rows, made(head))


def d0204(path: Path) -> Extract:
    """Each 440 with the latest of its 90H that is not after the day of the file."""
    head, lines = user_file(path)
    assert head[3:6] == ["P", head[4], "X"]
    rows: list[dict] = []
    for code, *items in lines:
        if code == "440":
            rows.append({"mpxn": int(items[0]), "flag": None, "flag_from": None, "supplier": head[6]})
            rows[-1] |= {"network": items[0][:2], "postcode": items[10]}
        elif code == "90H":
            flag, since = items[0], day_of(items[1], "%Y%m%d")
            order = (since, -ord(flag))
            if since <= dated(path) and order > rows[-1].get("order", (date.min, 0)):
                rows[-1] |= {"flag": flag, "flag_from": since, "order": order}
    return Extract(dated(path), rows, made(head))


def d0351(path: Path) -> Extract:
    """The rejections, each with a reason below it."""
    head, (_, *lines) = user_file(path)
    assert [line[0] for line in lines] == ["84H", "85H"] * (len(lines) // 2)
    return Extract(dated(path), [{"mpxn": int(line[4]), "outcome": "RJ"} for line in lines[::2]], made(head))


def d0312(path: Path) -> Extract:
    """The meter that registration holds for each MPAN; zeros stand for one that nobody knows."""
    head, lines = user_file(path)
    assert [line[0] for line in lines] == ["11D", "12D", "76M"] * (len(lines) // 3)
    told = zip(lines[::3], lines[1::3], strict=True)
    known = [(int(mpan[1]), meter[6]) for mpan, meter in told if set(meter[6]) != {"0", "-"}]
    return Extract(dated(path), [{"mpxn": mpxn, "device_id": device} for mpxn, device in known], made(head))


def made(head: list[str]) -> datetime:
    """When a DTC user file was made."""
    return datetime.strptime(head[7], "%Y%m%d%H%M%S")


def d0350(path: Path) -> Extract:
    """The updates below 81H."""
    head, (first, *lines) = user_file(path)
    assert first[0] == "81H"
    assert all((line[0], line[2], len(line)) == ("82H", "DC01", 8) for line in lines)
    assert [int(line[1]) for line in lines] == list(range(1, len(lines) + 1))
    rows = [{"mpxn": int(line[3]), "flag": line[4], "flag_from": day_of(line[5], "%Y%m%d")} for line in lines]
    return Extract(dated(path), rows, made(head))


def gas_records(path: Path) -> tuple[datetime, list[list[str]]]:
    """When the file was made, and the records between A00 and Z99; their number must be the trailer's."""
    head, *lines, tail = csv.reader(path.open())
    assert head[0] == "A00" and tail == ["Z99", str(len(lines))]
    return datetime.strptime(head[3] + head[4], "%Y%m%d%H%M%S"), lines


def dxi(path: Path) -> Extract:
    """E45 updates."""
    made_at, lines = gas_records(path)
    rows = [{"mpxn": int(line[1]), "flag": line[2], "flag_from": day_of(line[3], "%Y%m%d")} for line in lines]
    return Extract(dated(path), rows, made_at)


def e46(path: Path) -> Extract:
    """E46 responses."""
    made_at, lines = gas_records(path)
    return Extract(dated(path), [{"mpxn": int(line[2]), "outcome": line[1]} for line in lines], made_at)


def reads(path: Path) -> Extract:
    """Read responses."""
    rows = [
        {
            "device_id": row["Device ID"],
            "read_at": datetime.strptime(row["Read time"], "%Y-%m-%dT%H:%M:%SZ"),
            "source": row["Source"],
            "clock": row["Clock"],
        }
        for row in csv.DictReader(path.open())
    ]
    return Extract(dated(path), rows)


def dsp_status(path: Path) -> Extract:
    """What the DSP holds itself."""
    rows = [
        {"mpxn": int(row["MPxN"]), "status": row["DCC Service Status"], "notified": row["Notified"] == "Yes"}
        for row in csv.DictReader(path.open())
    ]
    return Extract(dated(path), rows)


def alerts(path: Path) -> Extract:
    """Alerts."""
    rows = [
        {
            "sent_at": datetime.strptime(row["Time"], "%Y-%m-%dT%H:%M:%SZ"),
            "code": row["Alert Code"],
            "mpxn": int(row["MPxN"]) if row["MPxN"] else None,
            "device_id": row["Device ID"] or None,
        }
        for row in csv.DictReader(path.open())
    ]
    return Extract(dated(path), rows)


def plans(path: Path) -> Extract:
    """Planned updates of firmware."""
    rows = [
        {
            "manufacturer": row["Manufacturer"],
            "model": row["Model"] or None,
            "starts": datetime.strptime(row["Starts"], "%Y-%m-%dT%H:%M:%SZ"),
            "ends": datetime.strptime(row["Ends"], "%Y-%m-%dT%H:%M:%SZ"),
        }
        for row in csv.DictReader(path.open())
    ]
    return Extract(dated(path), rows)


def smi(path: Path) -> Extract:
    """The device export."""
    return Extract(dated(path), [row for fields in csv.DictReader(path.open()) for row in device_rows(fields)])


def duis(path: Path) -> Extract:
    """Read Inventory responses."""
    root = ElementTree.parse(path).getroot()  # noqa: S314 - a file that we made
    made = root.findtext(f".//{DUIS}ResponseDateTime")
    fields = [
        {element.tag.removeprefix(DUIS): element.text or "" for element in device}
        for device in root.iter(f"{DUIS}Device")
    ]
    made_at = datetime.strptime(made[:19], "%Y-%m-%dT%H:%M:%S") if made else None
    return Extract(dated(path), [row for device in fields for row in device_rows(device)], made_at)


def device_rows(fields: dict[str, str]) -> Iterator[dict]:
    """One row for each Meter Point that a device names, or one without."""
    status = fields.get("DeviceStatus") or None
    commissioned = fields.get("DateCommissioned") if status == "Commissioned" else None
    row = {
        "device_id": fields["DeviceID"].upper(),
        "device_type": fields["DeviceType"],
        "status": status,
        "status_from": day_of((fields.get("StatusDate") or commissioned or "")[:10]),
        "manufacturer": fields.get("DeviceManufacturer"),
        "model": fields.get("DeviceModel"),
    }
    named = [(role, int(fields[name])) for name, role in ROLES.items() if fields.get(name)]
    for role, mpxn in named or [(None, None)]:
        yield {**row, "role": role, "mpxn": mpxn}
