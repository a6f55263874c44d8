"""Rights and sight on the pages: each change is for those with its right, and nothing stored outlives a right."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from reconcile.ledger import operations
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.models import Job, JobEvent, Membership

from .cast import NOW, Cast, make_job

pytestmark = pytest.mark.one_database

Browse = Callable[[str], Client]
PARTS = ("supplier", "viewer", "rival", "network", "operator", "loader", "watcher", "stranger")
ANALYSTS = {"operator", "loader"}
BUTTONS = {
    "/discrepancies/export/": ANALYSTS | {"supplier", "rival", "network"},
    "/runs/reconcile/": ANALYSTS,
    "/extracts/upload/": ANALYSTS,
    "/storage/tidy/": {"operator"},
    "/storage/verify/": {"operator"},
    "/jobs/{job}/approve/": {"operator"},
    "/extracts/{extract}/withdraw/": {"operator"},
    "/extracts/{extract}/take-back/": {"operator"},
    "/jobs/{job}/refuse/": {"operator"},
}
PAGES = {"/storage/": ANALYSTS | {"watcher"}, "/extracts/upload/": ANALYSTS}


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("address", BUTTONS)
def test_a_button_is_there_for_those_with_its_right(browse: Browse, cast: Cast, part: str, address: str):
    job = make_job(cast.operator, "load", "held")

    answer = browse(part).post(address.format(job=job.pk, extract=cast.registration.pk))

    assert (answer.status_code == 404) == (part not in BUTTONS[address])
    if part not in BUTTONS[address]:
        assert list(Job.objects.values_list("state", flat=True)) == ["held"]


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("address", PAGES)
def test_a_page_about_everyones_files_is_there_for_those_with_its_right(browse: Browse, part: str, address: str):
    assert (browse(part).get(address).status_code == 200) == (part in PAGES[address])


@pytest.mark.parametrize(
    ("address", "words", "parts"),
    [
        ("/discrepancies/", "rows as CSV", BUTTONS["/discrepancies/export/"]),
        ("/runs/", "Reconcile now", ANALYSTS),
        ("/extracts/", "Upload a file", ANALYSTS),
        ("/extracts/", "Storage", PAGES["/storage/"]),
    ],
)
def test_pages_offer_what_a_person_may_do(browse: Browse, address: str, words: str, parts: set[str]):
    for part in PARTS[:-1]:
        assert (words in browse(part).get(address).content.decode()) == (part in parts), part


@pytest.fixture
def exported(cast: Cast, tmp_path: Path) -> Job:
    """An export of our supplier's, with its manifest."""
    result = {"rows": 12345, "bytes": 7, "name": "mine.csv", "sha256": "ab"}
    for key in ("file", "manifest"):
        (tmp_path / key).write_text("mpxn\n1\n")
        result[key] = str(tmp_path / key)
    return make_job(cast.supplier, result=result)


def got(client: Client, job: Job) -> list[int]:
    return [client.get(f"/jobs/{job.pk}/{what}/").status_code for what in ("download", "manifest")]


def test_what_was_made_is_given_to_those_who_see_all_of_it(browse: Browse, exported: Job):
    assert got(browse("supplier"), exported) == got(browse("operator"), exported) == [200, 200]
    for part in ("viewer", "rival", "network", "stranger", "watcher"):
        assert got(browse(part), exported) == [404, 404], part


def test_a_person_who_moved_does_not_take_the_old_partys_rows_along(browse: Browse, cast: Cast, exported: Job):
    Membership.objects.filter(user=cast.supplier).update(party=cast.theirs)
    client = browse("supplier")

    page = client.get(f"/jobs/{exported.pk}/").content.decode()

    assert got(client, exported) == [404, 404]
    assert "not within what you may see today" in page
    assert "12,345" not in page and "mine.csv" not in page
    assert got(browse("operator"), exported) == [200, 200]


def test_a_person_who_sees_more_now_still_gets_it(browse: Browse, cast: Cast, exported: Job):
    Membership.objects.create(user=cast.supplier, party=cast.london, role="viewer")

    assert got(browse("supplier"), exported) == [200, 200]


