"""Flows of the Data Transfer Catalogue through a whole load: what is full, what is empty, what is kept beside."""

from datetime import date

import duckdb
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from reconcile.lake import store
from reconcile.ledger import operations, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE
from reconcile.models import Discrepancy, Extract, Job, Run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.one_database]

MPANS = ("1012345678903", "1012345678912", "1012345678921", "1012345678930")


def loaded(text: str, name: str = "flow.usr", **options) -> Job:
    """The job of a load of a file with this text."""
    path = settings.VAR_DIR / "incoming" / f"{timezone.now().timestamp()}-{name}"
    path.write_text(text)
    job = operations.start_load(actor=MACHINE, path=path, name=name, now=timezone.now(), **options)
    operations.perform(actor=MACHINE, job_id=job.pk)
    job.refresh_from_db()
    return job


def refresh(*mpans: str, day: str = "20261114", to: str = "TERN") -> str:
    body = "".join(f"440|{mpan}|\n90H|I|20200101|\n90H|A|20210101|\n" for mpan in mpans)
    count = 2 + 3 * len(mpans)
    return f"ZHV|F1|D0204002|P|EELC|X|{to}|{day}020000||||OPER|\n751|1|\n763|1|X|\n{body}ZPT|F1|{count}||1|{day}0200|\n"


@pytest.mark.parametrize(
    "later, options, coverage, words",
    [
        (MPANS, {}, "full", "4 Meter Points, and the last full extract of UK Power Networks - Eastern has 4."),
        (MPANS[:2], {}, "full", "2 Meter Points, and"),
        (MPANS[:1], {}, "delta", "Taken as selective: 1 Meter Points, and"),
        (MPANS[:1], {"coverage": "full"}, "full", ""),
        (MPANS, {"coverage": "delta"}, "delta", ""),
    ],
)
def test_a_refresh_is_full_or_selective_as_a_person_or_the_count_says(later, options, coverage, words):
    first = loaded(refresh(*MPANS)).result
    second = loaded(refresh(*later, day="20261115"), **options).result

    assert (first["coverage"], first["network"], first["supplier"]) == ("full", "10", "TERN")
    assert "no full extract of" in first["warnings"][0]
    assert (second["coverage"], second["state"]) == (coverage, "loaded")
    assert words in " ".join(second["warnings"])


def test_the_same_refresh_again_is_the_extract_that_stands():
    loaded(refresh(*MPANS))
    selective = loaded(refresh(MPANS[0], day="20261115"))
    again = loaded(refresh(MPANS[0], day="20261115"))

    assert (again.result["duplicate"], again.result["coverage"]) == (True, "delta")
    assert again.result["extract"] == selective.result["extract"]


def test_the_refresh_of_another_supplier_does_not_replace_the_first(lake_dir):
    loaded(refresh(*MPANS))

    other = loaded(refresh(*MPANS, day="20261115", to="WREN"))

    assert (other.state, Extract.objects.count()) == ("failed", 1)
    assert "TERN" in other.message and "WREN" in other.message and "--full" in other.message


def test_every_flag_of_a_refresh_is_kept_beside_its_rows():
    loaded(refresh(MPANS[0]))

    history = settings.LAKE_DIR / Extract.objects.get().snapshot / store.HISTORY
    assert duckdb.sql(f"FROM '{history}'").fetchall() == [
        (1012345678903, "I", date(2020, 1, 1)),
        (1012345678903, "A", date(2021, 1, 1)),
    ]


EMPTY = [
    "ZHV|F1|D0350001|Z|DCCO|P|EELC|20261115020000||||OPER|\n81H|1235|\nZPT|F1|1||1|20261115020001|\n",
    '"A00",1234,"DXI",20261115,"023000",7\n"Z99",0\n',
    '"A00",1234,"E46",20261115,"023000",7\n"Z99",0\n',
]


@pytest.mark.parametrize("text", EMPTY)
def test_a_day_without_updates_is_a_success(text):
    job = loaded(text)

    assert (job.state, job.result["state"], job.result["rows"], job.result["rejects"]) == ("done", "loaded", 0, 0)
    assert [words for words in job.result["warnings"] if words.startswith("No ")]


