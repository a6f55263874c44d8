"""The pages of headings: what a held file's mean, previewed and told; what was kept, renamed, removed, handed in."""

from collections.abc import Callable
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from reconcile.feeds import TABLES
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE, actor_for
from reconcile.models import Extract, Job, KeptColumns
from reconcile.web.forms.headings import MEANINGS

from .cast import PEOPLE, Cast

pytestmark = pytest.mark.one_database

Browse = Callable[[str], Client]
MPANS = ("1012345678903", "1012345678912", "1012345678921", "1012345678930")
HEADINGS = ("GUID <b>1</b>", "Category", "Lifecycle", "Since", "Meter Ref", "Fitter", "", "Twice", "Twice")
LINES = [
    (
        f"00-DB-12-34-56-78-90-0{at}",
        "ESME",
        "Live" if at else "Commissioned",
        "01/02/2024",
        mpan,
        "<i>Bob</i>",
        "1",
        "2",
        "3",
    )
    for at, mpan in enumerate(MPANS)
]
TEXT = "".join(";".join(line) + "\n" for line in [HEADINGS, *LINES])
CHOSEN = {"DeviceID": "0", "DeviceType": "1", "DeviceStatus": "2", "StatusDate": "3", "ImportMPxN": "4"}
LIVE = {"word-for": ["DeviceStatus"], "word-is": ["Live"], "word-means": ["Commissioned"]}


@pytest.fixture
def held(cast: Cast, own_lake, tmp_path) -> Job:
    """A load of the operator's analyst, whose headings nobody knows."""
    path = tmp_path / "Device report 2021-11-26.csv"
    path.write_text(TEXT)
    job = operations.start_load(actor=actor_for(cast.loader), path=path, name=path.name, now=timezone.now())
    return operations.perform(actor=MACHINE, job_id=job.pk)


def posted(what: str = "preview", **changed: str) -> dict:
    columns = {f"column-{meaning}": place for meaning, place in (CHOSEN | changed).items()}
    return {"name": "Reports", what: "", **LIVE, **columns}


def text_of(answer) -> str:
    return unescape(answer.content.decode())


def test_the_held_job_leads_to_its_headings(browse: Browse, held: Job):
    assert held.state == "held"
    page = browse("loader").get(f"/jobs/{held.pk}/").content.decode()
    assert f"/jobs/{held.pk}/headings/" in page and "Approve" not in page


def test_every_meaning_has_a_name_for_people():
    assert {meaning for feed in TABLES.values() for meaning in feed.aliases} <= MEANINGS.keys()


@pytest.mark.parametrize("part", PEOPLE)
def test_only_who_may_load_sees_and_tells_them(browse: Browse, held: Job, part: str):
    client, address = browse(part), f"/jobs/{held.pk}/headings/"
    found = {client.get(address).status_code, client.post(address, posted()).status_code}
    assert found == ({200} if part in {"operator", "loader"} else {404})


def test_the_page_shows_headings_values_guesses_and_what_would_become_of_the_file(browse: Browse, held: Job):
    answer = browse("loader").get(f"/jobs/{held.pk}/headings/")
    page = text_of(answer)

    assert "GUID &lt;b&gt;1" in answer.content.decode() and "<i>Bob" not in answer.content.decode()
    assert "A guess, by its heading and its values." in page
    assert "MPANs with right check digits" in page and "(no heading)" in page
    assert "Of all 4 lines <strong>1</strong> would be loaded" in page
    assert "“Live” as device status" in page and "in 3 of the first lines" in page
    assert "No device status 'Live' in the SMI" in page or "'Live' in the SMI" in page
    assert ">Twice (2)<" not in page


def test_a_correction_is_previewed_and_changes_nothing(browse: Browse, held: Job):
    page = text_of(browse("loader").post(f"/jobs/{held.pk}/headings/", posted(StatusDate="")))

    assert "Of all 4 lines <strong>4</strong> would be loaded" in page
    assert "<dt>Dates</dt><dd>none" in page
    assert not KeptColumns.objects.exists() and Job.objects.get(pk=held.pk).state == "held"


def test_told_it_is_loaded_kept_and_known(browse: Browse, held: Job, cast: Cast, tmp_path):
    answer = browse("loader").post(f"/jobs/{held.pk}/headings/", posted("load"))
    assert answer["Location"] == f"/jobs/{held.pk}/"
    job = operations.perform(actor=MACHINE, job_id=held.pk)

    assert (job.state, job.result["rows"]) == ("done", 4)
    kept = KeptColumns.objects.get()
    assert (kept.name, kept.kept_name) == ("Reports", "loader")
    page = text_of(browse("operator").get(f"/extracts/{job.result['extract']}/"))
    assert "Reports" in page and "ImportMPxN = Meter Ref" in page and "“Live” is Commissioned" in page
    assert "Reports" not in text_of(browse("supplier").get(f"/extracts/{job.result['extract']}/"))
    assert browse("loader").get(f"/jobs/{held.pk}/headings/").status_code == 404


