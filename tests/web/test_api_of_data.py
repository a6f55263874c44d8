"""Runs compared, files handed in and withdrawn, jobs ended and decided on, by the API: the pages' acts and rights."""

import csv
import io
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from reconcile.ledger import queries
from reconcile.ledger.actors import actor_for
from reconcile.models import AuditEntry, Extract, Job, JobEvent, Run

from .cast import PASSWORD, Cast, make_job
from .test_schema import as_seen, described

Browse = Callable[[str], Client]
GUARD = {"guard": "rejects", "figure": 143, "limit": 100, "words": "143 of 150 lines were rejected."}
PARTS = ("supplier", "viewer", "rival", "network", "operator", "loader", "watcher", "stranger")
What = AuditEntry.What


def by_password(name: str) -> dict[str, str]:
    """What a program sends along."""
    return {"HTTP_AUTHORIZATION": f"Basic {b64encode(f'{name}:{PASSWORD}'.encode()).decode()}"}


def is_described(client: Client, answer: Any, route: str, method: str) -> bool:
    """Whether an answer is one that the schema describes."""
    described(client)[route][method].validate_response(as_seen(answer, route))
    return True


@pytest.mark.parametrize("part", ["operator", "supplier", "network"])
def test_a_comparison_is_that_of_the_page_and_of_its_csv(browse: Browse, cast: Cast, part: str):
    client, scope = browse(part), actor_for(getattr(cast, part)).scope
    pair = (cast.first_run.pk, cast.last_run.pk)
    asked = {"earlier": pair[0], "later": pair[1], "per_page": 1000}
    found = queries.compared(scope=scope, runs=pair, now=timezone.now())

    answer = client.get("/api/runs/compare/", asked)

    assert answer.status_code == 200 and is_described(client, answer, "/api/runs/compare/", "GET")
    told = answer.json()
    signed = sum(step["count"] if step["adds"] else -step["count"] for step in told["steps"])
    assert (told["before"], told["now"]) == (found.before, found.now) == (told["before"], told["before"] + signed)
    for move in ("", "new", "mended", "stays", "before", "now"):
        rows = client.get("/api/runs/compare/", {**asked, "move": move}).json()
        page = client.get("/runs/compare/csv/", {"before": pair[0], "after": pair[1], "move": move})
        lines = list(csv.DictReader(io.StringIO(b"".join(page.streaming_content).decode())))
        assert [(row["mpxn"], row["rule"]) for row in rows["results"]] == [(one["mpxn"], one["rule"]) for one in lines]
        assert rows["count"] == len(lines)
    entry = AuditEntry.objects.filter(what=What.READ_API).latest("pk")
    assert (entry.name, entry.rows) == (part, len(rows["results"]))
    assert entry.about == f"Runs {pair[0]} and {pair[1]} compared"


def test_rows_of_a_comparison_come_worst_first_and_in_pages(browse: Browse, cast: Cast):
    client, every = browse("operator"), []
    address = f"/api/runs/compare/?earlier={cast.first_run.pk}&later={cast.last_run.pk}&move=now&per_page=7"

    while address:
        page = client.get(address).json()
        every += page["results"]
        address = page["next"]

    def place(row: dict[str, Any]) -> tuple:
        day = row["wrong_since_latest"]
        return ["high", "medium", "low", "watch"].index(row["severity"]), day is None, day, row["id"]

    assert len(every) == page["count"] > 7
    assert every == sorted(every, key=place)


@pytest.mark.parametrize("query", ["", "earlier=1", "earlier=1&later=2&move=x", "earlier=1&later=2&page=0", "x=1"])
def test_what_names_no_two_runs_is_refused_with_its_name(browse: Browse, query: str):
    answer = browse("operator").get(f"/api/runs/compare/?{query}")

    assert answer.status_code == 400 and isinstance(answer.json(), dict)


def test_runs_that_are_not_there_or_were_thinned_are_not_compared(browse: Browse, cast: Cast):
    pair = f"earlier={cast.first_run.pk}&later={cast.last_run.pk}"
    assert browse("operator").get(f"/api/runs/compare/?earlier=999&later={cast.last_run.pk}").status_code == 404
    assert browse("stranger").get(f"/api/runs/compare/?{pair}").status_code == 404

    Run.objects.filter(pk=cast.first_run.pk).update(thinned_at=timezone.now())

    answer = browse("operator").get(f"/api/runs/compare/?{pair}")
    assert answer.status_code == 404 and "was thinned away" in answer.json()["detail"]


