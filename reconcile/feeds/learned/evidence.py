"""What speaks for a meaning: the words of a heading, and what the values below it look like.

In: headings and a few values. Out: Looks, and Signs by meaning. Called by guess. What a value is, `values` says.
"""

import re
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import duckdb
import pyarrow as pa

from reconcile.domain.vocabulary import LDZ_NETWORK, mpan_is_valid, mprn_is_valid

from ..files.headings import simplified
from ..sql import keyed, literal
from ..values import dates, devices, flags, networks, numbers
from ..values.texts import value


class Look(StrEnum):
    """What values are taken for, in words."""

    MPAN = "MPANs with right check digits"
    MPRN = "MPRNs with right check digits"
    DEVICE_ID = "device identifiers"
    DEVICE_TYPE = "device types"
    STATUS = "device statuses"
    FLAG = "DCC Service Flags"
    YES_NO = "yes or no"
    DATE = "dates"
    LDZ = "LDZs"
    NETWORK = "gas networks"
    MPID = "market participants' codes"
    POSTCODE = "postcodes"
    SMETS = "SMETS or CHTS versions"


class Sign(NamedTuple):
    """What a column of one meaning is like: words of its heading (a pattern, over words in small letters) and values.

    `values_alone`: they say it whatever the heading is. `never`: words that speak against it.
    """

    words: str
    looks: tuple[Look, ...] = ()
    values_alone: bool = False
    never: str = ""


POINTS = (Look.MPAN, Look.MPRN)
BEGINNING = r"from|date|\bdt\b|since|start|began|begin|efd|effective|eff"
OTHER_DATES = r"\bto\b|\bend|until|expir|read|birth|due|next|printed|extract|load|creat"
OTHER_PARTIES = r"previous|\bold\b|prior|gaining|losing|name|date|from|start|efd"
SIGNS: dict[str, Sign] = {
    "mpxn": Sign(r"mp[ax]n|mprn|meter ?point|supply ?(meter|point|number)|\bmp ?(ref|no|num|id)", POINTS, True),
    "flag": Sign(r"flag|\bdcc\b|service|\bsvc|\bind\b|indicator|enrol", (Look.FLAG,), True, r"date|from|efd|since"),
    "flag_from": Sign(
        rf"(flag|dcc|service|svc|smart|live).*({BEGINNING})|effective|\befd\b|\beff\b",
        (Look.DATE,),
        never=rf"{OTHER_DATES}|install|commission|supplier|supply|tariff|energi",
    ),
    "supplier": Sign(r"suppl|retailer", (Look.MPID,), never=rf"{OTHER_PARTIES}|point|number|address"),
    "ldz": Sign(r"\bldz\b|zone", (Look.LDZ,), True),
    "network": Sign(r"network|transporter|distributor|\bgdn\b|\bigt\b", (Look.NETWORK, Look.MPID)),
    "trading_status": Sign(r"trading.*stat"),
    "rmp_state": Sign(r"\brmp\b.*stat"),
    "energisation_status": Sign(r"energi[sz]ation.*stat"),
    "DeviceID": Sign(r"device|guid|\beui|asset|\bid\b", (Look.DEVICE_ID,), True),
    "DeviceType": Sign(r"type|kind|class", (Look.DEVICE_TYPE,), True),
    "DeviceStatus": Sign(r"stat(us|e)\b|lifecycle", (Look.STATUS,), True, r"date|since|from"),
    "StatusDate": Sign(
        rf"(stat(us|e)|smi|lifecycle).*({BEGINNING}|chang|updat)|^since|status ?d(ate|t)",
        (Look.DATE,),
        never=OTHER_DATES,
    ),
    "DateCommissioned": Sign(r"commis", (Look.DATE,), never=r"decommis"),
    "ImportMPxN": Sign(
        r"import|mp[ax]n|mprn|meter ?point|supply ?(point|number)|\bmp ?(ref|no|num|id)", POINTS, True, r"export|second"
    ),
    "SecondaryImportMPAN": Sign(r"second", (Look.MPAN,)),
    "ExportMPAN": Sign(r"export", (Look.MPAN,)),
    "SMETSCHTSVersion": Sign(r"smets|chts", (Look.SMETS,)),
    "DeviceManufacturer": Sign(r"manufact|maker|\bmake\b"),
    "DeviceModel": Sign(r"model"),
    "DeviceFirmwareVersion": Sign(r"firmware|\bfw\b"),
    "postcode": Sign(r"post ?code", (Look.POSTCODE,)),
    "PostCode": Sign(r"post ?code", (Look.POSTCODE,)),
    "CSPRegion": Sign(r"\bcsp\b|region"),
}

