"""Files to registration: exactly what can be sent, in whose name, as the industry writes it, once and for ever."""

import csv
import hashlib
import json
from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from reconcile.domain.corrections import LeftOut
from reconcile.ledger import corrections, operations, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE, NotAllowed
from reconcile.ledger.corrections.making import Wanted, make
from reconcile.ledger.working import WorkError
from reconcile.models import AuditEntry, Correction, CorrectionFile, CorrectionLine, Discrepancy, Job
from tests.ledger.market import reconcile

from .conftest import DAY, NOW, POINTS, SENT, registered

pytestmark = pytest.mark.django_db
MOST = 20_000


def wanted(actor=MACHINE, *, count=6, job=1, query="", ids=(), most=MOST, now=NOW) -> Wanted:
    return Wanted(actor=actor, query=query, ids=ids, count=count, most=most, job=job, now=now)


def sent(correction: Correction) -> set[str]:
    names = {mpxn: name for name, mpxn in POINTS.items()}
    lines = CorrectionLine.objects.filter(file__correction=correction)
    return {names[mpxn] for mpxn in lines.values_list("mpxn", flat=True)}


def text(file: CorrectionFile) -> str:
    return b"".join(corrections.file_chunks(file)).decode()


def ask(actor, count, **more) -> Job:
    return operations.start_correction(actor=actor, count=count, now=NOW, **more)


def command(*words: str) -> dict:
    said = StringIO()
    call_command("correct", *words, "--json", stdout=said)
    return json.loads(said.getvalue())


def test_exactly_the_determined_cases_are_sent_and_the_others_are_counted_with_the_reason(market):
    plan = corrections.planned(actor=MACHINE, query="", ids=(), most=MOST, now=NOW)

    assert sent(make(wanted())) == SENT
    assert plan.left_out == {
        LeftOut.UNDETERMINED: 1,
        LeftOut.RIGHT: 1,
        LeftOut.IN_FLIGHT: 1,
        LeftOut.OUT_OF_USE: 1,
        LeftOut.NO_SUPPLIER: 1,
    }
    assert (plan.count, len(plan.files)) == (6, 3)


def test_files_are_as_the_catalogues_have_them(market):
    correction = make(wanted())

    files = {one.name: one for one in correction.files.all()}
    assert list(files) == ["D0350_10_000001.usr", "D0350_12_000001.usr", "DXI_CADENT_000001.csv"]
    known = files["D0350_10_000001.usr"]
    assert text(known).splitlines() == [
        f"ZHV|{known.identifier}|D0350001|Z|DCCO|P|EELC|20250603043015||||OPER|",
        "81H|1|",
        f"82H|1000003|DC01|{POINTS['gone']}|N|20240101|SUPA|",
        f"82H|1000004|DC01|{POINTS['live']}|A|20240101|SUPA|",
        f"82H|1000005|DC01|{POINTS['rival']}|N|20240101|SUPB|",
        f"ZPT|{known.identifier}|4||1|20250603043015|",
    ]
    assert text(files["DXI_CADENT_000001.csv"]).splitlines() == [
        '"A00",1234,"DXI",20250603,"043015",1',
        '"E45",1000000008,"N",20240101',
        '"E45",7400000108,"A",20240101',
        '"Z99",2',
    ]


def test_the_same_record_is_the_same_bytes_and_its_checksums_say_so(market):
    correction = make(wanted())
    first = {one.name: text(one) for one in correction.files.all()}

    for one in CorrectionFile.objects.select_related("network"):
        assert text(one) == first[one.name]
        assert (one.bytes, one.sha256) == (len(text(one)), hashlib.sha256(text(one).encode()).hexdigest())
    table = b"".join(corrections.csv_chunks(correction))
    assert (correction.csv_bytes, correction.csv_sha256) == (len(table), hashlib.sha256(table).hexdigest())
    told = json.loads(corrections.manifest(correction))
    assert (told["corrections"], told["approved_by"], told["policy"]) == (6, "the machine", "mp077 1.0")
    assert {one["name"]: one["sha256"] for one in told["files"]} == {
        one.name: one.sha256 for one in CorrectionFile.objects.all()
    }


