"""Device identifiers, types, statuses and descriptions: as SQL reads them, and as people do.

In: a value (see texts), or a value of a device row. Out: SQL fragments, or text. Called by the formats and lake.trace.
"""

from reconcile.domain.vocabulary import DeviceType, Status

from ..sql import keyed, literal, word
from .texts import capitals, value_of

DESCRIPTION = {
    "smets": "SMETSCHTSVersion",
    "manufacturer": "DeviceManufacturer",
    "model": "DeviceModel",
    "firmware": "DeviceFirmwareVersion",
    "csp_region": "CSPRegion",
}
"""What only a person reads of a device. It is kept as one text, a fifth of what five cost to sort and write."""
DESCRIPTION_MARK = "\x1f"
STATUSES = {status.upper(): status.value for status in Status}


def device_type(given: str) -> str:
    """The type that a value is, whatever its case; NULL where it is none."""
    return word(given, DeviceType, f"upper({given})")


def device_type_of(text: str) -> str:
    """As `device_type`, of a text. Raises ValueError where it is none."""
    return DeviceType(capitals(text) or "")


def status(given: str) -> str:
    """The status that a value is, in any case, with blanks or underscores between words; NULL where it is none."""
    return word(given, Status, keyed(f"replace(replace({given}, ' ', ''), '_', '')", STATUSES))


def status_of(text: str) -> str | None:
    """As `status`, of a text. Raises ValueError where it is none."""
    found = capitals(text)
    return found and Status(STATUSES.get(found.replace(" ", "").replace("_", ""), found))


def hexadecimal(given: str) -> str:
    """The digits of a device identifier, written so that a cast makes a number of them."""
    return f"replace(concat('0x', {given}), '-', '')"


def device_number(given: str, digits: str) -> str:
    """The EUI-64 in a value as the 64-bit number that it is; NULL where it is none. `digits`: its `hexadecimal`."""
    # With hyphens at seven places and nowhere else, 16 digits are left. The cast refuses all else but underscores.
    is_eui_64 = f"{given} LIKE '__-__-__-__-__-__-__-__' AND strlen({digits}) = 18 AND NOT contains({digits}, '_')"
    return f"CASE WHEN {is_eui_64} THEN TRY_CAST({digits} AS UBIGINT) END"


def eui_64_text(number: int) -> str:
    """A device identifier as people write it: 00-DB-12-34-56-78-90-A0."""
    return number.to_bytes(8).hex("-").upper()


def description(*given: str) -> str:
    """What a person reads of a device as one text, from its values in the order of DESCRIPTION."""
    mark = literal(DESCRIPTION_MARK)
    return f"concat({f', {mark}, '.join(given)})"


def description_of(*texts: str) -> str:
    """As `description`, of texts."""
    return DESCRIPTION_MARK.join(value_of(text) or "" for text in texts)


def described(description: str | None) -> dict[str, str | None]:
    """The values of a kept description by the keys of DESCRIPTION; None where there is none."""
    values = [value_of(text) for text in (description or "").split(DESCRIPTION_MARK)]
    return dict.fromkeys(DESCRIPTION) | dict(zip(DESCRIPTION, values, strict=False))
