"""Whatever hands out rows or changes something leaves an entry on the record: every address there is, one by one."""

import inspect
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve
from django.utils import timezone

from reconcile.ledger import operations, retention
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.models import AuditEntry, Discrepancy, Job

from .addresses import BY_NAME
from .cast import NOW, PASSWORD, Cast, make_cohort, make_job, make_view
from .test_headings import TEXT, posted

pytestmark = pytest.mark.one_database

What = AuditEntry.What
NEW = "quite another one, as long"
COLUMNS_FILE = b'kind = "registration"\nname = "handed in"\n[columns]\nmpxn = "Number"\nflag = "Flag"\n'
RECORDED: dict[str, tuple[What, dict | None]] = {
    # What is on record after it, and what is posted; None: it is got.
    "login": (What.LOGGED_IN, {"username": "operator", "password": PASSWORD}),
    "logout": (What.LOGGED_OUT, {}),
    "account": (What.CHANGED_PASSWORD, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}),
    "end_others": (What.ENDED_SESSIONS, {}),
    "export": (What.ASKED, {"query": "rule=A_REMOVED"}),
    "reconcile": (What.ASKED, {}),
    "upload": (What.ASKED, {"file": SimpleUploadedFile("a.csv", b"mpxn,dcc_service_flag\n")}),
    "tidy": (What.ASKED, {}),
    "verify": (What.ASKED, {}),
    "bring_back": (What.BROUGHT_BACK, {"name": "flags/1"}),
    "withdraw": (What.WITHDREW, {"reason": "Wrong."}),
    "take_back": (What.TOOK_BACK, {"reason": "Right."}),
    "job-approve": (What.APPROVED, {"reason": "Right."}),
    "job-refuse": (What.REFUSED, {}),
    "job-cancel": (What.CANCELLED, {}),
    "job-again": (What.AGAIN, {}),
    "job-headings": (What.HEADINGS, posted("load")),
    "headings-import": (What.HEADINGS, None),
    "headings-rename": (What.HEADINGS, {"name": "Other"}),
    "headings-remove": (What.HEADINGS, {}),
    "job-download": (What.DOWNLOADED, None),
    "job-rejects": (What.READ_REJECTS, None),
    "extract-rejects": (What.READ_REJECTS, None),
    "work-change": (What.NOTED, {}),
    "work-cohort-freeze": (What.COHORT, {}),
    "work-cohort-rename": (What.COHORT, {"name": "Other"}),
    "work-cohort-remove": (What.COHORT, {}),
    "work-cohort-csv": (What.DOWNLOADED, None),
    "work-view-save": (What.VIEW, {"name": "Gone meters", "query": "rule=A_REMOVED"}),
    "work-view-change": (What.VIEW, {"shared": "no"}),
    "work-view-remove": (What.VIEW, {}),
    "work-reasons": (What.REASONS, {"reasons": "One\nTwo"}),
    "work-record-csv": (What.DOWNLOADED, None),
    "causes-csv": (What.DOWNLOADED, None),
    "what-if-csv": (What.ASKED, {}),
    "api-replay-detail": (What.READ_API, None),
    "alerts-csv": (What.DOWNLOADED, None),
    "alert-set-meanings": (What.MEANINGS, {"meaning-N24": "A log"}),
    "correction-download": (What.DOWNLOADED, None),
    "correction-table": (What.DOWNLOADED, None),
    "api-alert-list": (What.READ_API, None),
    "api-correction-lines": (What.READ_API, None),
    "compare-csv": (What.DOWNLOADED, None),
    "coverage-csv": (What.DOWNLOADED, None),
    "look-up-csv": (What.DOWNLOADED, {"numbers": "1100013222946"}),
    "api-coverage-list": (What.READ_API, None),
    "api-look-up-list": (What.READ_API, None),
    "api-discrepancy-list": (What.READ_API, None),
    "api-discrepancy-detail": (What.READ_API, None),
    "api-work-list": (What.READ_API, None),
    "api-work-cohort-members": (What.READ_API, None),
    "api-work-detail": (What.READ_API, None),
    "api-work-record-list": (What.READ_API, None),
    "api-cause-list": (What.READ_API, None),
}
EXCEPTIONS = {
    "job-manifest": "proves a file whose download is on record; it has no row",
    "headings-export": "what headings mean; it has no row",
    "correction-new": "says what would be sent; nothing is",
    "correction-make": "asks for a job; tests/corrections/test_sending.py finds it on record",
    "correction-manifest": "proves files whose download is on record",
    "api-correction-list": "totals of what was sent; approving does what correction-make does, by the same operation",
    "api-correction-detail": "names and checksums of files, and counts",
    "api-correction-plan": "says what would be sent; nothing is",
    "api-correction-download": "names a file; tests/web/test_api_of_corrections.py finds it on record",
    "metrics": "figures about the product itself",
    "health": "figures about the product itself",
    "health-web": "figures about the product itself",
    "health-alive": "figures about the product itself",
    "health-ready": "figures about the product itself",
    "api-root": "addresses alone",
    "api-schema": "addresses alone",
    "api-docs": "addresses alone",
    "api-run-list": "totals; a row of it is a run",
    "api-run-detail": "totals of a run",
    "api-extract-list": "a row of it is a file; handing one in does what upload does, by the same operation",
    "api-extract-withdraw": "does what withdraw does, by the same operation",
    "api-extract-take-back": "does what take_back does, by the same operation",
    "api-job-detail": "how a job of one's own goes",
    "api-job-list": "how one's own jobs go",
    "api-job-approve": "does what job-approve does, by the same operation",
    "api-job-refuse": "does what job-refuse does, by the same operation",
    "api-job-cancel": "does what job-cancel does, by the same operation",
    "api-run-compare": "asks for two runs; tests/web/test_api_of_data.py finds it on record",
    "api-extract-detail": "facts of a file",
    "take-sample": "is refused beside data; tests/web/test_empty.py finds it on record where there are none",
    "look-up": "a page of answers; its CSV is on record",
    "work-answer": "is done by whom it was raised with; tests/web/test_work.py finds it on record",
    "api-work-facets": "counts alone",
    "alert-change": "is done with a line of one's own network; tests/alerts/test_acts.py finds it on record",
    "api-alert-changes": "does what alert-change does, by the same operation",
    "api-work-changes": "does what work-change does, by the same operation",
    "work-entry": "an entry of the record, read where it is kept",
    "work-file": "says what would change; nothing is done, and no row is told that the file has not",
    "work-file-load": "asks for a job; tests/work/test_file.py finds its entry on record",
    "work-file-refused": "the lines of the person's own file",
    "api-work-file-list": "does what work-file-load does, by the same operation",
    "api-work-raised-list": "counts of what was said to one's own party",
    "api-work-raised-detail": "read by whom it was raised with; tests/web/test_work_api.py finds it on record",
    "api-work-raised-answers": "does what work-answer does, by the same operation",
    "api-work-inbox-list": "notes that name the person",
    "api-work-inbox-read": "a person's own mark that something was read",
    "api-work-reasons-list": "the party's words; setting them is what work-reasons does, by the same operation",
    "api-work-view-list": "a filter holds no row; what is saved is on record, by the operation of the page",
    "api-work-view-detail": "a filter holds no row; what is changed is on record, by the operation of the page",
    "api-work-view-habits": "how a person looks at their own list",
    "api-work-view-desks": "for which of their own parties a person works now",
    "work-keys": "how a person looks at their own list",
    "work-desk": "for which of their own parties a person works now",
    "api-work-cohort-list": "counts alone; what is frozen is on record, by the operation of the page",
    "api-work-cohort-detail": "counts alone; what is changed is on record, by the operation of the page",
    "work-columns": "how a person looks at their own list",
    "work-view-start": "how a person looks at their own list",
    "work-read": "a person's own mark that something was read",
    "policy": "the combination that it judges is made up, and kept nowhere",
    "policy-csv": "cells of a table; no Meter Point has a row in it",
    "policy-differences-csv": "cells of a table; no Meter Point has a row in it",
    "api-what-if-list": "counts alone",
    "api-replay-list": "counts alone",
    "api-replayed-list": "asks for a job; tests/web/test_replay.py finds it on record",
    "api-replayed-detail": "counts alone",
    "replays": "asks for a job, by the operation of api-replayed-list",
    "replayed": "counts alone",
    "replayed-csv": "is of a replay that is done; tests/web/test_replay.py finds it on record",
    "api-what-if-points": "asks for a policy; tests/web/test_what_if.py finds it on record",
    "api-policy-list": "tables of the code; no Meter Point has a row in them",
    "api-policy-detail": "cells of a table; no Meter Point has a row in it",
    "api-policy-differences": "cells of a table; no Meter Point has a row in it",
}
WORDS = "Open discrepancies; Rule: A_REMOVED - Active, but the meter has gone"
OF_VIEWS = {"work-view-change", "work-view-remove"}
JOBS = {
    "job-approve": ("load", "held"),
    "job-refuse": ("load", "held"),
    "job-cancel": ("export", "queued"),
    "job-again": ("export", "failed"),
    "job-rejects": ("load", "held"),
}


