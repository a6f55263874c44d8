"""Every page answers for those it is for, and is not there for anyone else."""

import gzip
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db.models import Q
from django.test import Client
from django.utils.html import escape

from reconcile.ledger import operations, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.inputs import latest_run
from reconcile.ledger.jobs import Kind
from reconcile.models import Discrepancy, Extract, Job
from reconcile.web.views import parties

from .addresses import addresses
from .cast import Cast, make_job
from .test_access import BUTTONS, WITHOUT_LOG_IN

Browse = Callable[[str], Client]
OPEN_TO_ALL = {
    *("/account/", "/rules/", "/api/docs/"),
    *("/policy/", "/policy/csv/", "/policy/differences/", "/policy/differences/csv/"),
}
APART = {
    *WITHOUT_LOG_IN, "headings", "upload", "loads", "storage", "metrics", "record", "causes-csv", "compare-csv",
    "coverage-csv",
    "api-schema", "api-root", "work-record", "work-record-csv", "api-work-facets", "api-work-changes",
    "work-file", "alerts-csv", "api-work-inbox-read", "api-work-view-habits", "api-work-view-desks",
    "api-alert-changes", "api-run-compare",
    "api-policy-differences", "api-what-if-points", "correction-new",
    "api-correction-plan",
}  # fmt: skip
PAGES = [
    one.filled()
    for one in addresses()
    if not one.arguments and one.name not in APART | BUTTONS.keys() and not one.name.endswith("-list")
]
"""The pages without arguments that every member gets."""


@pytest.mark.parametrize("address", PAGES)
def test_stranger_sees_an_explanation_and_no_rows(browse: Browse, cast: Cast, address: str):
    answer = browse("stranger").get(address)

    assert answer.status_code == (200 if address in OPEN_TO_ALL or address == "/" else 404)
    if address not in OPEN_TO_ALL:
        assert b"You do not belong to a party yet" in answer.content


def test_rival_sees_none_of_our_rows(browse: Browse, cast: Cast):
    ours = [str(row.mpxn) for row in Discrepancy.objects.filter(supplier=cast.ours)]

    page = browse("rival").get("/discrepancies/?state=all").content.decode()

    assert not any(number in page for number in ours)
    assert "24 of 24</strong>" in page


@pytest.mark.parametrize(
    ("part", "address"),
    [
        ("supplier", "/suppliers/RIVL/"), ("rival", "/suppliers/OURS/"), ("network", "/networks/10/"),
        ("network", "/networks/99/"), ("stranger", "/networks/12/"), ("supplier", "/runs/999/"),
        ("supplier", "/extracts/999/"), ("supplier", "/jobs/999/"), ("supplier", "/extracts/upload/"),
        ("network", "/extracts/upload/"), ("operator", "/nothing/"),
    ],
)  # fmt: skip
def test_what_is_not_yours_is_not_there(browse: Browse, part: str, address: str):
    assert browse(part).get(address).status_code == 404


@pytest.mark.parametrize(
    "address", ["/runs/reconcile/", "/extracts/upload/", "/jobs/{job}/approve/", "/jobs/{job}/refuse/"]
)
@pytest.mark.parametrize("part", ["supplier", "network", "stranger"])
def test_only_the_market_operator_changes_anything(browse: Browse, cast: Cast, part: str, address: str):
    job = make_job(cast.operator, "load", "held")

    answer = browse(part).post(address.format(job=job.pk))

    assert answer.status_code == 404
    assert Job.objects.get().state == "held"


def test_jobs_are_ones_own(browse: Browse, cast: Cast):
    job = make_job(cast.supplier)

    assert browse("supplier").get(f"/jobs/{job.pk}/").status_code == 200
    assert browse("operator").get(f"/jobs/{job.pk}/").status_code == 200
    assert browse("rival").get(f"/jobs/{job.pk}/").status_code == 404
    assert browse("rival").get(f"/jobs/{job.pk}/download/").status_code == 404


