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
ROLES = {"ImportMPxN": "import", "SecondaryImportMPAN": "secondary", "ExportMPAN": "export"}
DUIS = "{http://www.dccinterface.co.uk/ServiceUserGateway}"


def read_days(folder: Path) -> list[Day]:
    """Every day of a sample, in order."""
    return [read_day(path) for path in sorted(folder.iterdir()) if path.is_dir()]


def read_day(folder: Path) -> Day:
    """The files of one folder."""
    return Day(
        as_of=date.fromisoformat(folder.name),
        registration=[electricity(one(folder, "registration_electricity_")), gas(one(folder, "registration_gas_"))],
        updates=[d0350(one(folder, "d0350_")), dxi(one(folder, "dxi_"))],
        inventory=[smi(one(folder, "smi_"))],
        device_updates=[duis(one(folder, "duis_"))],
        responses=[e46(one(folder, "e46_"))],
    )


def one(folder: Path, prefix: str) -> Path:
    """The only file of a kind."""
    (path,) = folder.glob(f"{prefix}*")
    return path


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


def d0350(path: Path) -> Extract:
    """The lines between ZHV, 81H and ZPT; their number must be the trailer's."""
    head, first, *lines, tail = [line.split("|") for line in path.read_text().splitlines()]
    assert (head[0], first[0]) == ("ZHV", "81H") and tail[:3] == ["ZPT", head[1], str(len(lines) + 1)]
    assert all((line[0], line[2], len(line)) == ("82H", "DC01", 8) for line in lines)
    assert [int(line[1]) for line in lines] == list(range(1, len(lines) + 1))
    rows = [{"mpxn": int(line[3]), "flag": line[4], "flag_from": day_of(line[5], "%Y%m%d")} for line in lines]
    return Extract(dated(path), rows, datetime.strptime(head[7], "%Y%m%d%H%M%S"))


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
    }
    named = [(role, int(fields[name])) for name, role in ROLES.items() if fields.get(name)]
    for role, mpxn in named or [(None, None)]:
        yield {**row, "role": role, "mpxn": mpxn}
