"""The one door for reads. Every question takes a `scope` or an `actor` first; counts come from published runs.

In: a scope and what is asked. Out: dataclasses and querysets. Called by views, API, commands, exports.
"""

from .alerts import KINDS as ALERT_KINDS
from .alerts import (
    AlertQueue,
    AlertsAsked,
    AlertsAt,
    OneAlertLine,
    alert_count,
    alert_is_ours,
    alert_line,
    alert_meanings,
    alert_page,
    alert_queue,
    alert_rows,
    alerts_at,
    sees_alerts,
)
from .audit import audit, sees_work
from .behind import read_ahead
from .causes import Causes, Chart, Class, causes
from .changing import COLUMNS as CHANGE_COLUMNS
from .changing import EVERY_CHANGE, ChangingPage, changing_csv, changing_page
from .changing import Asked as ChangesAsked
from .cohorts import AtRun, CohortFound, CohortRow, cohort, cohort_members, cohorts
from .columns import Kept, kept_columns, kept_columns_by_id
from .common import RunTotals, Totals, TrendPoint, newest_run, page_stamp
from .comparing import MOVES, SETS, Compared, Narrowed, NotThere, compared, compared_csv
from .comparing import PER_PAGE as COMPARED_PER_PAGE
from .corrections import (
    Answers,
    Foreseen,
    Sending,
    answers_of,
    correction_file,
    correction_lines,
    file_content,
    foreseen_corrections,
    manifest_of,
    sending,
    sending_lines,
    sendings,
    table_content,
)
from .coverage import COLUMNS as COVERAGE_COLUMNS
from .coverage import OPENED as COVERAGE_OPENED
from .coverage import ORDERS as COVERAGE_ORDERS
from .coverage import USUAL_ORDER as COVERAGE_ORDER
from .coverage import CanNow, OfSupplier, Waiting, can_now, coverage_csv, waiting
from .discrepancies import ORDERS as DISCREPANCY_ORDERS
from .discrepancies import USUAL_ORDER as DISCREPANCY_ORDER
from .discrepancies import Found, Stated, discrepancies, discrepancy, discrepancy_list, found_by
from .explained import explained
from .extracts import ORDERS as EXTRACT_ORDERS
from .extracts import LoadReport, extract, extracts, lacking, read_by
from .facets import Facet, Option
from .feeds import LATE, ON_TIME, OVERDUE, FeedState, feeds
from .feeds import late as late_feeds
from .generations import GenerationTotals
from .headings import Asked, Preview, asked_headings, preview_headings
from .health import JOBS as PARTS_OF_JOBS
from .health import PAGES as PARTS_OF_PAGES
from .health import READINESS as PARTS_OF_READINESS
from .health import Health, health
from .jobs import BadLine, Beside, JobPage, held_jobs, job, job_page, jobs
from .lateness import Late, PartyReplay, RunStood, late_now, party_replay
from .loads import Loads, loads
from .look_up import MOST as MOST_LOOKED_UP
from .look_up import OPEN, RIGHT, WRONG, LookedUp, LookUp, look_up
from .matrix import Cell, MatrixRow
from .metrics import metrics
from .order import Cut, NoPlace, Place, Sorted
from .overview import Overview, overview
from .pages import OtherRun, Piece, discrepancy_page, extract_page, run_page
from .parties import PartyList, PartyPage, PartyTotals, RuleTotals, is_party, parties, party
from .points import Finding, MeterPoint, evidence, meter_point
from .replayed import ReplayAsked, Replayed, ReplayedTally, replay_asked, replayed, replayed_csv, replayed_days
from .runs import RunList, RunPage, run, runs
from .saved_views import HabitsOf, OneView, habits, one_view, view_problem, views
from .sessions import sessions
from .standing import Bridge, Group, Standing, Step
from .storage import Storage, storage
from .what_if import FILE_LIMIT, WhatIf, what_if
from .what_if import Group as ChangesGroup
from .withdrawing import Instead, Withdrawing, withdrawing
from .work import (
    QUEUE_ORDERS,
    RaisedWithUs,
    WorkList,
    WorkRow,
    inbox,
    raised_rows,
    raised_with_us,
    reasons,
    unread,
    work_facet,
    work_file_plan,
    work_filter,
    work_list,
    work_page,
    work_row,
)
from .work_history import OF_WORK, PARTS, Past, Recorded, work_entry, work_past, work_record, work_record_rows