def test_overview_counts_points_of_the_scope(cast: Cast):
    found = queries.overview(scope=EVERYTHING)

    assert found.points == 120
    assert found.totals.mismatches == 27
    assert found.totals.open == Discrepancy.objects.filter(resolved_on=None).count()
    assert {one.party.code: one.points for one in found.networks} == {"10": 40, "12": 40, "CADENT": 40}


@pytest.mark.parametrize(
    ("address", "most"), [("/", 31), ("/discrepancies/", 14), ("/networks/12/", 29), ("/runs/", 12), ("/work/", 40)]
)
@pytest.mark.parametrize("part", ["operator", "supplier"])
def test_pages_ask_few_questions(browse: Browse, django_assert_max_num_queries, part: str, address: str, most: int):
    client = browse(part)

    with django_assert_max_num_queries(most):
        client.get(address)


def test_the_bar_says_where_one_is(browse: Browse, cast: Cast):
    page = browse("operator").get(f"/runs/{cast.last_run.pk}/").content.decode()

    assert '<a href="/extracts/" aria-current="true">Data</a>' in page
    assert '<a href="/runs/" aria-current="page">Runs</a>' in page
    assert page.count("aria-current") == 2


def test_storage_is_in_the_bar_for_those_who_may_see_it(browse: Browse):
    for part, shown in (("operator", True), ("supplier", False)):
        assert ('<a href="/storage/">Storage</a>' in browse(part).get("/extracts/").content.decode()) == shown


def test_the_bar_counts_what_is_held_and_leads_there(browse: Browse, cast: Cast):
    make_job(cast.loader, "load", "held")
    make_job(cast.loader, "load", "done")

    held = r'<a href="/jobs/">Data <span class="badge"[^>]*>1<'
    assert re.search(held, browse("operator").get("/policy/").content.decode())
    for part in ("supplier", "stranger"):
        assert 'class="badge"' not in browse(part).get("/policy/").content.decode()


@pytest.mark.parametrize(("cookie", "said"), [("dark", True), ("light", True), ("'><script>", False), ("", False)])
def test_a_page_comes_in_the_colours_that_were_chosen(browse: Browse, cookie: str, said: bool):
    client = browse("operator")
    client.cookies["theme"] = cookie

    page = client.get("/policy/").content.decode()

    assert (f'<html lang="en-GB" data-theme="{cookie}">' in page) == said
    assert ("data-theme=" in page) == said


def test_htmx_gets_the_rows_alone(browse: Browse):
    answer = browse("supplier").get("/discrepancies/?flag=A", headers={"HX-Request": "true"})

    assert b"<html" not in answer.content
    assert b"DCC Service Flag: A - Active" in answer.content
    assert "HX-Request" in answer["Vary"]


def test_numbers_of_meter_points_and_ids_have_no_separators(browse: Browse, cast: Cast):
    job = make_job(cast.operator, pk=1234, state="queued")
    client = browse("operator")

    assert "1,234" not in client.get(f"/jobs/{job.pk}/").content.decode()
    assert not re.search(r'href="[^"]*\d,\d{3}', client.get("/discrepancies/?state=all").content.decode())


def test_export_queues_exactly_the_filter_shown(browse: Browse, cast: Cast):
    answer = browse("supplier").post(
        "/discrepancies/export/", {"query": "rule=A_REMOVED&state=new&page=3&sort=rule&flag="}
    )

    job = Job.objects.get()
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert job.options["query"] == "rule=A_REMOVED&state=new"
    assert job.requested_by == cast.supplier


def test_export_of_an_unreadable_filter_is_refused(browse: Browse):
    answer = browse("supplier").post("/discrepancies/export/", {"query": "supplier=RIVL"}, follow=True)

    assert not Job.objects.exists()
    assert b"Nothing was exported" in answer.content


