"""The read-only API: discrepancies with the filter of the pages, causes, runs, extracts. Its addresses: `router`."""

from rest_framework.routers import DefaultRouter

from .views import CausesViewSet, DiscrepancyViewSet, ExtractViewSet, RunViewSet

router = DefaultRouter()
router.include_format_suffixes = False
router.register("discrepancies", DiscrepancyViewSet, basename="api-discrepancy")
router.register("causes", CausesViewSet, basename="api-cause")
router.register("runs", RunViewSet, basename="api-run")
router.register("extracts", ExtractViewSet, basename="api-extract")