def test_a_person_who_may_no_longer_export_gets_no_old_export(browse: Browse, cast: Cast, exported: Job):
    Membership.objects.filter(user=cast.supplier).update(role="viewer")
    client = browse("supplier")

    assert got(client, exported) == [404, 404]
    assert "Download" not in client.get(f"/jobs/{exported.pk}/").content.decode()


def test_what_the_machine_made_is_for_those_who_see_everything(browse: Browse, exported: Job):
    sight = EVERYTHING.as_json()
    Job.objects.filter(pk=exported.pk).update(requested_by=None, by_machine=True, sight=sight)

    assert got(browse("operator"), exported) == [200, 200]
    assert got(browse("supplier"), exported) == [404, 404]


@pytest.fixture
def held(cast: Cast) -> Job:
    """A load of the market operator's that is held, with a bad line."""
    folder = settings.VAR_DIR / "rejects"
    folder.mkdir(exist_ok=True)
    (folder / "held.csv").write_text("line,reason,raw\n3,The flag is unknown.,<b>x</b>\n")
    found = {"rows": 9, "rejects": 1, "reasons": {"The flag is unknown.": 1}, "rejects_file": "rejects/held.csv"}
    guards = [{"guard": "rejects", "figure": 1234, "limit": 1, "words": "1,234 lines were rejected."}]
    job = make_job(cast.loader, "load", "held", result=found, guards=guards, options={"path": "/x"}, attempt=1)
    JobEvent.objects.create(job=job, what="held", name="the machine", at=NOW, words="1,234 lines were rejected.")
    return job


def test_a_held_load_shows_its_bad_lines_to_those_who_may_read_them(browse: Browse, held: Job):
    for part, shown in (("operator", True), ("loader", True), ("watcher", False)):
        client = browse(part)
        page = client.get(f"/jobs/{held.pk}/").content.decode()

        assert ("&lt;b&gt;x&lt;/b&gt;" in page and "The flag is unknown." in page) == shown
        assert "1,234 lines were rejected." in page
        assert client.get(f"/jobs/{held.pk}/rejects/").status_code == (200 if shown else 404)
        assert ("Approve and go on" in page) == (part == "operator")


def test_the_page_says_who_approved_what(browse: Browse, cast: Cast, held: Job):
    client = browse("operator")

    client.post(f"/jobs/{held.pk}/approve/", {"attempt": "1", "reason": "The sender confirmed it."})
    cast.operator.delete()

    page = browse("watcher").get(f"/jobs/{held.pk}/").content.decode()
    assert "<strong>Approved</strong> by operator on" in page
    assert "up to 1,234" in page


@pytest.mark.parametrize("attempt", ["0", "x"])
def test_an_approval_of_a_page_that_is_out_of_date_changes_nothing(browse: Browse, held: Job, attempt: str):
    page = (
        browse("operator")
        .post(f"/jobs/{held.pk}/approve/", {"attempt": attempt, "reason": "So."}, follow=True)
        .content.decode()
    )

    held.refresh_from_db()
    assert held.state == "held"
    assert "Look at its figures again" in page


def test_a_kind_of_job_that_no_page_knows_yet_shows_what_it_gave(browse: Browse, cast: Cast):
    job = make_job(cast.operator, "count", result={"counted": 12})

    page = browse("operator").get(f"/jobs/{job.pk}/").content.decode()

    assert "<dt>Counted</dt><dd>12</dd>" in page