@pytest.fixture
def at(cast: Cast, filled: Callable[[str], str], tmp_path: Path, monkeypatch) -> Callable[[str], str]:
    """An address at which there is something to do or to take."""
    monkeypatch.setattr(retention, "bring_back", list)

    def ready(name: str) -> str:
        if name == "take_back":
            actor = actor_for(cast.operator)
            operations.withdraw(actor=actor, extract_id=cast.registration.pk, reason="Wrong.", now=NOW)
        if name == "job-headings":
            return BY_NAME[name].filled(job_id=_held_for_headings(cast, tmp_path).pk)
        if "work-cohort" in name:
            row = Discrepancy.objects.filter(resolved_on=None)[0].pk
            number = make_cohort(cast.operator, [row]).pk
            return BY_NAME[name].filled(cohort_id=number, pk=number)
        if name in OF_VIEWS:
            return BY_NAME[name].filled(view_id=make_view(cast.operator).pk)
        if name in JOBS:
            (tmp_path / "rejects.csv").write_text("line,reason,raw\n")
            result = {"rejects_file": str(tmp_path / "rejects.csv")}
            return BY_NAME[name].filled(job_id=make_job(cast.operator, *JOBS[name], result=result).pk)
        return filled(name)

    return ready


def _held_for_headings(cast: Cast, folder: Path) -> Job:
    path = folder / "Device report 2021-11-26.csv"
    path.write_text(TEXT)
    job = operations.start_load(actor=actor_for(cast.loader), path=path, name=path.name, now=timezone.now())
    return operations.perform(actor=MACHINE, job_id=job.pk)