def test_confirmations_and_registered_meters_are_kept():
    head = "ZHV|F1|{}|P|EELC|Z|DCCO|20261115020000||||OPER|\n"
    confirmed = head.format("D0172001") + "749|1|\n357|1|DC90|20261114|DCC1|3|2|1|\nZPT|F1|2||1|20261115020001|\n"
    meters = head.format("D0312003") + "11D|1012345678903|\n12D|S1|K|M|20240101|||5|\nZPT|F1|2||1|20261115020001|\n"

    assert [loaded(text).result["rows"] for text in (confirmed, meters)] == [1, 1]
    assert set(Extract.objects.values_list("table", flat=True)) == {"confirmations", "registered_meters"}


SMI = (
    "DeviceID,DeviceType,DeviceStatus,StatusDate,ImportMPxN\n00-DB-12-34-56-78-90-00,ESME,Commissioned,2021-01-01,{}\n"
)


def reconciled(*texts: tuple[str, str]) -> None:
    """Load files, by name, and make a run of them."""
    for name, text in texts:
        assert loaded(text, name=name).state == "done"
    job = operations.start_reconcile(actor=MACHINE, as_of=date(2026, 11, 15), every_guard=True, now=timezone.now())
    operations.perform(actor=MACHINE, job_id=job.pk)


def test_the_page_of_a_point_has_every_flag_that_a_refresh_told():
    reconciled(("smi_2026-11-15.csv", SMI.format(MPANS[0])), ("d0204.usr", refresh(*MPANS)))

    point = queries.meter_point(scope=EVERYTHING, mpxn=int(MPANS[0]))

    assert point is not None
    assert [(told.flag, told.flag_from) for told in point.told_flags] == [
        ("I", date(2020, 1, 1)),
        ("A", date(2021, 1, 1)),
    ]


def test_the_page_of_a_point_has_what_registration_said_of_the_files_that_told_of_it():
    head = "ZHV|{}|{}|{}|OPER|\n"
    sent, answer = "Z|DCCO|P||20261115020000|||", "P|EELC|Z|DCCO|20261115040000|||"
    updates = "81H|1|\n82H|1|DC01|{}|A|20261101|TERN|\nZPT|{}|2||1|20261115020000|\n"
    counts = "749|1|\n357|1|DC90|20261115|DCC7|3|2|1|\n357|2|DC90|20261115|DCC8|1|1|0|\nZPT|F9|3||1|20261115040000|\n"
    reconciled(
        ("smi_2026-11-15.csv", SMI.format(MPANS[0])),
        ("d0204.usr", refresh(*MPANS)),
        *(
            (f"{file}.usr", head.format(file, "D0350001", sent) + updates.format(mpan, file))
            for file, mpan in zip(("DCC7", "DCC8", "DCC9"), (MPANS[0], MPANS[1], MPANS[0]), strict=True)
        ),
        ("d0172.usr", head.format("F9", "D0172001", answer) + counts),
    )

    point = queries.meter_point(scope=EVERYTHING, mpxn=int(MPANS[0]))

    assert point is not None
    told = [(one.counts.file, one.counts.received, one.counts.accepted, one.counts.rejected) for one in point.confirmed]
    assert told == [("DCC7", 3, 2, 1)]
    client = Client()
    client.force_login(User.objects.create_superuser("root"))
    assert "3 instructions received, 2 accepted, 1 rejected" in client.get(f"/points/{MPANS[0]}/").content.decode()


def test_a_run_with_days_without_updates_finds_what_it_found_without_them():
    head = "ZHV|F1|{}|P|EELC|Z|DCCO|20261115020000||||OPER|\n"
    silent = head.format("D0350001") + "81H|1|\nZPT|F1|1||1|20261115020001|\n"

    reconciled(
        ("smi_2026-11-15.csv", SMI.format(MPANS[0])),
        ("d0204.usr", refresh(MPANS[0])),
        ("d0350.usr", silent),
        *((f"empty_{at}.csv", text) for at, text in enumerate(EMPTY[1:])),
    )

    run = Run.objects.get()
    assert (run.points, Discrepancy.objects.count()) == (1, 0)
