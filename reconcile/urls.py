"""Every page and API address."""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode

from django.contrib.auth.decorators import login_required
from django.urls import include, path, register_converter
from django.urls.converters import IntConverter, StringConverter
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from reconcile.ledger import queries
from reconcile.models import Party
from reconcile.web import api
from reconcile.web.middleware import probes
from reconcile.web.parameters import takes
from reconcile.web.views import (
    account,
    alerts,
    causes,
    cohorts,
    comparisons,
    corrections,
    coverage,
    discrepancies,
    extracts,
    headings,
    jobs,
    look_up,
    overview,
    parties,
    points,
    policy,
    queue_views,
    record,
    replay,
    runs,
    storage,
    what_if,
    work,
    work_file,
    work_history,
)


class MeterPoint(IntConverter):
    """An MPAN or MPRN: no more than 13 digits."""

    regex = "[0-9]{1,13}"


class PartyCode(StringConverter):
    """A party's code, which comes from files and may hold anything: where it would lead elsewhere, in base 64.

    A browser takes `..` as the folder above, however it is written, and servers take an escaped slash as a slash.
    """

    regex = ".+"

    def to_url(self, value: str) -> str:
        """The code as a part of an address."""
        if PLAIN_CODE.fullmatch(value) and value not in {".", ".."}:
            return value
        return "~" + urlsafe_b64encode(value.encode()).decode().rstrip("=")

    def to_python(self, value: str) -> str:
        """The code. Raises ValueError, so that there is no such page, where nothing was written like this."""
        if not value.startswith("~"):
            return value
        return urlsafe_b64decode(value[1:] + "=" * (-len(value[1:]) % 4)).decode()


