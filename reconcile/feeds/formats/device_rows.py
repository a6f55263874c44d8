"""A device of the inventory, which the SMI export (CSV) and Read Inventory responses (XML) hold alike.

In: rows with the values given_ELEMENT of the DUIS elements in ALIASES. Out: SQL of checked devices and of device rows.
Called by the formats of inventories.
"""

from collections.abc import Iterator
from datetime import date

from reconcile.domain.vocabulary import METER_FUEL, DeviceType, Fuel, Role, Status

from ..contract import Parsed
from ..files.headings import Names
from ..sql import Case, first_reason, literal, of
from ..values import dates, devices, numbers, postcodes

ALIASES = {
    "DeviceID": Names(("DeviceID", "DeviceGUID", "DeviceEUI", "DeviceEUI64"), ("EUI", "EUI64", "GUID", "ID")),
    "DeviceType": Names(("DeviceType",), ("type",)),
    "DeviceStatus": Names(("DeviceStatus", "SMIStatus", "DeviceSMIStatus"), ("status",)),
    "StatusDate": Names(
        ("StatusDate", "DeviceStatusDate", "SMIStatusDate", "DeviceStatusEffectiveDate"),
        ("StatusFrom", "StatusEffectiveDate", "StatusEffectiveFrom", "StatusEffectiveFromDate"),
    ),
    "DateCommissioned": Names(("DateCommissioned", "CommissionedDate", "CommisionedDate"), ("Commissioned",)),
    "ImportMPxN": Names(
        ("ImportMPxN", "ImportMPAN"),
        ("mpxn", "mpxn_number", "mpan", "mpan_core", "mprn", "meter_point_reference", "MeterPoint"),
    ),
    "SecondaryImportMPAN": Names(("SecondaryImportMPAN",), ("secondary_mpan",)),
    "ExportMPAN": Names(("ExportMPAN",)),
    "SMETSCHTSVersion": Names(("SMETSCHTSVersion",), ("smets_version",)),
    "DeviceManufacturer": Names(("DeviceManufacturer",), ("manufacturer",)),
    "DeviceModel": Names(("DeviceModel",), ("model",)),
    "DeviceFirmwareVersion": Names(("DeviceFirmwareVersion",), ("firmware_version",)),
    "CSPRegion": Names(("CSPRegion",), ("csp",)),
    "PostCode": Names(("PostCode", "DevicePostCode"), ("premises_postcode",)),
}
"""DUIS element names; headings are compared without case and punctuation, so that device_id is DeviceID."""
NEEDED = ("DeviceID", "DeviceType", "DeviceStatus")
TYPE_2 = (DeviceType.IHD, DeviceType.CAD)
"""Devices without a status of their own (DUIS 8.2: DeviceStatus is absent)."""
DATES = {"StatusDate": "status_date", "DateCommissioned": "commissioned_on"}
# A device that was commissioned and is so no longer got its status on another day, which nobody has told.
STATUS_FROM = f"coalesce(status_date, CASE WHEN status = '{Status.COMMISSIONED}' THEN commissioned_on END)"
MISSED = {"StatusDate": "only a Commissioned device has the date of its status, which is DateCommissioned"}
POINTS = {"ImportMPxN": "import_mpxn", "SecondaryImportMPAN": "secondary_mpan", "ExportMPAN": "export_mpan"}

# Whether there is WAN coverage is asked of a meter alone that waits to be commissioned.
WAITING = f"CASE WHEN status = {literal(Status.INSTALLED)} THEN {postcodes.whole('given_PostCode')} END"

# Which of a device's three meter points become rows; 0 is the row of a device without any.
ROLES = dict(enumerate(zip(Role, POINTS.values(), strict=True), 1))
ROLE_LISTS = """
    CASE WHEN secondary_mpan IS NULL AND export_mpan IS NULL THEN if(import_mpxn IS NULL, [0], [1])
         WHEN export_mpan IS NULL THEN if(import_mpxn IS NULL, [2], [1, 2])
         WHEN secondary_mpan IS NULL THEN if(import_mpxn IS NULL, [3], [1, 3])
         ELSE if(import_mpxn IS NULL, [2, 3], [1, 2, 3]) END
"""


