"""What people touch: parties, extracts, runs, discrepancies and their life, jobs.

Written by ledger.operations and ledger.record only; read through ledger.queries. No logic in save(), no signals.
"""

from .alerts import Alert, AlertLine, AlertMeaning, AlertVersion, Contradiction
from .audit import AuditEntry
from .cohorts import Cohort, CohortMember, CohortMove
from .columns import KeptColumns, KeptColumnsEvent
from .corrections import Correction, CorrectionFile, CorrectionLine
from .discrepancies import Discrepancy, Event
from .extracts import Extract, ExtractNetwork, Withdrawal
from .identity import Identity
from .jobs import Job, JobEvent, SignOfLife
from .meters import MeterKind
from .parties import Membership, Party, Role
from .replays import ReplayedDay
from .runs import DiscrepancyCount, MismatchCount, MoveCount, PointCount, Run, RunInput
from .sessions import Session
from .views import Habits, View
from .work import Answer, Mention, Raising, Reason, WorkItem, WorkVersion

__all__ = [
    "Alert",
    "AlertLine",
    "AlertMeaning",
    "AlertVersion",
    "Answer",
    "AuditEntry",
    "Cohort",
    "CohortMember",
    "CohortMove",
    "Contradiction",
    "Correction",
    "CorrectionFile",
    "CorrectionLine",
    "Discrepancy",
    "DiscrepancyCount",
    "Event",
    "Extract",
    "ExtractNetwork",
    "Habits",
    "Identity",
    "Job",
    "JobEvent",
    "KeptColumns",
    "KeptColumnsEvent",
    "Membership",
    "Mention",
    "MeterKind",
    "MismatchCount",
    "MoveCount",
    "Party",
    "PointCount",
    "Raising",
    "Reason",
    "ReplayedDay",
    "Role",
    "Run",
    "RunInput",
    "Session",
    "SignOfLife",
    "View",
    "Withdrawal",
    "WorkItem",
    "WorkVersion",
]