def test_upload_keeps_the_file_and_queues_its_load(browse: Browse, cast: Cast, settings):
    file = SimpleUploadedFile("../../etc/flags.csv", b"mpan,flag\n")

    answer = browse("operator").post("/extracts/upload/", {"file": file, "kind": "registration", "as_of": "2021-11-04"})

    job = Job.objects.get()
    kept = Path(job.options["path"])
    assert answer["Location"] == f"/jobs/{job.pk}/"
    assert (kept.parent, kept.read_bytes()) == (settings.VAR_DIR / "incoming", b"mpan,flag\n")
    assert (job.options["name"], job.options["kind"], job.options["as_of"]) == (
        "flags.csv",
        "registration",
        "2021-11-04",
    )


def test_empty_upload_is_refused(browse: Browse, cast: Cast):
    answer = browse("operator").post("/extracts/upload/", {"file": SimpleUploadedFile("empty.csv", b"")})

    assert answer.status_code == 400
    assert b"The submitted file is empty" in answer.content


@pytest.mark.parametrize(
    ("state", "more", "words"),
    [
        ("queued", {}, "Waiting for a worker"),
        ("running", {"stage": "Judging", "percent": 42}, 'hx-trigger="every 1s"'),
        ("failed", {"message": "The file is cut short."}, "Run again"),
        ("lost", {}, "Run again"),
        (
            "held",
            {"guards": [{"guard": "x", "figure": 5, "limit": 1, "words": "It fell by half."}]},
            "Approve and go on",
        ),
        ("done", {"result": {"rows": 12345, "bytes": 100, "name": "x.csv", "sha256": "ab"}}, "12,345"),
    ],
)
def test_job_page_says_how_it_stands(browse: Browse, cast: Cast, state: str, more: dict, words: str):
    job = make_job(cast.operator, state=state, **more)

    page = browse("operator").get(f"/jobs/{job.pk}/").content.decode()

    assert words in page
    assert ("every 1s" in page) == (state in {"queued", "running"})


def test_download_comes_whole_with_its_length(browse: Browse, cast: Cast, tmp_path: Path):
    file = tmp_path / "discrepancies.csv"
    file.write_text("mpxn\n1\n")
    job = make_job(cast.supplier, result={"file": str(file), "manifest": ""})
    client = browse("supplier")

    answer = client.get(f"/jobs/{job.pk}/download/")

    assert answer["Content-Length"] == "7"
    assert 'filename="discrepancies.csv"' in answer["Content-Disposition"]
    assert client.get(f"/jobs/{job.pk}/manifest/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "words"),
    [
        ("12 0000 0000 146", 302, ""),
        ("12 0000 0000 147", 400, "should be 6"),
        ("MPAN: 12 0000 0000 146,", 302, ""),
        ("MPAN: 12 0000 0000 147,", 400, "should be 6"),
        ("MPAN 12345678901", 400, "11 digits"),
        ("12x", 400, "digits only"),
        ("12345678901", 400, "11 digits"),
        ("", 200, "Find"),
        ("flat 1", 400, "1 stands among words"),
        ("MPRN 12345", 302, ""),
        ("12345", 302, ""),
        ("account 12345678", 302, ""),
    ],
)
def test_search_reads_numbers_as_people_write_them(browse: Browse, asked: str, status: int, words: str):
    answer = browse("supplier").get("/points/", {"q": asked})

    assert answer.status_code == status
    assert words in answer.content.decode()


def test_a_short_number_among_words_is_looked_for_only_when_it_is_meant(browse: Browse):
    client = browse("supplier")

    asked = client.get("/points/", {"q": "flat 1, High Street"}).content.decode()
    unknown = client.get("/points/1/")

    assert 'href="/points/1/">Look for the MPRN 1 all the same' in asked and "An MPAN has 13 digits" in asked
    assert unknown.status_code == 404
    assert "probably mistyped. Its last two digits are not those of an MPRN" in unknown.content.decode()


def test_who_has_not_the_right_is_told_so_in_words(browse: Browse):
    page = browse("supplier").get("/record/").content.decode()

    assert "There is no such page for you" in page
    assert "The log-in supplier may not see the record of what people did." in page
    assert "There is no such page</h1>" in browse("supplier").get("/nothing/").content.decode()