PLAIN_CODE = re.compile(r"[\w.? -]+", re.ASCII)
register_converter(MeterPoint, "mpxn")
register_converter(PartyCode, "party")
NETWORK, SUPPLIER = {"kind": Party.Kind.NETWORK}, {"kind": Party.Kind.SUPPLIER}

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("health/", probes.health, name="health"),
    path("health/web/", probes.health, {"parts": queries.PARTS_OF_PAGES}, name="health-web"),
    path("health/alive/", probes.alive, name="health-alive"),
    path("health/ready/", probes.health, {"parts": queries.PARTS_OF_READINESS}, name="health-ready"),
    path("login/", takes("next")(account.LogIn.as_view()), name="login"),
    path("logout/", account.LogOut.as_view(), name="logout"),
    path("account/", account.account, name="account"),
    path("account/end-others/", account.end_others, name="end_others"),
    path("discrepancies/", discrepancies.discrepancies, name="discrepancies"),
    path("discrepancies/export/", discrepancies.export, name="export"),
    path("work/", work.work, name="work"),
    path("work/facets/<slug:name>/", work.facet, name="work-facet"),
    path("work/change/", work.change, name="work-change"),
    path("work/raised/", work.raised, name="work-raised"),
    path("work/raised/<int:raising_id>/", work.raising, name="work-raising"),
    path("work/raised/<int:raising_id>/answer/", work.answer, name="work-answer"),
    path("work/history/", work_history.record, name="work-record"),
    path("work/history/csv/", work_history.record_csv, name="work-record-csv"),
    path("work/history/<int:entry_id>/", work_history.entry, name="work-entry"),
    path("work/reasons/", work_history.set_reasons, name="work-reasons"),
    path("work/file/", work_file.work_file, name="work-file"),
    path("work/file/load/", work_file.load, name="work-file-load"),
    path("work/file/refused/", work_file.refused, name="work-file-refused"),
    path("work/inbox/", work.inbox, name="work-inbox"),
    path("work/inbox/read/", work.read, name="work-read"),
    path("work/cohorts/", cohorts.cohorts, name="work-cohorts"),
    path("work/cohorts/freeze/", cohorts.freeze, name="work-cohort-freeze"),
    path("work/cohorts/<int:cohort_id>/", cohorts.cohort, name="work-cohort"),
    path("work/cohorts/<int:cohort_id>/csv/", cohorts.as_csv, name="work-cohort-csv"),
    path("work/cohorts/<int:cohort_id>/rename/", cohorts.rename, name="work-cohort-rename"),
    path("work/cohorts/<int:cohort_id>/remove/", cohorts.remove, name="work-cohort-remove"),
    path("work/columns/", queue_views.columns, name="work-columns"),
    path("work/keys/", queue_views.keys, name="work-keys"),
    path("work/desk/", queue_views.desk, name="work-desk"),
    path("work/views/", queue_views.views, name="work-views"),
    path("work/views/save/", queue_views.save, name="work-view-save"),
    path("work/views/start/", queue_views.start, name="work-view-start"),
    path("work/views/<slug:key>/", queue_views.view, name="work-view"),
    path("work/views/<int:view_id>/change/", queue_views.change, name="work-view-change"),
    path("work/views/<int:view_id>/remove/", queue_views.remove, name="work-view-remove"),
    path("work/<int:discrepancy_id>/", work.row, name="work-row"),
    path("corrections/", corrections.corrections, name="corrections"),
    path("corrections/new/", corrections.new, name="correction-new"),
    path("corrections/make/", corrections.make, name="correction-make"),
    path("corrections/<int:correction_id>/", corrections.correction, name="correction"),
    path("corrections/<int:correction_id>/csv/", corrections.table, name="correction-table"),
    path("corrections/<int:correction_id>/manifest/", corrections.manifest, name="correction-manifest"),
    path("corrections/files/<int:file_id>/", corrections.file, name="correction-file"),
    path("corrections/files/<int:file_id>/download/", corrections.download, name="correction-download"),
    path("look-up/", look_up.look_up, name="look-up"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage/csv/", coverage.as_csv, name="coverage-csv"),
    path("look-up/csv/", look_up.as_csv, name="look-up-csv"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/change/", alerts.change, name="alert-change"),
    path("alerts/csv/", alerts.as_csv, name="alerts-csv"),
    path("alerts/meanings/", alerts.meanings, name="alert-meanings"),
    path("alerts/meanings/set/", alerts.set_meanings, name="alert-set-meanings"),
    path("alerts/<int:line_id>/", alerts.line, name="alert-line"),
    path("causes/", causes.causes, name="causes"),
    path("causes/csv/", causes.as_csv, name="causes-csv"),
    path("points/", points.search, name="point-search"),
    path("points/<mpxn:mpxn>/", points.point, name="point"),
    path("points/<mpxn:mpxn>/history/", points.history, name="point-history"),
    path("points/<mpxn:mpxn>/replay/", points.replay, name="point-replay"),
    path("networks/", parties.parties, NETWORK, name="networks"),
    path("networks/<party:code>/", parties.party, NETWORK, name="network"),
    path("suppliers/", parties.parties, SUPPLIER, name="suppliers"),
    path("suppliers/<party:code>/", parties.party, SUPPLIER, name="supplier"),
    path("extracts/", extracts.extracts, name="extracts"),
    path("extracts/upload/", extracts.upload, name="upload"),
    path("extracts/sample/", extracts.sample, name="take-sample"),
    path("extracts/loads/", extracts.loads, name="loads"),
    path("extracts/<int:extract_id>/", extracts.extract, name="extract"),
    path("extracts/<int:extract_id>/withdraw/", extracts.withdraw, name="withdraw"),
    path("extracts/<int:extract_id>/take-back/", extracts.take_back, name="take_back"),
    path("extracts/<int:extract_id>/rejects/", extracts.rejects, name="extract-rejects"),
    path("runs/", runs.runs, name="runs"),
    path("runs/reconcile/", runs.reconcile, name="reconcile"),
    path("runs/compare/", comparisons.compare, name="compare"),
    path("runs/compare/csv/", comparisons.rows_csv, name="compare-csv"),
    path("runs/<int:run_id>/", runs.run, name="run"),
    path("jobs/", jobs.jobs, name="jobs"),
    path("jobs/<int:job_id>/", jobs.job, name="job"),
    path("jobs/<int:job_id>/approve/", jobs.approve, name="job-approve"),
    path("jobs/<int:job_id>/refuse/", jobs.refuse, name="job-refuse"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<int:job_id>/again/", jobs.again, name="job-again"),
    path("jobs/<int:job_id>/download/", jobs.download, name="job-download"),
    path("jobs/<int:job_id>/manifest/", jobs.manifest, name="job-manifest"),
    path("jobs/<int:job_id>/rejects/", jobs.rejects, name="job-rejects"),
    path("jobs/<int:job_id>/headings/", headings.held, name="job-headings"),
    path("headings/", headings.kept, name="headings"),
    path("headings/import/", headings.take_in, name="headings-import"),
    path("headings/<int:kept_id>/", headings.one, name="kept-headings"),
    path("headings/<int:kept_id>/columns/", headings.export, name="headings-export"),
    path("headings/<int:kept_id>/rename/", headings.rename, name="headings-rename"),
    path("headings/<int:kept_id>/remove/", headings.remove, name="headings-remove"),
    path("metrics/", storage.metrics, name="metrics"),
    path("record/", record.record, name="record"),
    path("storage/", storage.storage, name="storage"),
    path("storage/tidy/", storage.tidy, name="tidy"),
    path("storage/bring-back/", storage.bring_back, name="bring_back"),
    path("storage/verify/", storage.verify, name="verify"),
    path("policy/", policy.policy, name="policy"),
    path("policy/csv/", policy.cells_csv, name="policy-csv"),
    path("policy/differences/", policy.differences, name="policy-differences"),
    path("policy/replay/", replay.replay, name="replay"),
    path("policy/replays/", replay.ask, name="replays"),
    path("policy/replays/<int:job_id>/", replay.replayed, name="replayed"),
    path("policy/replays/<int:job_id>/csv/", replay.replayed_csv, name="replayed-csv"),
    path("policy/what-if/", what_if.what_if, name="what-if"),
    path("policy/what-if/points/", what_if.points, name="what-if-points"),
    path("policy/what-if/csv/", what_if.points_csv, name="what-if-csv"),
    path("policy/differences/csv/", policy.differences_csv, name="policy-differences-csv"),
    path("rules/", policy.rules, name="rules"),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", login_required(SpectacularSwaggerSplitView.as_view(url_name="api-schema")), name="api-docs"),
    path("api/", include(api.router.urls)),
]
