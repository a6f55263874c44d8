"""A party's work on discrepancies changes: by its people, by those it raised something with, and by what a run finds.

In: what is asked, of which rows. Out: one entry of the record, with a version of each row. Called by ledger.operations,
ledger.work and ledger.record.
"""

from .answering import answer
from .asked import MOST_CHOSEN, Change, Selection, WorkError
from .changing import Wanted, change, entry_of, lock, must_see, must_stand
from .cohorts import follow_cohorts, write_members
from .evidence import follow, return_due
from .reasons import reasons_of
from .sending import follow_sent, leave_queue

__all__ = [
    "MOST_CHOSEN",
    "Change",
    "Selection",
    "Wanted",
    "WorkError",
    "answer",
    "change",
    "entry_of",
    "follow",
    "follow_cohorts",
    "follow_sent",
    "leave_queue",
    "lock",
    "must_see",
    "must_stand",
    "reasons_of",
    "return_due",
    "write_members",
]