@pytest.mark.parametrize("name", RECORDED)
def test_it_is_on_record(at: Callable[[str], str], browse: Callable[[str], Client], cast: Cast, name: str):
    what, sent = RECORDED[name]
    address = at(name)
    if name == "headings-import":
        sent = {"file": SimpleUploadedFile("columns.toml", COLUMNS_FILE)}
    if name == "work-change":
        sent = {"act": "note", "note_words": "Looked at", "id": Discrepancy.objects.filter(resolved_on=None)[0].pk}
    if name == "work-cohort-freeze":
        sent = {"cohort_name": "Frozen", "id": Discrepancy.objects.filter(resolved_on=None)[0].pk}
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    client = Client() if name == "login" else browse("operator")

    answer = client.get(address) if sent is None else client.post(address, sent)

    assert answer.status_code in (200, 302)
    entry = AuditEntry.objects.exclude(pk__in=before).get()
    assert (entry.what, entry.name, entry.address) == (what, "operator", "127.0.0.1")
    if sent is None:
        assert entry.about and (entry.rows is not None or what == What.READ_REJECTS)
        assert entry.sha256 or what in (What.READ_REJECTS, What.DOWNLOADED)


def test_what_is_not_on_record_has_a_reason(filled: Callable[[str], str], browse: Callable[[str], Client]):
    client = browse("operator")
    wrong = [name for name in BY_NAME if name not in RECORDED | EXCEPTIONS and not _shows_only(client, filled(name))]

    assert wrong == []
    assert not RECORDED.keys() & EXCEPTIONS.keys()
    assert RECORDED.keys() | EXCEPTIONS.keys() <= BY_NAME.keys()


def _shows_only(client: Client, address: str) -> bool:
    """Whether an address is a page, and no more: nothing can be posted to it, and nothing is taken along from it."""
    view = resolve(address).func
    if hasattr(view, "is_button") or hasattr(view, "view_class") or "POST" in inspect.getsource(inspect.unwrap(view)):
        return False
    answer = client.get(address)
    is_page = answer.get("Content-Type", "").startswith("text/html") and "Content-Disposition" not in answer
    return is_page or answer.status_code == 404


def test_what_a_file_held_can_be_told_from_the_record(browse: Callable[[str], Client], cast: Cast):
    client = browse("supplier")
    runs = f"before={cast.first_run.pk}&after={cast.last_run.pk}"

    compared = client.get(f"/runs/compare/csv/?{runs}&move=mended")
    causes = client.get("/causes/csv/?rule=A_REMOVED")

    first, second = AuditEntry.objects.order_by("pk")
    assert first.about == f"Runs {cast.first_run.pk} and {cast.last_run.pk} compared: Mended"
    assert first.rows == len(b"".join(compared.streaming_content).splitlines()) - 1
    assert (second.about, second.filters) == ("Causes", WORDS)
    assert second.rows == len(causes.content.splitlines()) - 1


def test_an_export_is_on_record_when_it_is_asked_for(browse: Callable[[str], Client]):
    browse("supplier").post("/discrepancies/export/", {"query": "rule=A_REMOVED"})

    entry = AuditEntry.objects.get()
    assert (entry.what, entry.about, entry.filters) == (What.ASKED, "Export discrepancies", WORDS)
    assert entry.job == Job.objects.get().pk


def test_one_row_of_the_api_is_on_record(browse: Callable[[str], Client], cast: Cast):
    row = Discrepancy.objects.filter(supplier=cast.ours).first()
    browse("supplier").get(f"/api/discrepancies/{row.pk}/")
    browse("rival").get(f"/api/discrepancies/{row.pk}/")

    entry = AuditEntry.objects.get()
    assert (entry.name, entry.about, entry.filters, entry.rows) == ("supplier", "One discrepancy", f"id: {row.pk}", 1)
