"""Whatever the pages of work can do, a program can: the same acts, by the same operations, for the same people."""

import csv
import hashlib
import json
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from reconcile.domain.assignments import Fault
from reconcile.domain.vocabulary import mpxn_text
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import AuditEntry, Discrepancy, Job, Raising, WorkItem

from .addresses import BY_NAME
from .cast import Cast
from .test_schema import as_seen, described
from .test_work import ours, post

Browse = Callable[[str], Client]
TWINS = {
    # page -> the address of the API that does, or tells, the same
    "work": "api-work-list",
    "work-facet": "api-work-facets",
    "work-change": "api-work-changes",
    "work-row": "api-work-detail",
    "work-raised": "api-work-raised-list",
    "work-raising": "api-work-raised-detail",
    "work-answer": "api-work-raised-answers",
    "work-record": "api-work-record-list",
    "work-reasons": "api-work-reasons-list",
    "work-inbox": "api-work-inbox-list",
    "work-read": "api-work-inbox-read",
    "work-file": "api-work-file-list",
    "work-file-load": "api-work-file-list",
}
ON_PAGES_ALONE = {
    "work-record-csv": "the record as a file; its entries are those of the list",
    "work-entry": "one entry row by row; each row's past is told with the row",
    "work-file-refused": "the numbers of the lines, by reason, are in the answer",
}


OF_VIEWS = ("work-view", "work-columns", "work-keys", "work-desk", "work-cohort", "api-work-view", "api-work-cohort")
"""How people look at the queue is held in tests/web/test_queue_views.py."""


def names() -> set[str]:
    of_work = {name for name in BY_NAME if name.startswith(("work", "api-work"))}
    return {name for name in of_work if not name.startswith(OF_VIEWS)}


def test_every_page_of_work_has_its_twin_in_the_api():
    pages = {name for name in names() if name.startswith("work")}

    assert pages == TWINS.keys() | ON_PAGES_ALONE.keys()
    assert set(TWINS.values()) <= names()


def send(client: Client, address: str, **body: object):
    return client.post(f"/api/work/{address}", body, content_type="application/json")


def test_the_exchange_about_what_was_raised(browse: Browse, cast: Cast):
    client, network, ids = browse("supplier"), browse("network"), ours(cast)[:2]
    send(client, "changes/", act="raise", ids=ids, to="network", reference="INC 7", words="Please look")
    raising = Raising.objects.get()

    (told,) = network.get("/api/work/raised/").json()["results"]
    sent = [
        send(
            network,
            f"raised/{raising.pk}/answers/",
            verdict="disputed",
            ids=ids[:1],
            words="Ours is right",
            request="k",
        )
        for _ in range(2)
    ]
    rows = network.get(f"/api/work/raised/{raising.pk}/").json()["rows"]
    past = client.get(f"/api/work/{ids[0]}/").json()

    assert (told["standing"], told["open"], told["raising"]["words"]) == (2, 2, "Please look")
    assert [one.status_code for one in sent] == [200, 200] and sent[0].json() == sent[1].json()
    assert [(row["row"]["id"], row["answer"], len(row["given"])) for row in rows] == [
        (ids[0], "disputed", 1),
        (ids[1], "", 0),
    ]
    assert past["row"]["answer"] == "disputed"
    assert [one["by"] for one in past["past"]] == ["London Networks", "supplier"]
    assert past["past"][1]["changes"][0] == {"what": "work", "before": "to do", "after": "raised"}
    assert AuditEntry.objects.filter(what="read by API", about="Raised with us").exists()
    assert send(client, f"raised/{raising.pk}/answers/", verdict="agreed", ids=ids[:1]).status_code == 404
    assert browse("rival").get(f"/api/work/raised/{raising.pk}/").status_code == 404


