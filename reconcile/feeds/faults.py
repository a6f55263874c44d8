"""What can be wrong with a line, as a closed list: the column and the fault, in words that hold nothing of the file.

In: the reason of a Reject, which may quote a value. Out: one of the words here, or OTHER. Called by ledger.rejected:
everybody may read these, and the reasons themselves only who may load.
"""

import re
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

OTHER = "Line: cannot be loaded"

# A value stands at the place of ANY and may be of any length; what is around it is ours.
ANY = "(?s:.*)"
NAMED = r"(?:meter point number|MPAN|MPRN|ImportMPxN|SecondaryImportMPAN|ExportMPAN)"
FAULTS = {
    r"The line has \d+ fields?, \d+ are needed\.": "Line: too many or too few fields",
    r"The line cannot be taken apart into fields\.": "Line: cannot be taken apart into fields",
    r"The line is longer than 1 MB\.": "Line: longer than 1 MB",
    r"A quotation mark in the line is not closed, or stands in the middle of a value\.": "Line: a bad quotation mark",
    r"The heading line is repeated here\.": "Line: the headings are repeated",
    rf"The line has no {NAMED}\.": "Meter Point: missing",
    r"The rejection names no MPAN\.": "Meter Point: missing",
    rf"'{ANY}' stands under \"{ANY}\", but (?:an MPAN has 13 digits|it is an MPAN; an MPRN has 1 to 10 digits)\.": (
        "Meter Point: of the other fuel than its heading says"
    ),
    rf"'{ANY}' is a number in scientific notation: a spreadsheet has rounded it\. Export the column as text\.": (
        "Meter Point: rounded by a spreadsheet"
    ),
    r"MPAN \d+ has a wrong check digit \(expected \d\)\.": "Meter Point: a wrong check digit",
    rf"'{ANY}' is no {NAMED}: it must have digits only\.": "Meter Point: not digits only",
    rf"'{ANY}' is no {NAMED}: it is zero\.": "Meter Point: zero",
    rf"'{ANY}' has \d+ digits: an MPAN has 13, an MPRN 1 to 10\.": "Meter Point: not 13 digits, nor 1 to 10",
    rf"MPAN {ANY} begins with 0: no network has such numbers\.": "Meter Point: begins with 0",
    rf"'{ANY}' is (?:not an MPAN: it must have 13 digits|an MPAN; an MPRN has 1 to 10 digits)\.": (
        "Meter Point: of the other fuel than the file"
    ),
    rf"{NAMED} needs an MPAN, not {ANY}\.": "Meter Point: of the other fuel than its column",
    rf"'{ANY}' is no {NAMED}\.": "Meter Point: not a number of one",
    r"The line has no DCC Service Flag\.": "DCC Service Flag: missing",
    rf"'{ANY}' is a yes/no value, not a DCC Service Flag: {ANY}": "DCC Service Flag: yes or no in its place",
    rf"'{ANY}' is not a DCC Service Flag \(A, N, I, S, W or empty\)\.": "DCC Service Flag: not A, N, I, S, W or empty",
    r"The line has no effective from date\.": "Date: missing",
    rf"The meter was removed on no date that can be read: {ANY}": "Date: not a date",
    rf"{ANY} is not a date\.": "Date: not a date",
    rf"'{ANY}' is no supplier code: it is longer than \d+ characters\.": "Supplier: longer than a code",
    rf"'{ANY}' only holds the place of an identifier\.": "DeviceID: only the place of one",
    rf"'{ANY}' is a decimal number or was rounded by a spreadsheet\. {ANY}": "DeviceID: a decimal number, or rounded",
    rf"'{ANY}' is not a device identifier: 16 hexadecimal digits, such as {ANY}": "DeviceID: not 16 hexadecimal digits",
    rf"No device type '{ANY}' in the SMI\.": "DeviceType: none of the SMI",
    rf"No device status '{ANY}' in the SMI\.": "DeviceStatus: none of the SMI",
    r"The device has no status; only an IHD or a CAD may be without\.": "DeviceStatus: missing",
    rf"Group '{ANY}' (?:is not a group of|stands outside of any) {ANY}": "Group: not one of the flow, or out of place",
    rf"Group {ANY} stands (?:before|without) {ANY}, the group that it belongs to\.": "Group: out of place",
    rf"Line \d+ within this {ANY} cannot be read: {ANY}": "Line: a line that belongs to it cannot be read",
    rf"Record type '{ANY}' is not E4[56]\.": "Record type: not that of the file",
    rf"This is an E4[56] {ANY}": "Record type: of another kind of file",
    rf"'{ANY}' is not an outcome \(AC or RJ\)\.": "Outcome: not AC or RJ",
    rf"'{ANY}' is not an instruction type of this flow {ANY}": "Instruction type: not of this flow",
    rf"'{ANY}' is no number of instructions {ANY}": "Count of instructions: not a number",
    r"The line names no file\.": "File: missing",
    r"The line has no alert code\.": "Alert code: missing",
    rf"'{ANY}' is no alert code: it is longer than \d+ characters\.": "Alert code: longer than a code",
    r"The alert has no time\.": "Time: missing",
    rf"'{ANY}' is not a day with a time, such as {ANY}": "Time: not a day with a time",
    r"The alert names neither a device nor a Meter Point\.": "Line: neither a device nor a Meter Point",
    r"The line names no device\.": "DeviceID: missing",
    r"The line has no postcode\.": "Postcode: missing",
    rf"'{ANY}' is neither a postcode nor its outward part\.": "Postcode: not one, nor its outward part",
    rf"'{ANY}' does not say whether there is coverage {ANY}": "Coverage: neither true nor false",
    rf"'{ANY}' is no source of a reading {ANY}": "Source: not GSME, GPF or ESME",
    rf"'{ANY}' is no state of a clock {ANY}": "Clock: not reliable, unreliable or invalid",
    rf"'{ANY}' is (?:no time|later than the file), though the clock {ANY}": "Time: not one of a reading",
    rf"'{ANY}' does not say whether registration was notified \(yes or no\)\.": "Notified: not yes or no",
    r"The line names no manufacturer\.": "Manufacturer: missing",
    r"The update ends before it starts\.": "Time: ends before it starts",
    rf"The response is an error \({ANY}\), and tells nothing of its devices\.": "Response: an error",
    rf"The look-up answered {ANY}: it tells nothing of the devices? ?{ANY}": "Response: an error",
    rf"'{ANY}' (?:stands twice, with different values|is no single value)\.": "Line: a name with several values",
}
"""Reason, whole -> the fault that it speaks of."""
WORDS = frozenset({*FAULTS.values(), OTHER})
_FAULTS = [(re.compile(pattern), fault) for pattern, fault in FAULTS.items()]


@lru_cache(4096)
def fault_of(reason: str) -> str:
    """The fault that a reason speaks of."""
    return next((fault for pattern, fault in _FAULTS if pattern.fullmatch(reason)), OTHER)


def only_faults(counts: Mapping[str, int]) -> dict[str, int]:
    """Counts by fault, of what was kept of a load: whatever is none of the list, as in loads of old, is OTHER."""
    found: Counter[str] = Counter()
    for fault, lines in counts.items():
        found[fault if fault in WORDS else OTHER] += lines
    return dict(found)
