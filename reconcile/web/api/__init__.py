"""The read-only API: discrepancies with the filter of the pages, runs, extracts. Its addresses are in `router`."""

from rest_framework.routers import DefaultRouter

from .views import DiscrepancyViewSet, ExtractViewSet, RunViewSet

router = DefaultRouter()
router.include_format_suffixes = False
router.register("discrepancies", DiscrepancyViewSet, basename="api-discrepancy")
router.register("runs", RunViewSet, basename="api-run")
router.register("extracts", ExtractViewSet, basename="api-extract")