def test_the_inbox_reasons_and_record(browse: Browse, cast: Cast):
    client = browse("operator")
    rows = list(Discrepancy.objects.filter(resolved_on=None).values_list("pk", flat=True)[:2])
    send(browse("loader"), "changes/", act="note", ids=rows, words="@operator look")

    (note,) = client.get("/api/work/inbox/").json()["results"]
    read = [client.post("/api/work/inbox/read/").json() for _ in range(2)]
    reasons = send(client, "reasons/", reasons=["One", "Two"]).json()
    record = client.get("/api/work/history/?per_page=1").json()
    older = client.get(record["next"]).json()

    assert (note["by"], note["words"], note["rows"], note["read_at"]) == ("loader", "@operator look", 2, None)
    assert read == [{"read": 1}, {"read": 0}]
    assert reasons == client.get("/api/work/reasons/").json() == {"reasons": ["One", "Two"]}
    assert (record["count"], record["results"][0]["what"], older["results"][0]["what"]) == (2, "reasons", "noted")
    assert client.get("/api/work/history/?what=noted&name=nobody").json()["count"] == 0
    assert client.get("/api/work/history/?what=dance").status_code == 400
    assert send(browse("loader"), "reasons/", reasons=["Three"]).status_code == 404
    assert browse("loader").get("/api/work/history/").status_code == 404


def lines(cast: Cast, assignee: str) -> str:
    rows = Discrepancy.objects.filter(pk__in=ours(cast)[:2])
    told = [f"{mpxn_text(row.mpxn)},{row.rule},{assignee}" for row in rows]
    return "\n".join(["mpxn,rule,assignee", *told, "1.0E+12,A_REMOVED,supplier", ""])


def test_a_file_by_a_program_is_looked_at_and_done(browse: Browse, cast: Cast):
    client, schema = browse("supplier"), described(browse("supplier"))

    def upload(query: str = "", part: str = "supplier"):
        sent = lines(cast, part).encode()
        return browse(part).post(f"/api/work/assignments/{query}", sent, content_type="text/csv")

    looked = upload()
    schema["/api/work/assignments/"]["POST"].validate_response(as_seen(looked, "/api/work/assignments/"))
    assert (looked.json()["changes"], looked.json()["refused"]) == (2, {str(Fault.ROUNDED): [4]})
    assert upload("?count=3").status_code == 409 and not WorkItem.objects.exists()
    done = upload("?count=2&request=k")
    operations.perform(actor=MACHINE, job_id=done.json()["job"])
    again = upload("?count=2&request=k")

    assert (done.status_code, again.status_code, again.json()["rows"]) == (202, 200, 2)
    assert set(WorkItem.objects.values_list("assignee__username", flat=True)) == {"supplier"}
    assert client.post("/api/work/assignments/", "{}", content_type="application/json").status_code == 415
    assert upload(part="viewer").status_code == 404
    assert upload(part="rival").json()["changes"] == 0


def test_a_file_on_the_page(browse: Browse, cast: Cast):
    client = browse("supplier")

    def hand_in(text: str):
        return client.post("/work/file/", {"file": SimpleUploadedFile("mine.csv", text.encode())})

    page = hand_in(lines(cast, "supplier")).content.decode()
    fields = {name: page.split(f'name="{name}" value="')[1].split('"')[0] for name in ("file", "request", "count")}
    refused = b"".join(client.post("/work/file/refused/", fields)).decode()
    others = browse("rival").post("/work/file/load/", fields, follow=True).content.decode()
    answer = client.post("/work/file/load/", fields)
    job = Job.objects.get(kind="work")
    operations.perform(actor=MACHINE, job_id=job.pk)

    assert "<strong>2</strong> of 3 lines would change a row" in page and "Change 2 rows" in page
    assert refused.splitlines()[1].startswith('4,"A spreadsheet has rounded the number')
    assert "not here any more" in others and answer["Location"] == f"/jobs/{job.pk}/"
    done = client.get(f"/jobs/{job.pk}/").content.decode()
    assert "mine.csv: 2 assigned" in done and "line 4" in done and "Undo all of it" in done
    assert (
        "not here any more" in client.post("/work/file/load/", {**fields, "request": "x"}, follow=True).content.decode()
    )
    assert hand_in("nothing").status_code == 400


