"""The device rows that the SMI export (CSV) and Read Inventory responses (XML) share.

In: a scan of text columns and which of them is which DUIS element. Out: SQL of canonical rows and of rejects.
Called by smi and duis.
"""

from reconcile.domain.vocabulary import DeviceType, Status

from ..contract import Parsed
from ..files.scans import rejects_query
from ..sql import first_reason, keyed, word
from ..values import dates, numbers, texts
from ..values.devices import DESCRIPTION, DESCRIPTION_MARK, device_number, hexadecimal

ALIASES = {
    "DeviceID": ("DeviceID",),
    "DeviceType": ("DeviceType",),
    "DeviceStatus": ("DeviceStatus", "status"),
    "StatusDate": ("StatusDate",),
    "DateCommissioned": ("DateCommissioned",),
    "ImportMPxN": ("ImportMPxN", "mpxn"),
    "SecondaryImportMPAN": ("SecondaryImportMPAN",),
    "ExportMPAN": ("ExportMPAN",),
    "SMETSCHTSVersion": ("SMETSCHTSVersion",),
    "DeviceManufacturer": ("DeviceManufacturer",),
    "DeviceModel": ("DeviceModel",),
    "DeviceFirmwareVersion": ("DeviceFirmwareVersion",),
    "CSPRegion": ("CSPRegion",),
}
"""DUIS element names; headings are compared without case and punctuation, so that device_id is DeviceID."""
NEEDED = ("DeviceID", "DeviceType", "DeviceStatus")

TYPE_2 = (DeviceType.IHD, DeviceType.CAD)
"""Devices without a status of their own (DUIS 8.2: DeviceStatus is absent)."""
POINT_ELEMENTS = ("ImportMPxN", "SecondaryImportMPAN", "ExportMPAN")
STATUSES = {status.upper(): status.value for status in Status}
DATES = {"StatusDate": "status_date", "DateCommissioned": "commissioned_on"}

# Which of a device's three meter points become rows; 0 is the row of a device without any.
ROLES = {1: ("import", "import_mpxn"), 2: ("secondary", "secondary_mpan"), 3: ("export", "export_mpan")}
ROLE_LISTS = """
    CASE WHEN secondary_mpan IS NULL AND export_mpan IS NULL THEN if(import_mpxn IS NULL, [0], [1])
         WHEN export_mpan IS NULL THEN if(import_mpxn IS NULL, [2], [1, 2])
         WHEN secondary_mpan IS NULL THEN if(import_mpxn IS NULL, [3], [1, 3])
         ELSE if(import_mpxn IS NULL, [2, 3], [1, 2, 3]) END
"""


def devices(scan: str, columns: dict[str, str]) -> str:
    """Every device of a scan with its values parsed and, where it cannot be loaded, a `reason`."""
    return f"SELECT *, {first_reason(*_cases(columns))} AS reason FROM ({_parsed(scan, columns)})"


def device_sql(scan: str, columns: dict[str, str]) -> Parsed:
    """Canonical rows, one for each meter point of a device, and the rejects by record."""
    checked = devices(scan, columns)
    return Parsed(device_rows(checked), rejects_query(checked))


def device_rows(checked: str) -> str:
    """The canonical rows of a query that `devices` made."""
    roles = " ".join(f"WHEN {place} THEN '{role}'" for place, (role, _) in ROLES.items())
    points = " ".join(f"WHEN {place} THEN {column}" for place, (_, column) in ROLES.items())
    names = ", ".join(f"'{role}'" for role, _ in ROLES.values())
    return f"""
        SELECT device_id, device_type, status, coalesce(status_date, commissioned_on) AS status_from,
            CASE place {points} END AS mpxn,
            CASE place {roles} END::ENUM ({names}) AS role, description, place = first_place AS lead_row
        FROM (
            SELECT *, places[1] AS first_place, unnest(places) AS place
            FROM (SELECT *, {ROLE_LISTS} AS places FROM ({_each_point_once(checked)}))
        )
    """


def _each_point_once(checked: str) -> str:
    """The accepted devices; a meter point that a device names twice is its first role's only, for it is one meter."""
    return f"""
        SELECT * REPLACE (
            nullif(secondary_mpan, import_mpxn) AS secondary_mpan,
            nullif(nullif(export_mpan, import_mpxn), secondary_mpan) AS export_mpan
        )
        FROM ({checked}) WHERE reason IS NULL
    """


def _parsed(scan: str, columns: dict[str, str]) -> str:
    def value(name: str) -> str:
        return columns.get(name, "NULL::VARCHAR")

    status, type_ = value("DeviceStatus"), value("DeviceType")
    days = ", ".join(f"{dates.as_date(value(element))} AS {name}" for element, name in DATES.items())
    bare = f"replace(replace(trim({status}), ' ', ''), '_', '')"
    described = f", '{DESCRIPTION_MARK}', ".join(value(element) for element in DESCRIPTION.values())
    return f"""
        SELECT *, {device_number(value("DeviceID"), "device_digits")} AS device_id,
            {word(type_, DeviceType, f"upper(trim({type_}))")} AS device_type,
            {word(status, Status, keyed(bare, STATUSES))} AS status, {days},
            {numbers.number(value("ImportMPxN"))} AS import_mpxn,
            {numbers.number(value("SecondaryImportMPAN"))} AS secondary_mpan,
            {numbers.number(value("ExportMPAN"))} AS export_mpan, concat({described}) AS description
        FROM (SELECT *, {hexadecimal(value("DeviceID"))} AS device_digits FROM {scan})
    """


def _cases(columns: dict[str, str]) -> list[tuple[str, str]]:
    is_type_2 = " OR ".join(f"device_type = '{one}'" for one in TYPE_2)
    id_, type_, status = (f"coalesce(trim({columns[name]}), '')" for name in NEEDED)
    cases = [
        (
            "device_id IS NULL",
            f"'''' || {id_} || ''' is not a device identifier: eight pairs of hexadecimal digits joined by hyphens.'",
        ),
        ("device_type IS NULL", f"'No device type ''' || {type_} || ''' in the SMI.'"),
        (
            f"status IS NULL AND upper({status}) NOT IN ('', 'NULL')",
            f"'No device status ''' || {status} || ''' in the SMI.'",
        ),
        (
            f"status IS NULL AND NOT ({is_type_2})",
            "'The device has no status; only an IHD or a CAD may be without.'",
        ),
    ]
    return cases + _date_cases(columns) + _point_cases(columns)


def _date_cases(columns: dict[str, str]) -> list[tuple[str, str]]:
    found = [(columns[element], name) for element, name in DATES.items() if element in columns]
    return [(dates.no_date(column, name), dates.why_no_date(column)) for column, name in found]


def _point_cases(columns: dict[str, str]) -> list[tuple[str, str]]:
    cases = []
    for name, (_, number) in zip(POINT_ELEMENTS, ROLES.values(), strict=True):
        column = columns.get(name)
        if not column:
            continue
        is_good, why = numbers.is_mpxn(number), numbers.why_no_mpxn(column, name)
        if name != "ImportMPxN":
            is_good = numbers.is_mpan(number)
            why = first_reason(
                (numbers.is_mprn(number), f"'{name} needs an MPAN, not ' || trim({column}) || '.'"), ("true", why)
            )
        cases.append((f"{column} IS NOT NULL AND {is_good} IS NOT TRUE AND {texts.has_value(column)}", why))
    return cases