def test_a_sending_keeps_the_organisation_that_it_was_made_with(market, settings):
    settings.DCC_ORGANISATION = 9876543210
    file = make(wanted()).files.get(kind="dxi")

    settings.DCC_ORGANISATION = 1
    assert text(file).startswith('"A00",9876543210,"DXI"')
    assert hashlib.sha256(text(file).encode()).hexdigest() == file.sha256


def test_files_are_split_at_a_size_and_no_number_is_used_again(market):
    first = make(wanted(most=2))
    later = make(wanted(job=2, now=NOW + timedelta(days=30)))

    numbers = list(CorrectionFile.objects.filter(network__code="10").order_by("pk").values_list("number", "rows"))
    assert numbers == [(1, 2), (2, 1), (3, 3)]
    assert first.files.count() == 4
    assert sent(later) == SENT
    identifiers = CorrectionFile.objects.values_list("identifier", flat=True)
    assert len(set(identifiers)) == len(identifiers) and all(len(one) == 10 for one in identifiers)


def test_an_approval_is_of_a_number(market):
    for count in (5, 7, 0):
        with pytest.raises(WorkError, match="There are 6 corrections now, not the"):
            make(wanted(count=count))
        with pytest.raises(WorkError):
            ask(MACHINE, count)

    assert not Correction.objects.exists() and not CorrectionLine.objects.exists() and not Job.objects.exists()


def test_what_was_sent_is_not_sent_again_while_it_waits(market, settings):
    make(wanted())

    again = corrections.planned(actor=MACHINE, query="", ids=(), most=MOST, now=NOW + timedelta(days=1))
    late = corrections.planned(actor=MACHINE, query="", ids=(), most=MOST, now=NOW + timedelta(days=11))

    assert (again.count, again.left_out[LeftOut.SENT], late.count) == (0, 6, 6)


def test_a_job_that_is_done_again_makes_nothing_twice(market):
    assert make(wanted()).pk == make(wanted()).pk
    assert Correction.objects.count() == 1 and CorrectionLine.objects.count() == 6


def test_a_worker_that_dies_leaves_nothing(market):
    def dies() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(wanted(), dies)

    assert not Correction.objects.exists() and not CorrectionFile.objects.exists()
    assert make(wanted()).files.first().number == 1


def test_another_partys_points_are_in_no_file_and_nobody_else_has_ours(people):
    every = list(Discrepancy.objects.values_list("pk", flat=True))
    ours = make(wanted(people["mia"], count=4))
    theirs = make(wanted(people["rob"], count=1, job=2))
    market = make(wanted(people["olu"], count=6, job=3))

    assert (sent(ours), sent(theirs), sent(market)) == ({"gone", "live", "installed", "gas"}, {"rival"}, SENT)
    assert sent(make(wanted(people["leo"], count=1, job=4))) == {"installed"}
    with pytest.raises(NotAllowed):
        make(wanted(people["mia"], ids=tuple(every), job=5))
    with pytest.raises(NotAllowed):
        ask(people["ana"], 4)
    seen = {name: [one.pk for one in queries.sendings(actor=actor)] for name, actor in people.items()}
    assert seen["mia"] == seen["ana"] == [ours.pk] and seen["rob"] == [theirs.pk]
    assert len(seen["olu"]) == 4
    file = ours.files.first()
    assert queries.correction_file(actor=people["rob"], file_id=file.pk) is None
    assert queries.sending(actor=people["leo"], correction_id=ours.pk) is None
    assert not queries.correction_lines(actor=people["rob"], file_id=file.pk).exists()


def test_ticked_rows_and_filters_choose(people):
    ticked = tuple(Discrepancy.objects.filter(mpxn__in=(POINTS["gone"], POINTS["right"])).values_list("pk", flat=True))

    assert sent(make(wanted(people["mia"], ids=ticked, count=1))) == {"gone"}
    assert sent(make(wanted(query="fuel=gas", count=2, job=2))) == {"gas", "gas too"}
    with pytest.raises(WorkError, match="filter is not understood"):
        make(wanted(query="fuel=steam", job=3))