def test_run_again_is_offered_only_where_it_can_work(browse: Browse, cast: Cast, tmp_path: Path):
    here, gone = tmp_path / "here.csv", tmp_path / "gone.csv"
    here.write_text("x")
    cases = [
        (make_job(cast.loader, "load", "failed", options={"path": str(here)}), True),
        (make_job(cast.loader, "load", "failed", options={"path": str(gone)}, message="The disk is full."), False),
        (make_job(cast.loader, "load", "failed", options={"path": str(here)}, final=True), False),
        (make_job(cast.supplier, "export", "failed"), True),
        (make_job(cast.viewer, "export", "failed"), False),
        (Job.objects.create(kind="export", title="x", state="lost", created_at=NOW), False),
    ]
    client = browse("operator")
    for job, offered in cases:
        page = client.get(f"/jobs/{job.pk}/").content.decode()

        assert (">Run again</button>" in page) == offered
        client.post(f"/jobs/{job.pk}/again/")
        before = job.state, job.message
        job.refresh_from_db()
        assert job.state == ("queued" if offered else before[0]) and (offered or job.message == before[1])
    assert (
        "It cannot be run again: The file is not here any more."
        in client.get(f"/jobs/{cases[1][0].pk}/").content.decode()
    )


def test_a_job_that_is_not_ones_own_is_not_run_again(browse: Browse, cast: Cast):
    job = make_job(cast.supplier, "export", "failed")

    for part in ("rival", "watcher", "stranger"):
        assert browse(part).post(f"/jobs/{job.pk}/again/").status_code == 404
    job.refresh_from_db()
    assert job.state == "failed"


@pytest.mark.parametrize(
    ("address", "came_from", "page"),
    [
        ("/jobs/7/approve/", "", "/jobs/7/"),
        ("/jobs/7/again/", "http://testserver/jobs/7/", "/jobs/7/"),
        ("/discrepancies/export/", "http://testserver/discrepancies/?rule=A_REMOVED", "/discrepancies/?rule=A_REMOVED"),
        ("/discrepancies/export/", "https://elsewhere.example/points/", "/discrepancies/"),
        ("/runs/reconcile/", "", "/runs/"),
        ("/storage/tidy/", "", "/storage/"),
        ("/extracts/upload/", "", "/extracts/upload/"),
    ],
)
def test_a_session_that_ended_before_a_button_leads_to_the_buttons_page(
    cast: Cast, address: str, came_from: str, page: str
):
    client = Client()

    answer = client.post(address, headers={"Referer": came_from} if came_from else {})
    login = client.get(answer["Location"])
    after = client.post(answer["Location"], {"username": "operator", "password": "a long enough password"})

    assert "Your session had ended, so nothing was done." in login.content.decode()
    assert after["Location"] == page
    assert client.get(page).status_code in {200, 404}
    assert not Job.objects.exists()


def test_the_admin_shows_who_works_for_whom_as_what(cast: Cast, django_user_model):
    client = Client()
    client.force_login(django_user_model.objects.create_superuser("root", password="x"))

    people = client.get("/admin/auth/user/").content.decode()
    form = client.get(f"/admin/auth/user/{cast.viewer.pk}/change/").content.decode()

    assert "Supplier OURS (analyst)" in people and "Market operator (manager)" in people
    assert '<option value="viewer" selected>Viewer</option>' in form


def test_a_superuser_may_do_everything_but_is_a_person(cast: Cast, django_user_model):
    root = django_user_model.objects.create_superuser("root", password="x")

    job = operations.start_tidy(actor=actor_for(root), now=timezone.now())

    assert (job.by_machine, job.requested_by) == (False, root)
    root.delete()
    assert operations.perform(actor=MACHINE, job_id=job.pk).message.startswith("root, who asked for this, has gone.")


BESIDE = {
    "title": "Eastern Networks",
    "last": {"extract": 1, "name": "last.csv", "as_of": "2021-11-18"},
    "figures": [{"title": "Meter Points", "before": 1274, "now": 205}],
}


def test_a_held_load_stands_beside_the_last_file_and_says_what_approving_would_do(browse: Browse, held: Job):
    held.result |= {"beside": [BESIDE], "would": ["9 rows are loaded."]}
    held.save()

    page = browse("watcher").get(f"/jobs/{held.pk}/").content.decode()

    assert '<a href="/extracts/1/">last.csv</a> of 18 Nov 2021' in page
    assert all(f'<td class="number">{figure}</td>' in page for figure in ("1,274", "205", "\u22121,069"))
    assert "9 rows are loaded." in page


