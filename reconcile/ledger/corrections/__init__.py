"""Files to registration that put flags right: chosen, approved by their number, written, and kept as a record.

In: who asks, what chooses the rows. Out: a Correction, and the bytes of its files; what was answered to each line.
Called by ledger.operations, ledger.work and ledger.queries.
"""

from .asking import do_job, start_correction
from .choosing import MOST_LINES, Plan, planned
from .files import csv_chunks, file_chunks, files_of, manifest
from .following import brought_up_to_date, follow

__all__ = [
    "MOST_LINES",
    "Plan",
    "brought_up_to_date",
    "csv_chunks",
    "do_job",
    "file_chunks",
    "files_of",
    "follow",
    "manifest",
    "planned",
    "start_correction",
]
