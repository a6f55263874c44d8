"""A file of assignments: the columns of work in the discrepancy CSV, which teams fill in and load back.

In: nothing. Out: the columns with the headings that they may have, and every reason for which a line is refused.
Called by ledger.work_file.
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

COLUMNS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        # column -> the headings that it may have, without case, blanks and punctuation
        "mpxn": ("mpxn", "mpan", "mpancore", "mprn", "meterpoint", "meterpointnumber", "meterpointreference"),
        "rule": ("rule", "rulecode", "problem"),
        "assignee": ("assignee", "assignedto", "assigned", "owner", "colleague"),
        "work_state": ("workstate", "work", "workstatus"),
        "raised_to": ("raisedto", "raisedwith"),
        "reference": ("reference", "ref", "ourreference", "theirreference", "ticket"),
        "note": ("note", "notes", "comment", "comments", "remark", "remarks"),
    }
)
KEY = ("mpxn", "rule")
OF_WORK = tuple(name for name in COLUMNS if name not in KEY)
"""As they stand at the end of the discrepancy CSV. An empty value says nothing; so does a column that is not there."""
NOBODY = "nobody"
"""As an assignee: whoever has it gives it back."""
MOST_LINES = 200_000
MOST_BYTES = 30_000_000
MOST_TOLD = 20
"""Lines of a reason that a page names; the CSV of refused lines has all."""


class Fault(StrEnum):
    """Why a line is refused. The reasons are fixed, so that lines can be counted by them."""

    ROUNDED = "A spreadsheet has rounded the number, as in 1.0E+12: format its column as text, and fill it in anew"
    NO_NUMBER = "No Meter Point number"
    BAD_NUMBER = "Not a Meter Point number: an MPAN has 13 digits and an MPRN 1 to 10"
    NO_RULE = "No rule"
    UNKNOWN_RULE = "No such rule"
    TOO_MANY = "More values than headings"
    TWICE = "An earlier line is of the same Meter Point and rule"
    NOT_YOURS = "No such discrepancy within your party's sight"
    NO_COLLEAGUE = "Nobody of that name works for your party"
    UNKNOWN_STATE = "Not a work state: to_do, raised, explained or closed"
    RUN_CLOSES = "Only a run closes it"
    RESOLVED = "Resolved already: it can be assigned and noted, and nothing else"
    NO_PARTY = "It cannot be raised with that party"
    OWN = "Your own party acts on it, and nobody raises with themselves"
    REFERENCE_ALONE = "A reference or a party, but it is not raised"
    LONG_REFERENCE = "The reference has more than 60 characters"
    LONG_NOTE = "The note has more than 4,000 characters"
    NO_REASON = "To be explained, and the note does not begin with one of your party's reasons"
