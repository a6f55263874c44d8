"""Work on the pages: what is done by forms, and that no party sees another's work anywhere."""

import csv
import re
from collections.abc import Callable

import pytest
from django.test import Client

from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.models import AuditEntry, Discrepancy, Job, Membership, Mention, Raising, WorkItem

from .cast import Cast

Browse = Callable[[str], Client]
SECRET = "Words of our supplier alone"


def ours(cast: Cast, at: str = "london") -> list[int]:
    """Open discrepancies of our supplier at a network."""
    rows = Discrepancy.objects.filter(supplier=cast.ours, network=getattr(cast, at), resolved_on=None)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def post(client: Client, ids: list[int], act: str, **more: object) -> str:
    """Do it, and read the page that follows."""
    return client.post("/work/change/", {"id": ids, "act": act, **more}, follow=True).content.decode()


def rows_of(page: str) -> int:
    return page.count('name="id"')


def facet(page: str, title: str) -> dict[str, int]:
    """The values of a facet and their counts."""
    (part,) = re.findall(rf"<summary>{title}</summary>(.*?)</details>", page, re.DOTALL)
    return {
        words.removeprefix("✓ "): int(count.replace(",", ""))
        for words, count in re.findall(r"<a [^>]*>([^<]*)</a> <span class=\"quiet\">([\d,]+)</span>", part)
    }


def test_the_queue_shows_what_the_party_sees_with_exact_counts(browse: Browse, cast: Cast):
    page = browse("supplier").get("/work/").content.decode()

    total = Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).count()
    assert rows_of(page) == total and f"of {total}</strong>" in page
    assert facet(page, "Work") == {"To do": total} and facet(page, "Assigned to")["Nobody"] == total
    assert sum(facet(page, "Severity").values()) == sum(facet(page, "Rule").values()) == total


def test_a_flag_that_is_expected_is_not_said_to_become_itself(browse: Browse, cast: Cast):
    first, second = ours(cast)[:2]
    Discrepancy.objects.filter(pk=first).update(flag="N", expected="N")
    Discrepancy.objects.filter(pk=second).update(flag="", expected="A")
    client = browse("supplier")

    page = client.get("/work/").content.decode()
    looked = [client.get(f"/work/{one}/").content.decode() for one in (first, second)]

    assert "<strong>N</strong>, as expected" in page and "<strong>none</strong> → <strong>A</strong>" in page
    assert "N - Non-Active, as its meters&#x27; statuses expect" in looked[0].replace("'", "&#x27;")
    assert "No flag, should be A - Active" in looked[1]


def test_what_was_done_is_said_counted_and_undone(browse: Browse, cast: Cast):
    client, ids = browse("supplier"), ours(cast)[:3]
    total = Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).count()

    page = post(client, ids, "assign", assignee="supplier")
    mine = client.get("/work/?assigned=me").content.decode()

    assert "Assigned: 3 discrepancies, to supplier." in page
    assert "assignee: nobody → supplier" in client.get(f"/work/{ids[0]}/").content.decode()
    assert rows_of(mine) == 3 and facet(mine, "Assigned to") == {"Me": 3, "Nobody": total - 3, "supplier": 3}
    post(client, ids[:2], "raise", to="network", reference="INC 7", raise_words="Please look")
    page = client.get("/work/").content.decode()
    assert facet(page, "Work") == {"To do": total - 2, "Raised": 2}
    assert "London Networks, INC 7, no answer yet" in page
    assert rows_of(client.get("/work/?work=to_do").content.decode()) == total - 2
    assert rows_of(client.get("/work/?work=raised&answer=none&rule=A_REMOVED").content.decode()) <= 2
    raised = AuditEntry.objects.get(what="raised")
    page = client.post("/work/change/", {"act": "undo", "undoes": raised.pk}, follow=True).content.decode()
    assert "Undone: 2 discrepancies" in page and facet(page, "Work") == {"To do": total}


def test_all_that_match_are_a_job_and_refused_when_their_number_changed(browse: Browse, cast: Cast):
    client = browse("supplier")
    total = Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).count()
    asked = {"act": "note", "note_words": "Looked at", "whole": "yes", "query": "", "run": cast.last_run.pk}

    refused = client.post("/work/change/", {**asked, "count": total + 1}, follow=True).content.decode()
    client.post("/work/change/", {**asked, "count": total, "request": "twice"})
    client.post("/work/change/", {**asked, "count": total, "request": "twice"})
    (job,) = Job.objects.filter(kind="work")
    operations.perform(actor=MACHINE, job_id=job.pk)

    assert f"finds {total} rows now, not the {total + 1}" in refused
    assert WorkItem.objects.filter(noted__words="Looked at").count() == total
    page = client.get(f"/jobs/{job.pk}/").content.decode()
    assert f"<strong>Noted</strong>: {total} discrepancies" in page and "Undo all of it" in page
    assert browse("operator").get(f"/jobs/{job.pk}/").status_code == 404


