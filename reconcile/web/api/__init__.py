"""The API: what the pages show and change, as JSON. `router` has every address."""

from rest_framework.routers import DefaultRouter

from .alerts import AlertViewSet
from .cohorts import CohortViewSet
from .corrections import CorrectionViewSet
from .coverage import CoverageViewSet
from .data import ExtractViewSet, RunViewSet
from .jobs import JobViewSet
from .look_up import LookUpViewSet
from .policies import PolicyViewSet
from .queue_views import ViewViewSet
from .replay import ReplayViewSet
from .replayed import ReplayedViewSet
from .views import CausesViewSet, DiscrepancyViewSet
from .what_if import WhatIfViewSet
from .work import WorkViewSet
from .work_more import AssignmentViewSet, InboxViewSet, RaisedViewSet, ReasonViewSet, RecordViewSet

router = DefaultRouter()
router.include_format_suffixes = False
router.register("discrepancies", DiscrepancyViewSet, basename="api-discrepancy")
# Before those that begin with them: what follows "work/" is the id of a row.
router.register("work/raised", RaisedViewSet, basename="api-work-raised")
router.register("work/inbox", InboxViewSet, basename="api-work-inbox")
router.register("work/reasons", ReasonViewSet, basename="api-work-reasons")
router.register("work/history", RecordViewSet, basename="api-work-record")
router.register("work/assignments", AssignmentViewSet, basename="api-work-file")
router.register("work/views", ViewViewSet, basename="api-work-view")
router.register("work/cohorts", CohortViewSet, basename="api-work-cohort")
router.register("work", WorkViewSet, basename="api-work")
router.register("alerts", AlertViewSet, basename="api-alert")
router.register("causes", CausesViewSet, basename="api-cause")
router.register("coverage", CoverageViewSet, basename="api-coverage")
router.register("look-up", LookUpViewSet, basename="api-look-up")
router.register("corrections", CorrectionViewSet, basename="api-correction")
router.register("policies", PolicyViewSet, basename="api-policy")
router.register("what-if", WhatIfViewSet, basename="api-what-if")
router.register("replays", ReplayedViewSet, basename="api-replayed")
router.register("replay", ReplayViewSet, basename="api-replay")
router.register("runs", RunViewSet, basename="api-run")
router.register("extracts", ExtractViewSet, basename="api-extract")
router.register("jobs", JobViewSet, basename="api-job")