@pytest.mark.parametrize(
    "changed, why",
    [
        ({"DeviceType": "0"}, "is named twice, for DeviceID and for DeviceType"),
        ({"ImportMPxN": ""}, "needs a column for ImportMPxN or"),
        ({"DeviceStatus": "7"}, "Select a valid choice"),
        ({"DeviceStatus": "999"}, "Select a valid choice"),
        ({"ImportMPxN": "5"}, "Not one"),
    ],
)
def test_what_cannot_be_is_said_and_not_loaded(browse: Browse, held: Job, changed: dict, why: str):
    answer = browse("loader").post(f"/jobs/{held.pk}/headings/", posted("load", **changed))
    assert answer.status_code == 400
    assert why in text_of(answer) or (why == "Not one" and "nothing can be loaded" in text_of(answer))
    assert Job.objects.get(pk=held.pk).state == "held"


@pytest.mark.parametrize(
    "field, value, why", [("name", "", "This field is required"), ("as_of", "2999-01-01", "a day to come")]
)
def test_a_name_and_a_day_are_asked_for(browse: Browse, held: Job, field: str, value: str, why: str):
    answer = browse("loader").post(f"/jobs/{held.pk}/headings/", posted("load") | {field: value})
    assert answer.status_code == 400 and why in text_of(answer)


def test_it_can_be_told_to_be_of_another_kind(browse: Browse, held: Job):
    page = text_of(browse("loader").get(f"/jobs/{held.pk}/headings/?kind=registration"))
    assert "column-flag" in page and "column-DeviceID" not in page
    assert "needs a column for flag" in page


def columns_file(text: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("x.toml", text.encode())


def test_a_columns_file_fills_the_page(browse: Browse, held: Job):
    text = 'kind = "smi"\nname = "Mine"\n[columns]\nStatusDate = ""\n[values.DeviceStatus]\nLive = "Commissioned"\n'
    page = text_of(browse("loader").post(f"/jobs/{held.pk}/headings/", {"file": columns_file(text)}))
    assert "Of all 4 lines <strong>4</strong> would be loaded" in page and 'value="Mine"' in page
    bad = browse("loader").post(f"/jobs/{held.pk}/headings/", {"file": columns_file("kind = ")})
    assert bad.status_code == 400 and "no TOML that can be read" in text_of(bad)


def test_what_was_kept_is_listed_exported_renamed_and_removed(browse: Browse, cast: Cast):
    client = browse("loader")
    text = 'kind = "registration"\nname = "A <b>"\n[columns]\nflag = "Svc"\n'
    client.post("/headings/import/", {"file": columns_file(text)})
    kept = KeptColumns.objects.get()

    assert "A &lt;b&gt;" in client.get("/headings/").content.decode()
    exported = client.get(f"/headings/{kept.pk}/columns/")
    assert 'flag = "Svc"' in exported.content.decode() and "attachment" in exported["Content-Disposition"]
    client.post(f"/headings/{kept.pk}/rename/", {"name": "Weekly"})
    page = text_of(client.get(f"/headings/{kept.pk}/"))
    assert "Renamed</strong> by loader" in page and "It was called A <b>." in page
    client.post(f"/headings/{kept.pk}/remove/")
    assert client.get(f"/headings/{kept.pk}/").status_code == 404
    assert "Nothing was kept yet" in text_of(client.get("/headings/"))


@pytest.mark.parametrize(
    "text, why",
    [
        ("", "empty"),
        ('kind = "smi"\nname = "x"\n[columns]\nflag = "x"', "is no meaning of smi"),
        ('kind = "smi"\n[columns]\nDeviceID = "x"', "Give a name"),
    ],
)
def test_a_bad_columns_file_is_not_kept(browse: Browse, text: str, why: str):
    answer = browse("loader").post("/headings/import/", {"file": columns_file(text)}, follow=True)
    assert why in text_of(answer) and not KeptColumns.objects.exists()


def test_a_thousand_columns_are_shown_in_part(browse: Browse, cast: Cast, own_lake, tmp_path):
    path = tmp_path / "wide_2021-11-26.csv"
    wide = [f"H{at}" for at in range(995)]
    path.write_text("".join(";".join([*line[:5], *wide]) + "\n" for line in [HEADINGS, *LINES]))
    job = operations.start_load(actor=MACHINE, path=path, name=path.name, now=timezone.now())
    operations.perform(actor=MACHINE, job_id=job.pk)

    page = text_of(browse("operator").get(f"/jobs/{job.pk}/headings/"))

    assert "700 more columns are not shown" in page
    assert Extract.objects.filter(name=path.name).count() == 0