CHECKS: dict[Look, str] = {
    Look.DEVICE_ID: f"{devices.device_number('given')} IS NOT NULL",
    Look.DEVICE_TYPE: f"{devices.device_type('given')} IS NOT NULL",
    Look.STATUS: f"{devices.status('given')} IS NOT NULL",
    Look.FLAG: f"{flags.flag('given')} IS NOT NULL",
    Look.YES_NO: f"upper(given) IN ({', '.join(map(literal, flags.YES_NO))})",
    # Numbers of a spreadsheet's days look like many other things.
    Look.DATE: f"{dates.day('given')} IS NOT NULL AND NOT regexp_full_match(given, '[0-9]{{1,7}}([.].*)?')",
    Look.LDZ: f"{keyed('given', LDZ_NETWORK)} IS NOT NULL",
    Look.NETWORK: f"{keyed('given', networks.GAS_NETWORK_CODES)} IS NOT NULL",
    Look.MPID: "regexp_full_match(given, '[A-Z]{4}')",
    Look.POSTCODE: "regexp_full_match(upper(given), '[A-Z]{1,2}[0-9][A-Z0-9]? ?[0-9][A-Z]{2}')",
    Look.SMETS: "regexp_matches(upper(given), '^(SMETS|CHTS|V[0-9])')",
}
Looks = dict[Look, float]
"""The share of a column's values that a look fits."""


def looks_of(con: duckdb.DuckDBPyConnection, columns: Sequence[Sequence[str]]) -> list[Looks]:
    """What the values of each column look like; nothing where there are none."""
    given = pa.table(
        {
            "place": pa.array([at for at, values in enumerate(columns) for _ in values], pa.int32()),
            "text": pa.array([one for values in columns for one in values], pa.string()),
        }
    )
    # A connection of its own: this one may be in the middle of an answer.
    cursor = con.cursor()
    cursor.register("sampled", given)
    shares = ", ".join(f"count_if({check}) / count(*)" for check in CHECKS.values())
    number = numbers.number("given")
    found = cursor.execute(f"""
        SELECT place, count(*), list({number}) FILTER (WHERE {number} IS NOT NULL), {shares}
        FROM (SELECT place, {value("text")} AS given FROM sampled) WHERE given IS NOT NULL GROUP BY place
    """).fetchall()
    cursor.close()
    looks: list[Looks] = [{} for _ in columns]
    for place, count, read, *fits in found:
        of_points = _points(read or [], count)
        looks[place] = {look: share for look, share in zip(CHECKS, fits, strict=True) if share} | of_points
        if Look.YES_NO in looks[place]:
            # Where one answers yes, an N is no flag either.
            looks[place].pop(Look.FLAG, None)
    return looks


def _points(read: list[int], count: int) -> Looks:
    mpans = sum(mpan_is_valid(str(number)) for number in read)
    mprns = sum(number >= 10**5 and mprn_is_valid(str(number)) for number in read)
    return {look: found / count for look, found in ((Look.MPAN, mpans), (Look.MPRN, mprns)) if found}


def looks_like_data(text: str) -> bool:
    """Whether a text is no heading but a value: a date, a device identifier, a number of five digits or more."""
    plain = re.fullmatch(r"[\d ./:-]*\d{4}[\d ./:TZ-]*", text)
    return bool(plain or re.fullmatch(devices.EUI_64, text))


def words_of(heading: str) -> str:
    """The words of a heading in small letters, and all as one: `mpanCore` and `MPAN_CORE` are `mpan core mpancore`."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+", " ", heading)
    return f"{apart.strip().lower()} {simplified(heading)}"
