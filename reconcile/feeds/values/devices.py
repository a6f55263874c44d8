"""Device identifiers and descriptions: as SQL reads them, and as people do.

In: the name of a text column, or a value of a device row. Out: SQL fragments, or text. Called by the formats
and lake.trace.
"""

DESCRIPTION = {
    "smets": "SMETSCHTSVersion",
    "manufacturer": "DeviceManufacturer",
    "model": "DeviceModel",
    "firmware": "DeviceFirmwareVersion",
    "csp_region": "CSPRegion",
}
"""What only a person reads of a device. It is kept as one text, a fifth of what five cost to sort and write."""
DESCRIPTION_MARK = "\x1f"


def hexadecimal(column: str) -> str:
    """The digits of a device identifier, written so that a cast makes a number of them."""
    return f"replace(concat('0x', {column}), '-', '')"


def device_number(column: str, digits: str) -> str:
    """The EUI-64 in a text as the 64-bit number that it is; NULL where it is none. `digits`: its `hexadecimal`."""
    trimmed = f"trim({column})"
    # CASE, because what a coalesce falls back on is worked out for every row if it is used more than once.
    return (
        f"CASE WHEN {_is_eui_64(column, digits)} THEN TRY_CAST({digits} AS UBIGINT) "
        f"WHEN {_is_eui_64(trimmed, hexadecimal(trimmed))} THEN TRY_CAST({hexadecimal(trimmed)} AS UBIGINT) END"
    )


def _is_eui_64(column: str, digits: str) -> str:
    # With hyphens at seven places and nowhere else, 16 digits are left. The cast refuses all else but underscores.
    return f"{column} LIKE '__-__-__-__-__-__-__-__' AND strlen({digits}) = 18 AND NOT contains({digits}, '_')"


def eui_64_text(number: int) -> str:
    """A device identifier as people write it: 00-DB-12-34-56-78-90-A0."""
    return number.to_bytes(8).hex("-").upper()


def described(description: str | None) -> dict[str, str | None]:
    """The values of a kept description by the keys of DESCRIPTION; None where a value is blank or says NULL."""
    values = [value.strip() for value in (description or "").split(DESCRIPTION_MARK)]
    found = [value if value.upper() not in ("", "NULL") else None for value in values]
    return dict.fromkeys(DESCRIPTION) | dict(zip(DESCRIPTION, found, strict=False))