@pytest.fixture
def traced(cast: Cast) -> int:
    """A Meter Point of our supplier at London, whose meter has gone."""
    return Discrepancy.objects.filter(network=cast.london, supplier=cast.ours, rule="A_REMOVED").first().mpxn


@pytest.mark.parametrize(
    ("part", "status"), [("supplier", 200), ("network", 200), ("operator", 200), ("rival", 404), ("stranger", 404)]
)
def test_meter_point_is_for_its_parties(browse: Browse, traced: int, part: str, status: int):
    answer = browse(part).get(f"/points/{traced}/")

    assert answer.status_code == status
    assert (b"Send N to registration" in answer.content) == (status == 200)


def test_absent_meter_point_is_shown_to_those_whose_it_was(browse: Browse, cast: Cast):
    row = Discrepancy.objects.filter(supplier=cast.ours, rule="A_NOT_INSTALLED").first()

    answer = browse("supplier").get(f"/points/{row.mpxn}/")

    assert b"holds no evidence about this Meter Point" in answer.content
    assert browse("rival").get(f"/points/{row.mpxn}/").status_code == 404


def test_unknown_meter_point_is_a_plain_404(browse: Browse):
    answer = browse("operator").get("/points/1900000000013/")

    assert answer.status_code == 404
    assert b"is not among yours" in answer.content


def test_supplier_sees_files_without_their_rejected_lines(browse: Browse, cast: Cast):
    page = browse("network").get(f"/extracts/{cast.registration.pk}/").content.decode()

    assert "London Networks" in page
    assert "Eastern Networks" not in page
    warning = escape(cast.registration.report["warnings"][0])
    assert warning in browse("operator").get(f"/extracts/{cast.registration.pk}/").content.decode()
    assert warning not in page
    assert browse("network").get(f"/extracts/{cast.registration.pk}/rejects/").status_code == 404


def test_policy_judges_a_combination(browse: Browse):
    page = browse("stranger").get("/policy/?judge=1&flag=A&statuses=Decommissioned&ever=on").content.decode()

    assert "A (Active) disagrees with the inventory." in page
    assert "Expected: N (Non-Active)" in page


def test_before_the_first_run_every_page_says_what_to_do(client: Client, django_user_model):
    client.force_login(django_user_model.objects.create_superuser("root", password="x"))

    for address in ("/", "/discrepancies/", "/networks/", "/suppliers/", "/runs/"):
        assert b"There is no run yet" in client.get(address).content
    assert b"Nothing is loaded yet" in client.get("/extracts/").content
    assert b"There are no jobs yet" in client.get("/jobs/").content


def test_pages_load_nothing_from_elsewhere_and_write_no_script(browse: Browse):
    client = browse("operator")

    for address in PAGES:
        answer = client.get(address)
        page = answer.content.decode()
        assert "script-src 'self';" in answer["Content-Security-Policy"]
        assert not re.search(r'(src|href)="https?://', page), address
        assert not re.search(r"\son[a-z]+=", page), address
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page), address


@pytest.mark.parametrize("query", ["page=99999", "page=x", "page=-1", "page=", "sort=nonsense", "sort=", "sort=-rule"])
def test_paging_that_makes_no_sense_shows_the_nearest_page(browse: Browse, query: str):
    page = browse("operator").get(f"/discrepancies/?state=all&{query}").content.decode()

    assert "of 72</strong>" in page
    assert page.count('<td class="mpxn"') <= 50


def test_storage_is_the_market_operators(browse):
    page = browse("operator").get("/storage/").content.decode()
    assert "Registration snapshots" in page and "KEEP_DAYS" in page
    for part in ("network", "supplier", "rival", "stranger"):
        assert browse(part).get("/storage/").status_code == 404
        assert browse(part).post("/storage/tidy/").status_code in (403, 404)
    assert not Job.objects.filter(kind=Kind.TIDY).exists()