__all__ = [
    "ALERT_KINDS",
    "CHANGE_COLUMNS",
    "COMPARED_PER_PAGE",
    "COVERAGE_COLUMNS",
    "COVERAGE_OPENED",
    "COVERAGE_ORDER",
    "COVERAGE_ORDERS",
    "DISCREPANCY_ORDER",
    "DISCREPANCY_ORDERS",
    "EVERY_CHANGE",
    "EXTRACT_ORDERS",
    "FILE_LIMIT",
    "LATE",
    "MOST_LOOKED_UP",
    "MOVES",
    "OF_WORK",
    "ON_TIME",
    "OPEN",
    "OVERDUE",
    "PARTS",
    "PARTS_OF_JOBS",
    "PARTS_OF_PAGES",
    "PARTS_OF_READINESS",
    "QUEUE_ORDERS",
    "RIGHT",
    "SETS",
    "WRONG",
    "AlertQueue",
    "AlertsAsked",
    "AlertsAt",
    "Answers",
    "Asked",
    "AtRun",
    "BadLine",
    "Beside",
    "Bridge",
    "CanNow",
    "Causes",
    "Cell",
    "ChangesAsked",
    "ChangesGroup",
    "ChangingPage",
    "Chart",
    "Class",
    "CohortFound",
    "CohortRow",
    "Compared",
    "Cut",
    "Facet",
    "FeedState",
    "Finding",
    "Foreseen",
    "Found",
    "GenerationTotals",
    "Group",
    "HabitsOf",
    "Health",
    "Instead",
    "JobPage",
    "Kept",
    "Late",
    "LoadReport",
    "Loads",
    "LookUp",
    "LookedUp",
    "MatrixRow",
    "MeterPoint",
    "Narrowed",
    "NoPlace",
    "NotThere",
    "OfSupplier",
    "OneAlertLine",
    "OneView",
    "Option",
    "OtherRun",
    "Overview",
    "PartyList",
    "PartyPage",
    "PartyReplay",
    "PartyTotals",
    "Past",
    "Piece",
    "Place",
    "Preview",
    "RaisedWithUs",
    "Recorded",
    "ReplayAsked",
    "Replayed",
    "ReplayedTally",
    "RuleTotals",
    "RunList",
    "RunPage",
    "RunStood",
    "RunTotals",
    "Sending",
    "Sorted",
    "Standing",
    "Stated",
    "Step",
    "Storage",
    "Totals",
    "TrendPoint",
    "Waiting",
    "WhatIf",
    "Withdrawing",
    "WorkList",
    "WorkRow",
    "alert_count",
    "alert_is_ours",
    "alert_line",
    "alert_meanings",
    "alert_page",
    "alert_queue",
    "alert_rows",
    "alerts_at",
    "answers_of",
    "asked_headings",
    "audit",
    "can_now",
    "causes",
    "changing_csv",
    "changing_page",
    "cohort",
    "cohort_members",
    "cohorts",
    "compared",
    "compared_csv",
    "correction_file",
    "correction_lines",
    "coverage_csv",
    "discrepancies",
    "discrepancy",
    "discrepancy_list",
    "discrepancy_page",
    "evidence",
    "explained",
    "extract",
    "extract_page",
    "extracts",
    "feeds",
    "file_content",
    "foreseen_corrections",
    "found_by",
    "habits",
    "health",
    "held_jobs",
    "inbox",
    "is_party",
    "job",
    "job_page",
    "jobs",
    "kept_columns",
    "kept_columns_by_id",
    "lacking",
    "late_feeds",
    "late_now",
    "loads",
    "look_up",
    "manifest_of",
    "meter_point",
    "metrics",
    "newest_run",
    "one_view",
    "overview",
    "page_stamp",
    "parties",
    "party",
    "party_replay",
    "preview_headings",
    "raised_rows",
    "raised_with_us",
    "read_ahead",
    "read_by",
    "reasons",
    "replay_asked",
    "replayed",
    "replayed_csv",
    "replayed_days",
    "run",
    "run_page",
    "runs",
    "sees_alerts",
    "sees_work",
    "sending",
    "sending_lines",
    "sendings",
    "sessions",
    "storage",
    "table_content",
    "unread",
    "view_problem",
    "views",
    "waiting",
    "what_if",
    "withdrawing",
    "work_entry",
    "work_facet",
    "work_file_plan",
    "work_filter",
    "work_list",
    "work_page",
    "work_past",
    "work_record",
    "work_record_rows",
    "work_row",
]