@pytest.mark.parametrize("part", PARTS)
def test_each_change_is_for_those_with_its_right(browse: Browse, cast: Cast, part: str):
    client, job = browse(part), make_job(cast.loader, "load", "queued")
    file = SimpleUploadedFile("a.csv", b"mpxn,dcc_service_flag\n")

    may_load = client.post("/api/extracts/", {"file": file}).status_code != 404
    may_decide = {
        client.post(address, {"reason": "Wrong."}, content_type="application/json").status_code != 404
        for address in (f"/api/extracts/{cast.registration.pk}/{what}/" for what in ("withdraw", "take-back"))
    }
    may_cancel = client.post(f"/api/jobs/{job.pk}/cancel/", {}, content_type="application/json").status_code != 404
    held = make_job(cast.loader, "load", "held", attempt=1, guards=[GUARD])
    word = {"reason": "It is right.", "attempt": 1}
    said = {
        what: client.post(f"/api/jobs/{held.pk}/{what}/", word, content_type="application/json").status_code
        for what in ("approve", "refuse")
    }

    assert said == ({"approve": 200, "refuse": 409} if part == "operator" else {"approve": 404, "refuse": 404})
    assert may_load == (part in {"operator", "loader"})
    assert may_decide == {part == "operator"}
    assert may_cancel == (part in {"operator", "loader"})


def test_a_program_hands_in_files_and_sees_how_they_go(client: Client, cast: Cast):
    files = [SimpleUploadedFile(f"extract_2021-11-2{day}.csv", b"mpxn,dcc_service_flag\n") for day in (3, 4)]

    answer = client.post("/api/extracts/", {"file": files, "kind": "registration"}, **by_password("loader"))

    client.force_login(cast.loader)
    assert answer.status_code == 202 and is_described(client, answer, "/api/extracts/", "POST")
    begun = answer.json()["results"]
    assert [one["title"] for one in begun] == ["Load extract_2021-11-23.csv", "Load extract_2021-11-24.csv"]
    assert Job.objects.get(pk=begun[0]["id"]).options["kind"] == "registration"
    assert AuditEntry.objects.filter(what=What.ASKED, name="loader", job=begun[1]["id"]).exists()
    shown = client.get(f"/api/jobs/{begun[0]['id']}/")
    assert shown.json() == begun[0] and is_described(client, shown, "/api/jobs/{id}/", "GET")


def test_a_file_that_is_none_or_too_large_is_refused(client: Client, cast: Cast, settings):
    sent = {"kind": "registration"}
    settings.MAX_FORM_BYTES, settings.MAX_BODY_BYTES = 2_000, 10_000

    def large() -> dict[str, Any]:
        return {"file": SimpleUploadedFile("a.csv", b"x" * 20_000)}

    for name, body, status in (("loader", sent, 400), ("loader", large(), 413), ("supplier", large(), 403)):
        answer = client.post("/api/extracts/", body, **by_password(name))
        assert answer.status_code == status and answer["Content-Type"] == "application/json", (name, status)
    assert client.post("/api/extracts/", large()).status_code in {401, 403}
    assert not Job.objects.exists()


def test_a_session_needs_the_token_against_forged_forms(cast: Cast):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.operator)

    for address, body in (
        ("/api/extracts/", {"file": SimpleUploadedFile("a.csv", b"mpxn\n")}),
        (f"/api/extracts/{cast.registration.pk}/withdraw/", {"reason": "Wrong."}),
    ):
        assert client.post(address, body).status_code == 403
    assert not Job.objects.exists() and Extract.objects.get(pk=cast.registration.pk).withdrawn_at is None


def test_a_file_is_withdrawn_with_a_reason_once_and_taken_back(browse: Browse, cast: Cast):
    client, address = browse("operator"), f"/api/extracts/{cast.registration.pk}"

    def post(what: str, **said: str) -> Any:
        answer = client.post(f"{address}/{what}/", said, content_type="application/json")
        assert is_described(client, answer, f"/api/extracts/{{id}}/{what}/", "POST")
        return answer

    assert post("withdraw").status_code == post("withdraw", reason=" ").status_code == 400
    done = post("withdraw", reason="It was another network's.")
    again = post("withdraw", reason="It was another network's.")

    assert done.status_code == 200 and done.json()["withdrawn_at"]
    assert again.status_code == 409 and "withdrawn" in again.json()["detail"]
    entry = AuditEntry.objects.get(what=What.WITHDREW)
    assert (entry.name, entry.extract) == ("operator", cast.registration.pk) and "another network's" in entry.about
    assert post("take-back", reason="It was right.").json()["withdrawn_at"] is None
    assert post("take-back", reason="It was right.").status_code == 409