def test_the_history_tells_before_and_after_of_each_row(browse: Browse, cast: Cast):
    client = browse("operator")
    rows = list(Discrepancy.objects.filter(resolved_on=None).values_list("pk", flat=True)[:2])
    post(client, rows, "assign", assignee="loader")
    post(client, rows[:1], "explain", reason="Site visit booked", until_changed="on")
    entry = AuditEntry.objects.get(what="explained")

    page = client.get(f"/work/history/{entry.pk}/").content.decode()
    file = b"".join(client.get("/work/history/csv/")).decode().splitlines()

    assert "work: to do → explained · reason: nothing → Site visit booked" in page
    assert len(file) == 4 and file[0].split(",")[9:12] == ["mpxn", "rule", "state_before"]
    assert ",to_do,loader,,,,,,," in file[1] and file[1].rstrip().endswith("explained,loader,,,,,Site visit booked,")
    for part in ("supplier", "loader"):
        assert browse(part).get(f"/work/history/{entry.pk}/").status_code == 404


@pytest.mark.parametrize("address", ["raised/", "inbox/", "reasons/", "history/", "{row}/"])
def test_answers_are_as_described(browse: Browse, cast: Cast, address: str):
    client = browse("operator")
    row = ours(cast)[0]
    send(browse("loader"), "changes/", act="note", ids=[row], words="@operator look")
    post(browse("supplier"), [row], "raise", to="dcc")

    answer = client.get(f"/api/work/{address.format(row=row)}")

    assert answer.status_code == 200
    operation = described(client)[f"/api/work/{address.format(row='{id}')}"]["GET"]
    operation.validate_response(as_seen(answer, f"/api/work/{address}"))


def test_the_history_is_taken_along_whole_and_with_its_checksum_on_record(browse: Browse, cast: Cast):
    client = browse("operator")
    rows = list(Discrepancy.objects.filter(resolved_on=None).values_list("pk", flat=True)[:2])
    post(client, rows, "assign", assignee="loader")

    answer = client.get("/work/history/csv/?what=assigned&name=operator")
    content = b"".join(answer)

    entry = AuditEntry.objects.get(what="downloaded", about="The history of work")
    assert (entry.rows, entry.sha256) == (2, hashlib.sha256(content).hexdigest())
    assert int(answer["Content-Length"]) == len(content)
    assert entry.filters == "What: assigned; Who: operator"


def test_the_ticked_rows_are_exported_alone_with_their_work(browse: Browse, cast: Cast):
    client, ids = browse("supplier"), ours(cast)
    post(client, ids[:1], "assign", assignee="viewer")
    nothing = client.post("/discrepancies/export/", {"chosen": "yes", "query": ""}, follow=True).content.decode()
    asked = client.post("/discrepancies/export/", {"chosen": "yes", "id": ids[:2], "query": "rule=LEGACY_W"})
    job = Job.objects.get()

    done = operations.perform(actor=MACHINE, job_id=job.pk)
    file = b"".join(client.get(f"/jobs/{job.pk}/download/")).decode()
    manifest = json.loads(b"".join(client.get(f"/jobs/{job.pk}/manifest/")))

    assert "Choose rows first." in nothing and asked["Location"] == f"/jobs/{job.pk}/"
    lines = list(csv.DictReader(StringIO(file)))
    two = Discrepancy.objects.filter(pk__in=ids[:2]).order_by("pk")
    numbers = [str(one.mpxn) for one in two]
    assert ([line["mpxn"] for line in lines], [line["assignee"] for line in lines]) == (numbers, ["viewer", ""])
    assert (done.result["rows"], manifest["filters"]) == (2, "2 chosen rows")
    assert AuditEntry.objects.get(what="asked for").filters == "2 chosen rows"
    for part in ("rival", "stranger", "viewer"):
        refused = browse(part).post("/discrepancies/export/", {"chosen": "yes", "id": ids[:1]})
        assert refused.status_code == 404, part
    all_of_it = {"chosen": "yes", "whole": "yes", "id": ids[:1], "query": "state=all"}
    whole = client.post("/discrepancies/export/", all_of_it)
    assert whole.status_code == 302 and Job.objects.latest("pk").options["ids"] == []