def test_a_discrepancy_shows_what_was_sent_and_only_evidence_mends_it(people):
    make(wanted(people["mia"], count=4))
    scopes = {name: actor.scope for name, actor in people.items()}

    def shown(scope, answer="yes") -> set[int]:
        return {row.mpxn for row in queries.discrepancies(scope=scope, filters={"correction": answer})}

    ours = {POINTS[name] for name in ("gone", "live", "installed", "gas")}
    assert shown(scopes["mia"]) == shown(EVERYTHING) == ours
    assert shown(scopes["rob"]) == shown(scopes["leo"]) == set()
    row = next(iter(queries.discrepancies(scope=scopes["mia"], filters={"mpxn": str(POINTS["gone"])})))
    assert (row.sent_file, row.sent_line, row.state) == ("D0350_10_000001.usr", 3, "new")
    point = queries.meter_point(scope=scopes["mia"], mpxn=POINTS["gone"])
    assert [one.place for one in point.sent] == ["D0350_10_000001.usr, line 3"]
    assert any(span.lane == "sent" and "A to N" in span.value for span in point.timeline)
    assert queries.meter_point(scope=scopes["leo"], mpxn=POINTS["installed"]).sent == []
    facets = {one.name: one for one in queries.work_list(actor=people["mia"], filters={}).facets}
    assert {one.value: one.count for one in facets["correction"].options}["yes"] == 4

    registered(DAY + timedelta(days=7), gone="N")
    reconcile(DAY + timedelta(days=7))

    states = dict(Discrepancy.objects.values_list("mpxn", "resolved_on"))
    assert states[POINTS["gone"]] == DAY + timedelta(days=7) and states[POINTS["live"]] is None


@pytest.mark.django_db(transaction=True)
def test_the_command_says_approves_and_writes_what_our_own_loader_reads(market, tmp_path):
    folder = tmp_path / "out"

    assert command(str(folder))["corrections"] == 6 and not folder.exists()
    with pytest.raises(CommandError, match="There are 6 corrections now, not the 5"):
        call_command("correct", str(folder), "--yes", "5")
    assert not folder.exists()
    made = command(str(folder), "--yes", "6", "--limit", "2")
    assert (made["corrections"], made["files"]) == (6, 4)
    with pytest.raises(CommandError, match="holds a sending already"):
        call_command("correct", str(folder), "--yes", "6")

    names = sorted(path.name for path in folder.iterdir())
    assert names == [
        "D0350_10_000001.usr", "D0350_10_000002.usr", "D0350_12_000001.usr", "DXI_CADENT_000001.csv",
        "corrections.csv", "manifest.json",
    ]  # fmt: skip
    told = json.loads((folder / "manifest.json").read_text())
    for one in told["files"]:
        assert hashlib.sha256((folder / one["name"]).read_bytes()).hexdigest() == one["sha256"]
    loaded = {}
    for name in names[:4]:
        said = StringIO()
        call_command("load", str(folder / name), "--json", stdout=said)
        loaded[name] = json.loads(said.getvalue())
    assert {name: (one["kind"], one["rows"], one["rejects"]) for name, one in loaded.items()} == {
        "D0350_10_000001.usr": ("d0350", 2, 0), "D0350_10_000002.usr": ("d0350", 1, 0),
        "D0350_12_000001.usr": ("d0350", 1, 0), "DXI_CADENT_000001.csv": ("dxi", 2, 0),
    }  # fmt: skip
    with (folder / "corrections.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert {int(row["mpxn"]): row["new_flag"] for row in rows} == {
        POINTS[name]: flag
        for name, flag in {
            "gone": "N",
            "live": "A",
            "rival": "N",
            "installed": "I",
            "gas": "N",
            "gas too": "A",
        }.items()
    }
    assert rows[0]["effective_from"] == str(date(2024, 1, 1))
    assert Correction.objects.count() == 1


def test_a_person_asks_once_and_it_is_on_record(people):
    job = ask(people["mia"], 4, request="key")

    assert ask(people["mia"], 4, request="key").pk == job.pk
    operations.perform(actor=MACHINE, job_id=job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE and job.result["corrections"] == 4
    assert Correction.objects.get().name == "mia"
    assert AuditEntry.objects.filter(what="asked for", rows=4).exists()