def test_what_is_raised_is_seen_and_answered_by_the_other_party(browse: Browse, cast: Cast):
    client, network, ids = browse("supplier"), browse("network"), ours(cast)[:2]
    post(client, ids, "note", note_words=SECRET)
    post(client, ids, "raise", to="network", reference="INC 7", raise_words="Please look")
    raising = Raising.objects.get()

    page = network.get("/work/raised/").content.decode()
    inside = network.get(f"/work/raised/{raising.pk}/").content.decode()
    network.post(
        f"/work/raised/{raising.pk}/answer/",
        {"act": "answer", "id": ids[:1], "verdict": "done", "answer_words": "Sent today"},
    )

    assert "Please look" in page and "INC 7" in page and rows_of(inside) == 2
    assert SECRET not in page + inside
    row = client.get(f"/work/{ids[0]}/").content.decode()
    assert "London Networks" in row and "Sent today" in row and "(to do → raised)" in row
    assert AuditEntry.objects.get(what="answered").party == cast.london.pk
    assert "done" in client.get("/work/?answer=done").content.decode()
    for part in ("rival", "operator", "viewer"):
        assert browse(part).get(f"/work/raised/{raising.pk}/").status_code == 404, part


def test_an_answer_stands_in_the_history_of_who_raised_it_under_the_party_not_its_person(browse: Browse, cast: Cast):
    Membership.objects.filter(user=cast.supplier).update(role="manager")
    client, network, ids = browse("supplier"), browse("network"), ours(cast)[:2]
    post(client, ids, "raise", to="network", reference="INC 7")
    post(network, ids[:1], "note", note_words=SECRET)
    raising = Raising.objects.get()
    said = {"act": "answer", "id": ids, "verdict": "disputed", "answer_words": "Ours is newer"}
    network.post(f"/work/raised/{raising.pk}/answer/", said)
    entry = AuditEntry.objects.get(what="answered")

    page, inside = (client.get(f"/work/history/{of}").content.decode() for of in ("", f"{entry.pk}/"))
    lines = csv.DictReader(b"".join(client.get("/work/history/csv/").streaming_content).decode().splitlines())
    by_party, by_person = (
        client.get(f"/api/work/history/?name={name}").json() for name in ("London Networks", "network")
    )

    assert "London Networks" in page and "Ours is newer" in page and "disputed" in inside and SECRET not in page
    answered = [(line["who"], line["answer_after"]) for line in lines if line["what"] == "Answered"]
    assert answered == [("London Networks", "disputed")] * 2
    assert [one["id"] for one in by_party["results"]] == [entry.pk] and by_person["count"] == 0
    assert ">network<" not in page and "Ours is newer" not in browse("operator").get("/work/history/").content.decode()


EVERYWHERE = (
    "/work/", "/work/?state=all", "/work/?assigned=somebody", "/work/?work=explained", "/work/raised/", "/work/inbox/",
    "/work/history/", "/work/history/csv/", "/discrepancies/", "/record/", "/jobs/", "/", "/causes/",
    "/api/discrepancies/", "/work/?entry={entry}&state=all", "/work/{row}/", "/points/{point}/",
)  # fmt: skip


def test_no_party_sees_anything_of_anothers_work(browse: Browse, cast: Cast):
    client, (row, *_) = browse("supplier"), ours(cast)
    Membership.objects.filter(user=cast.viewer).update(role="manager")
    browse("viewer").post("/work/reasons/", {"reasons": f"Reason: {SECRET}"})
    post(client, [row], "assign", assignee="viewer")
    post(client, [row], "note", note_words=f"@viewer {SECRET}")
    post(client, [row], "explain", reason=f"Reason: {SECRET}", until_changed="on", explain_words=SECRET)
    entry = AuditEntry.objects.filter(what="explained").get()
    point = Discrepancy.objects.get(pk=row).mpxn

    for part in ("rival", "network", "operator", "loader", "watcher", "stranger"):
        other = browse(part)
        for address in EVERYWHERE:
            answer = other.get(address.format(entry=entry.pk, row=row, point=point))
            text = (b"".join(answer) if answer.streaming else answer.content).decode()
            assert SECRET not in text and not facets_of(text).get("Explained"), (part, address)
        assert rows_of(other.get(f"/work/?state=all&entry={entry.pk}").content.decode()) == 0
        refused = other.post("/work/change/", {"act": "undo", "undoes": entry.pk})
        assert refused.status_code == 404, part
    assert Mention.objects.get().person == cast.viewer
    colleague = browse("viewer")
    assert SECRET in colleague.get(f"/points/{point}/").content.decode()
    assert SECRET in colleague.get("/work/inbox/").content.decode()
    assert SECRET in b"".join(colleague.get("/work/history/csv/")).decode()
    assert (
        ">1<" in colleague.get("/work/").content.decode()
        and "notes that name you" in colleague.get("/").content.decode()
    )


