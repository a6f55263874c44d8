"""The API: discrepancies with the filter of the pages, work, causes, runs, extracts. Its addresses: `router`."""

from rest_framework.routers import DefaultRouter

from .views import CausesViewSet, DiscrepancyViewSet, ExtractViewSet, RunViewSet
from .work import WorkViewSet

router = DefaultRouter()
router.include_format_suffixes = False
router.register("discrepancies", DiscrepancyViewSet, basename="api-discrepancy")
router.register("work", WorkViewSet, basename="api-work")
router.register("causes", CausesViewSet, basename="api-cause")
router.register("runs", RunViewSet, basename="api-run")
router.register("extracts", ExtractViewSet, basename="api-extract")
