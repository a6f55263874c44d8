"""The API: discrepancies with the filter of the pages, work, causes, look-ups, runs, extracts: `router`."""

from rest_framework.routers import DefaultRouter

from .look_up import LookUpViewSet
from .views import CausesViewSet, DiscrepancyViewSet, ExtractViewSet, RunViewSet
from .work import WorkViewSet

router = DefaultRouter()
router.include_format_suffixes = False
router.register("discrepancies", DiscrepancyViewSet, basename="api-discrepancy")
router.register("work", WorkViewSet, basename="api-work")
router.register("causes", CausesViewSet, basename="api-cause")
router.register("look-up", LookUpViewSet, basename="api-look-up")
router.register("runs", RunViewSet, basename="api-run")
router.register("extracts", ExtractViewSet, basename="api-extract")