def test_a_job_is_cancelled_with_the_reason_in_its_history(browse: Browse, cast: Cast):
    client, job = browse("loader"), make_job(cast.loader, "load", "queued")
    body = {"reason": "The wrong day."}

    done = client.post(f"/api/jobs/{job.pk}/cancel/", body, content_type="application/json")
    again = client.post(f"/api/jobs/{job.pk}/cancel/", body, content_type="application/json")

    assert done.json()["state"] == "cancelled" and again.status_code == 409
    assert is_described(client, again, "/api/jobs/{id}/cancel/", "POST")
    event = JobEvent.objects.get(job=job)
    assert (event.what, event.name) == ("cancelled", "loader") and body["reason"] in event.words
    assert AuditEntry.objects.filter(what=What.CANCELLED, job=job.pk, about__contains=body["reason"]).exists()


def test_what_is_held_is_found_and_approved_once_up_to_the_figures_of_that_attempt(browse: Browse, cast: Cast):
    client = browse("operator")
    make_job(cast.loader, "load", "done")
    job = make_job(cast.loader, "load", "held", attempt=2, guards=[GUARD])

    def post(**said: object) -> Any:
        answer = client.post(f"/api/jobs/{job.pk}/approve/", said, content_type="application/json")
        assert is_described(client, answer, "/api/jobs/{id}/approve/", "POST")
        return answer

    found = client.get("/api/jobs/?state=held")
    assert is_described(client, found, "/api/jobs/", "GET")
    assert [(one["id"], one["guards"], one["may_decide"]) for one in found.json()["results"]] == [
        (job.pk, [GUARD], True)
    ]
    assert {post(**said).status_code for said in ({"attempt": 2}, {"reason": " ", "attempt": 2}, {"reason": "So"})} == {
        400
    }
    assert post(reason="It is right.", attempt=1).status_code == 409
    done = post(reason="It is right.", attempt=found.json()["results"][0]["attempt"])
    again = post(reason="It is right.", attempt=2)

    assert (done.status_code, done.json()["state"]) == (again.status_code, again.json()["state"]) == (200, "queued")
    assert post(reason="Another reason.", attempt=2).status_code == 409
    event = JobEvent.objects.get(job=job)
    assert (event.what, event.name, event.words, event.figures) == ("approved", "operator", "It is right.", [GUARD])
    assert AuditEntry.objects.filter(what=What.APPROVED, job=job.pk).count() == 1


def test_what_is_held_again_is_not_let_pass_by_the_word_on_the_attempt_before(browse: Browse, cast: Cast):
    client, job = browse("operator"), make_job(cast.loader, "load", "held", attempt=1, guards=[GUARD])
    word = {"reason": "It is right.", "attempt": 1}
    client.post(f"/api/jobs/{job.pk}/approve/", word, content_type="application/json")
    Job.objects.filter(pk=job.pk).update(state="held", attempt=2, guards=[{**GUARD, "figure": 149}])

    answer = client.post(f"/api/jobs/{job.pk}/approve/", word, content_type="application/json")

    assert answer.status_code == 409 and "what holds it may be worse" in answer.json()["detail"]
    assert Job.objects.get(pk=job.pk).state == "held"


def test_a_held_job_is_refused_once_with_the_reason_on_record(browse: Browse, cast: Cast):
    client, job = browse("operator"), make_job(cast.loader, "load", "held", attempt=1, options={"path": "/nowhere"})
    body = {"reason": "The wrong file."}

    done, again = (client.post(f"/api/jobs/{job.pk}/refuse/", body, content_type="application/json") for _ in range(2))

    assert is_described(client, again, "/api/jobs/{id}/refuse/", "POST")
    assert (done.status_code, done.json()) == (200, again.json()) and done.json()["state"] == "failed"
    assert AuditEntry.objects.filter(what=What.REFUSED, job=job.pk, about__contains="The wrong file.").count() == 1


def test_jobs_come_newest_first_page_by_page_and_each_sees_their_own(browse: Browse, cast: Cast):
    own = [make_job(cast.supplier).pk for _ in range(3)]
    make_job(cast.rival)
    client = browse("supplier")

    first = client.get("/api/jobs/?per_page=2").json()
    rest = client.get(first["next"]).json()

    assert [one["id"] for one in first["results"] + rest["results"]] == own[::-1]
    assert (first["count"], rest["next"]) == (3, None)