def facets_of(page: str) -> dict[str, int]:
    return facet(page, "Work") if "<summary>Work</summary>" in page else {}


@pytest.mark.parametrize("part", ["viewer", "watcher"])
def test_who_only_looks_is_offered_nothing_and_can_do_nothing(browse: Browse, cast: Cast, part: str):
    client = browse(part)

    assert 'id="work"' not in client.get("/work/").content.decode()
    assert client.post("/work/change/", {"id": ours(cast)[:1], "act": "note", "note_words": "x"}).status_code == 404
    assert not WorkItem.objects.exists()


def test_who_works_for_no_party_has_the_list_alone(browse: Browse, cast: Cast):
    cast.stranger.is_superuser = True
    cast.stranger.save()
    client = browse("stranger")

    assert client.get("/work/").headers["Location"] == "/discrepancies/"
    for address in ("/work/raised/", "/work/history/", "/work/inbox/", f"/work/{ours(cast)[0]}/"):
        assert client.get(address).status_code == 404, address
    assert actor_for(cast.stranger).desk is None


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"act": "assign", "assignee": "rival"}, "Nobody called rival works for Supplier OURS."),
        ({"act": "explain", "reason": "x"}, "Say until when"),
        ({"act": "note", "note_words": " "}, "Write the note."),
        ({"act": "note", "note_words": "x", "id": ["x"]}, "no number"),
        ({"act": "note", "note_words": "x", "id": []}, "Choose rows first."),
        ({"act": "dance"}, "dance"),
        ({"act": "raise", "raise_due": "soon"}, "Chase on"),
        ({"act": "note", "note_words": "x", "whole": "yes", "query": "x=1", "run": "{run}", "count": "1"}, "no such"),
    ],
)
def test_what_cannot_be_done_is_said_and_nothing_is_changed(browse: Browse, cast: Cast, asked: dict, words: str):
    run = {"run": cast.last_run.pk} if "run" in asked else {}

    page = (
        browse("supplier").post("/work/change/", {"id": ours(cast)[:1], **asked, **run}, follow=True).content.decode()
    )

    assert words in page and not WorkItem.objects.exists() and not Job.objects.exists()


def test_notes_link_meter_points_and_run_nothing(browse: Browse, cast: Cast):
    client, (row, *_) = browse("supplier"), ours(cast)
    post(client, [row], "note", note_words="<b>See</b> 1200000000011, 10 0004 1874 256, and 12")

    page = client.get(f"/work/{row}/").content.decode()

    assert "&lt;b&gt;See&lt;/b&gt;" in page and 'href="/points/1200000000011/"' in page and "/points/12/" not in page
    assert '<a href="/points/1000041874256/">10 0004 1874 256</a>' in page


def test_one_row_is_worked_on_where_its_past_is_told(browse: Browse, cast: Cast):
    client, (row, *_) = browse("supplier"), ours(cast)
    point = Discrepancy.objects.get(pk=row).mpxn
    assert f'href="/work/{row}/"' in client.get(f"/points/{point}/").content.decode()

    page = client.get(f"/work/{row}/").content.decode()
    sent = dict(re.findall(r'<input type="hidden" name="(id|request|back)" value="([^"]*)">', page))
    after = client.post(
        "/work/change/", {**sent, "act": "explain", "reason": "Site visit booked", "until_changed": "on"}, follow=True
    )

    assert (sent["id"], sent["back"]) == (str(row), f"/work/{row}/") and 'name="whole"' not in page
    assert after.redirect_chain == [(f"/work/{row}/", 302)] and "Explained: 1 discrepancy" in after.content.decode()
    assert WorkItem.objects.get().state == "explained"
    assert 'name="act"' not in browse("viewer").get(f"/work/{row}/").content.decode()