def parsed_devices(given: str, *cases: Case, latest: date, told: str = "") -> Parsed:
    """Every device checked, and the rows of the good ones, one for each Meter Point of a device.

    `cases` come first. `latest` is the last day that a date can mean. `told` is the column that says when the inventory
    told of a device, kept beside its rows.
    """
    reason = first_reason(*cases, *_cases(), *_point_cases())
    checked = f"SELECT *, {reason} AS reason FROM ({_parsed(given, latest)})"
    return Parsed(
        checked, _rows(checked, told), points=tuple(POINTS.values()), unread=tuple(_unread()), dropped=_dropped(latest)
    )


def _rows(checked: str, told: str) -> str:
    roles = " ".join(f"WHEN {place} THEN '{role}'" for place, (role, _) in ROLES.items())
    points = " ".join(f"WHEN {place} THEN {column}" for place, (_, column) in ROLES.items())
    names = ", ".join(f"'{role}'" for role, _ in ROLES.values())
    return f"""
        SELECT device_id, device_type, status, {STATUS_FROM} AS status_from,
            CASE place {points} END AS mpxn,
            CASE place {roles} END::ENUM ({names}) AS role, description, commissioned_on AS commissioned,
            place = first_place AS lead_row, {WAITING} AS postcode {f", {told}" if told else ""}
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


def _parsed(given: str, latest: date) -> str:
    days = ", ".join(f"{dates.day(f'given_{element}')} AS read_{name}" for element, name in DATES.items())
    known = ", ".join(f"{dates.known(f'read_{name}', latest)} AS {name}" for name in DATES.values())
    points = ", ".join(f"{numbers.number(f'given_{element}')} AS {name}" for element, name in POINTS.items())
    described = devices.description(*(f"given_{element}" for element in devices.DESCRIPTION.values()))
    read = f"""
        SELECT *, {devices.device_number("given_DeviceID")} AS device_id,
            {devices.device_type("given_DeviceType")} AS device_type, {devices.status("given_DeviceStatus")} AS status,
            {days}, {points}, {described} AS description
        FROM ({given})
    """
    return f"SELECT *, {known} FROM ({read})"


def _cases() -> list[Case]:
    is_type_2 = " OR ".join(f"device_type = '{one}'" for one in TYPE_2)
    return [
        *devices.no_device_id("given_DeviceID", "device_id"),
        ("device_type IS NULL", of("given_DeviceType", "in the SMI.", "No device type ")),
        (
            f"status IS NULL AND given_DeviceStatus IS NOT NULL AND NOT {devices.says_no_status('given_DeviceStatus')}",
            of("given_DeviceStatus", "in the SMI.", "No device status "),
        ),
        (
            f"status IS NULL AND NOT ({is_type_2})",
            "'The device has no status; only an IHD or a CAD may be without.'",
        ),
    ]


def _dropped(latest: date) -> dict[str, str]:
    return {element: dates.dropped(f"given_{element}", f"read_{name}", latest) for element, name in DATES.items()}


def _unread() -> Iterator[str]:
    """The texts of a meter's points that cannot be read; a device may have none. Two of the three are MPANs."""
    others = ", ".join(f"'{kind}'" for kind in DeviceType if kind not in METER_FUEL)
    for element, name in POINTS.items():
        fuel = None if element == "ImportMPxN" else Fuel.ELECTRICITY
        text = numbers.unread(f"given_{element}", name, needed=False, of=fuel)
        yield f"if(device_type IN ({others}), NULL, {text})"


def _point_cases() -> list[Case]:
    return [_import_case(), *(_mpan_case(element) for element in ("SecondaryImportMPAN", "ExportMPAN"))]


def _import_case() -> Case:
    why = numbers.why_no_mpxn("given_ImportMPxN", "ImportMPxN", found="import_mpxn")
    return f"given_ImportMPxN IS NOT NULL AND {numbers.is_mpxn('import_mpxn')} IS NOT TRUE", why


def _mpan_case(element: str) -> Case:
    given, number = f"given_{element}", POINTS[element]
    mprn = f"'{element} needs an MPAN, not ' || {given} || '.'"
    why = first_reason((numbers.is_mprn(number), mprn), ("true", numbers.why_no_mpxn(given, element, found=number)))
    return f"{given} IS NOT NULL AND {numbers.is_mpan(number)} IS NOT TRUE", why