def test_thinning_can_be_asked_for_and_its_job_says_what_it_did(browse):
    client = browse("operator")

    answer = client.post("/storage/tidy/")

    job = Job.objects.get(kind=Kind.TIDY)
    assert answer["Location"] == f"/jobs/{job.pk}/"
    operations.perform(actor=MACHINE, job_id=job.pk)
    assert "extracts and" in client.get(f"/jobs/{job.pk}/").content.decode()
    assert client.get("/jobs/").status_code == 200


def test_a_meter_point_shows_two_answers_and_the_files_that_say_so(browse: Browse, cast: Cast):
    row = Discrepancy.objects.filter(supplier=cast.ours, rule="A_REMOVED", in_flight=False, resolved_on=None).first()
    newest = latest_run().inputs.values_list("extract", flat=True)

    page = browse("supplier").get(f"/points/{row.mpxn}/").content.decode()

    assert "<strong>REMOVED</strong>" in page and "<strong>WRONG</strong>, A; should be N" in page
    named = Extract.objects.filter(pk__in=newest).filter(Q(networks__network=row.network) | Q(table="devices"))
    assert named.count() >= 2
    for file in named:
        assert file.name in page and file.sha256 in page


def test_the_picture_of_a_meter_point_holds_numbers_that_a_browser_reads(browse: Browse, cast: Cast):
    row = Discrepancy.objects.filter(supplier=cast.ours, rule="A_NO_METER", resolved_on=None).first()

    page = browse("supplier").get(f"/points/{row.mpxn}/").content.decode()
    drawn = page[page.index('class="timeline"') : page.index("The same as a list")]

    places = re.findall(r"--(?:start|size): ([^;\"]*)", drawn)
    assert places and all(re.fullmatch(r"[0-9]+(\.[0-9]+)?%", place) for place in places)


def test_the_command_gives_the_facts_of_the_page(cast: Cast, capsys):
    row = Discrepancy.objects.filter(supplier=cast.ours, rule="A_REMOVED", in_flight=False, resolved_on=None).first()
    point = queries.meter_point(scope=EVERYTHING, mpxn=row.mpxn)

    call_command("explain", str(row.mpxn), "--json")

    told = json.loads(capsys.readouterr().out)
    assert told["sources"] and [one["sha256"] for one in told["sources"]] == [
        one.extract.sha256 for one in point.sources
    ]
    assert len(told["timeline"]) == len(point.timeline) > 2


def test_pages_go_out_compressed_and_downloads_as_they_are(browse, cast: Cast):
    client, asked = browse("operator"), {"HTTP_ACCEPT_ENCODING": "gzip"}

    plain = client.get("/discrepancies/").content
    page, api = client.get("/discrepancies/", **asked), client.get("/api/discrepancies/", **asked)
    csv = client.get("/runs/compare/csv/", **asked)

    assert page["Content-Encoding"] == api["Content-Encoding"] == "gzip" and "Accept-Encoding" in page["Vary"]
    assert len(page.content) < len(plain) / 3 and len(gzip.decompress(page.content)) > len(plain) * 0.9
    assert csv.streaming and "Content-Encoding" not in csv and int(csv["Content-Length"]) > 100


def test_many_parties_come_page_by_page(browse: Browse, cast: Cast, monkeypatch):
    monkeypatch.setattr(parties, "PER_PAGE", 2)
    client, named = browse("operator"), re.compile(r'<th scope="row"><a href="(/networks/\w+/)"')

    pages = [client.get(f"/networks/?sort=name&page={number}").content.decode() for number in (1, 2)]

    assert [named.findall(page) for page in pages] == [["/networks/10/", "/networks/12/"], ["/networks/CADENT/"]]
    assert "1\u20132 of 3." in pages[0] and '<a href="?sort=name&amp;page=2">2</a>' in pages[0]
    assert len(named.findall(client.get("/suppliers/OURS/?page=2").content.decode())) == 1