def test_an_export_ends_in_the_partys_work_and_is_for_its_people_alone(browse: Browse, cast: Cast):
    client, (first, second, *_) = browse("supplier"), ours(cast)
    post(client, [first], "raise", to="network", reference="=INC")
    post(client, [second], "assign", assignee="viewer")
    post(client, [second], "note", note_words='Two\r\nlines, and a "quote"')

    client.post("/discrepancies/export/", {"query": "assigned=somebody"})
    client.post("/discrepancies/export/", {"query": "work=raised"})
    jobs = [operations.perform(actor=MACHINE, job_id=job.pk) for job in Job.objects.order_by("pk")]

    files = [client.get(f"/jobs/{job.pk}/download/") for job in jobs]
    (assigned,), (raised,) = (list(csv.DictReader(b"".join(file).decode().splitlines())) for file in files)
    assert list(assigned)[-5:] == ["assignee", "work_state", "raised_to", "reference", "note"]
    assert list(assigned.values())[-5:] == ["viewer", "to_do", "", "", 'Two lines, and a "quote"']
    assert list(raised.values())[-5:] == ["", "raised", "London Networks", "'=INC", ""]
    for part in ("operator", "network", "rival"):
        assert browse(part).get(f"/jobs/{jobs[0].pk}/download/").status_code == 404, part
    record = browse("operator").get("/record/").content.decode()
    assert "Export discrepancies" in record and "Assigned to" not in record and "Somebody" not in record


def test_a_program_does_what_the_page_does(browse: Browse, cast: Cast):
    client, ids = browse("supplier"), ours(cast)[:2]
    total = Discrepancy.objects.filter(supplier=cast.ours, resolved_on=None).count()

    def send(part: str = "supplier", **asked: object) -> tuple[int, dict]:
        answer = browse(part).post("/api/work/changes/", asked, content_type="application/json")
        return answer.status_code, answer.json()

    first = send(act="assign", ids=ids, assignee="viewer", request="k")
    again = send(act="assign", ids=ids, assignee="viewer", request="k")
    rows = client.get("/api/work/?assigned=somebody").json()
    counts = client.get("/api/work/facets/?assigned=somebody").json()
    whole = {"act": "note", "words": "x", "filter": "", "run": cast.last_run.pk}

    assert first == again == (200, {"entry": AuditEntry.objects.get(what="assigned").pk, "rows": 2, "job": None})
    assert [(row["id"], row["assignee"], row["work_state"]) for row in rows["results"]] == [
        (one, "viewer", "to_do") for one in ids
    ]
    assert counts["count"] == rows["count"] == 2
    assert send(**whole, count=total + 1)[0] == 409 and send(**whole, count=total)[0] == 202
    assert send(act="undo", undoes=first[1]["entry"])[1]["rows"] == 2
    assert client.get("/api/work/?per_page=2").json()["next"].endswith(f"run={cast.last_run.pk}")
    assert client.get("/api/work/?assigned=x").status_code == client.get("/api/work/?x=1").status_code == 400
    for part in ("viewer", "rival", "stranger", "watcher"):
        assert send(part, act="note", ids=ids, words="x")[0] == 404, part
        if part != "viewer":
            assert client.get("/api/work/").json()["results"] != browse(part).get("/api/work/").json().get("results")


def test_managers_say_what_is_explained_with(browse: Browse, cast: Cast):
    Membership.objects.filter(user=cast.viewer).update(role="manager")

    page = browse("viewer").post("/work/reasons/", {"reasons": "One\nTwo"}, follow=True).content.decode()

    assert ">One\nTwo<" in page and "<option>One</option>" in browse("supplier").get("/work/").content.decode()
    assert browse("supplier").post("/work/reasons/", {"reasons": "x"}).status_code == 404


def test_the_timeline_shows_the_work_of_ones_own_party_alone(browse: Browse, cast: Cast):
    client, row = browse("supplier"), Discrepancy.objects.get(pk=ours(cast)[0])
    post(client, [row.pk], "assign", assignee="supplier")
    post(client, [row.pk], "explain", reason="Meter exchange in progress", until_changed="on")

    pages = {part: browse(part).get(f"/points/{row.mpxn}/").content.decode() for part in ("supplier", "network")}

    lane = f"<span>Work, {row.rule}</span>"
    assert lane in pages["supplier"] and f'<th scope="row">Work {row.rule}</th>' in pages["supplier"]
    assert re.search(r'title="Explained, supplier, since [^"]+"', pages["supplier"])
    assert lane not in pages["network"] and "supplier, since" not in pages["network"]
