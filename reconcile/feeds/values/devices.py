"""Device identifiers, types, statuses and descriptions: as SQL reads them, and as people do.

In: a value (see texts), or a value of a device row. Out: SQL fragments, or text. Called by the formats and lake.trace.
"""

from reconcile.domain.vocabulary import DeviceType, Status

from ..sql import Case, keyed, literal, of, word
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
TYPES = {kind.value: kind.value for kind in DeviceType} | {"ESME_EXPORT": "ESME", "IHD_OR_CAD": "IHD"}
"""Other systems name the meter by the point that they ask of, and do not tell two kinds of display apart."""
NO_STATUS = ("UNDEFINED", "NOT_APPLICABLE")
"""Other systems' words for a device without a status."""
BETWEEN_WORDS = " _-,;/().\u00a0\u00ad\u2010\u2011\u2012\u2013\u2014"
"""What may stand between the words of a status."""
SEPARATORS = "-: .\u2010\u2011\u2012\u2013\u2014"
"""What stands between the pairs or fours of an identifier, where anything does. Word processors lengthen hyphens."""
AROUND = "\"'="
"""What a spreadsheet keeps a number a text with."""
EUI_64 = f"[{AROUND}]*(0[xX])?[0-9A-Fa-f]{{2}}([{SEPARATORS[1:]}-]?[0-9A-Fa-f]{{2}}){{7}}[{AROUND}]*"
PLACEHOLDERS = (0, 2**64 - 1)
"""Eight pairs of 00 or of FF: what stands where an identifier is not known."""


def device_type(given: str) -> str:
    """The type that a value is, whatever its case; NULL where it is none."""
    return word(given, DeviceType, keyed(given, TYPES))


def device_type_of(text: str) -> str:
    """As `device_type`, of a text. Raises ValueError where it is none."""
    found = capitals(text) or ""
    return DeviceType(TYPES.get(found, found))


def status(given: str) -> str:
    """The status that a value is, in any case, with blanks, hyphens or underscores between words; NULL for none."""
    return word(given, Status, keyed(f"translate({given}, {literal(BETWEEN_WORDS)}, '')", STATUSES))


def status_of(text: str) -> str | None:
    """As `status`, of a text. Raises ValueError where it is none."""
    found = capitals(text)
    return found and Status(STATUSES.get(found.translate(dict.fromkeys(map(ord, BETWEEN_WORDS))), found))


def says_no_status(given: str) -> str:
    """Whether a value is a word for a device without a status."""
    return f"coalesce(upper({given}) IN ({', '.join(map(literal, NO_STATUS))}), false)"


def device_number(given: str) -> str:
    """The EUI-64 in a value as the 64-bit number that it is; NULL where it is none.

    Pairs or fours of hexadecimal digits in either case, joined by hyphens, colons, blanks or nothing, perhaps after 0x.
    """
    # Nearly all are eight pairs with hyphens: then 16 digits are left. The cast refuses all else but underscores.
    digits = f"replace(concat('0x', {given}), '-', '')"
    usual = f"{given} LIKE '__-__-__-__-__-__-__-__' AND strlen({digits}) = 18 AND NOT contains({digits}, '_')"
    bare = f"right(translate({given}, {literal(SEPARATORS + AROUND)}, ''), 16)"
    return f"""
        CASE WHEN {usual} THEN TRY_CAST({digits} AS UBIGINT)
             WHEN regexp_full_match({given}, {literal(EUI_64)}) THEN TRY_CAST(concat('0x', {bare}) AS UBIGINT) END
    """


def no_device_id(given: str, number: str) -> list[Case]:
    """A value that is no device identifier, or only holds the place of one. `number`: what `device_number` made of it.

    Two meters whose identifiers are not known are not one meter, so such a line is no device.
    """
    decimal = "is a decimal number or was rounded by a spreadsheet. Export the column as text, in hexadecimal digits."
    other = "is not a device identifier: 16 hexadecimal digits, such as 00-DB-12-34-56-78-90-A0."
    return [
        (f"{number} IN ({', '.join(map(str, PLACEHOLDERS))})", of(given, "only holds the place of an identifier.")),
        (f"{number} IS NULL AND regexp_full_match({given}, '[0-9]{{17,20}}|[0-9.]+[eE][+][0-9]+')", of(given, decimal)),
        (f"{number} IS NULL", of(given, other)),
    ]


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