def test_a_held_run_before_which_there_was_none_names_its_rules_in_words(browse: Browse, cast: Cast):
    beside = {"title": "Mismatches by rule", "figures": [{"title": "A_NO_METER", "before": None, "now": 4730}]}
    held = make_job(cast.operator, "reconcile", "held", result={"beside": [beside | {"last": None}]})

    page = browse("operator").get(f"/jobs/{held.pk}/").content.decode()

    assert "No run came before." in page
    assert '<th scope="row" title="A_NO_METER">Active, but no smart meter</th>' in page


def test_refusing_and_approving_weigh_the_same(browse: Browse, held: Job):
    page = browse("operator").get(f"/jobs/{held.pk}/").content.decode()

    refuse, approve = (
        page[: page.index(words)].rsplit("<button", 1)[1] for words in (">Refuse<", ">Approve and go on<")
    )
    assert "class" not in refuse + approve
    assert page.index(">Refuse<") < page.index(">Approve and go on<")


def test_an_approval_without_a_reason_changes_nothing(browse: Browse, held: Job):
    answer = browse("operator").post(f"/jobs/{held.pk}/approve/", {"attempt": "1", "reason": " "}, follow=True)

    held.refresh_from_db()
    assert held.state == "held"
    assert "Say in words why it is right" in answer.content.decode()


def test_a_bad_file_can_be_replaced_and_not_run_again(browse: Browse, cast: Cast):
    options = {"name": "bad.csv", "kind": "smi", "as_of": "2021-11-18", "coverage": "full", "path": "/x"}
    bad = make_job(cast.loader, "load", "failed", final=True, message="The header is missing.", options=options)

    page = browse("operator").get(f"/jobs/{bad.pk}/").content.decode()
    upload = browse("operator").get(f"/extracts/upload/?replaces={bad.pk}").content.decode()

    assert "The header is missing." in page and "Run again" not in page
    assert f'href="/extracts/upload/?replaces={bad.pk}">Replace file' in page
    assert "Replace bad.csv" in upload and "The header is missing." in upload
    assert '<option value="smi" selected>' in upload and 'value="2021-11-18"' in upload
    assert "Replace file" not in browse("watcher").get(f"/jobs/{bad.pk}/").content.decode()


def test_a_file_is_withdrawn_and_taken_back_on_its_page_with_name_and_reason(browse: Browse, cast: Cast):
    client, address = browse("operator"), f"/extracts/{cast.registration.pk}/"

    first = client.get(f"{address}withdraw/").content.decode()
    without = client.post(f"{address}withdraw/", {"reason": " "})
    page = client.post(f"{address}withdraw/", {"reason": "Another <network>."}, follow=True).content.decode()
    again = client.get(f"{address}withdraw/").content.decode()
    back = client.post(f"{address}take-back/", {"reason": "It was right."}, follow=True).content.decode()

    assert "What the next run would read instead" in first and "Run as of 25 Nov 2021" in first
    assert without.status_code == 400
    assert "Withdrawn by operator on" in page and "Another &lt;network&gt;." in page
    assert "It is withdrawn already" in again
    assert "<strong>Taken back</strong> by operator on" in back and "No run reads it" not in back


def test_runs_that_read_a_withdrawn_file_say_so(browse: Browse, cast: Cast):
    browse("operator").post(f"/extracts/{cast.registration.pk}/withdraw/", {"reason": "Another network's."})

    for part in ("watcher", "supplier"):
        client = browse(part)
        page = client.get(f"/runs/{cast.last_run.pk}/").content.decode()
        assert "Some of what this run read was withdrawn since." in page
        assert "by operator on" in page and "Another network&#x27;s." in page
        assert client.get("/runs/").content.decode().count("read a withdrawn file") == 1
    told = browse("supplier").get(f"/api/runs/{cast.last_run.pk}/").json()
    assert told["read_withdrawn"] and not told["totals"]["withdrawn"]
    assert browse("supplier").get(f"/api/extracts/{cast.registration.pk}/").json()["withdrawn_at"]
