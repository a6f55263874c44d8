"""Snapshots are what was written, or are named: whatever bit flips, before a run reads it, at night and by command."""

import json
import random
import shutil
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from reconcile.lake import checksums, store
from reconcile.ledger import export, integrity, operations, queries
from reconcile.ledger.access import EVERYTHING
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.integrity import Damaged
from reconcile.models import Extract, Job, Run
from tests.ledger.market import put, reconcile

pytestmark = [pytest.mark.django_db, pytest.mark.one_database, pytest.mark.a_folder]
DAY = date(2025, 3, 3)
NOW = datetime(2026, 1, 1, tzinfo=UTC)
POINT = 1000000000012
METER = {"device_id": "00-00-00-00-00-00-00-01", "device_type": "ESME", "status": "Commissioned", "mpxn": POINT}


@pytest.fixture
def market(lake_dir) -> tuple[Extract, Extract]:
    """Registration, with a point that has two flags and one on a line that was not loaded, and an inventory."""
    two = [{"mpxn": POINT, "flag": flag, "network": "10", "supplier": "SUPP"} for flag in ("A", "N")]
    flags = put("flags", "full", DAY, two, unreadable=[1100013222946])
    return flags, put("devices", "full", DAY, [METER | {"role": "import"}])


def flip_a_bit(path: Path, seed: int = 0) -> None:
    held = bytearray(path.read_bytes())
    bit = random.Random(f"{path.name}{seed}").randrange(8 * len(held))
    held[bit // 8] ^= 1 << bit % 8
    path.write_bytes(held)


def files(lake_dir: Path) -> list[Path]:
    return sorted(lake_dir.glob("*/*/*.parquet"))


def verify(*words: str) -> dict:
    """What the command prints, whether it finds something or not."""
    said = StringIO()
    try:
        call_command("verify", *words, "--json", stdout=said)
    except CommandError as error:
        return json.loads(said.getvalue()) | {"exit": error.returncode, "said": str(error)}
    return json.loads(said.getvalue()) | {"exit": 0}


def test_every_bit_of_every_file_is_watched(market, lake_dir):
    reconcile(DAY)
    found = files(lake_dir)
    assert {path.name for path in found} == {
        *(
            store.ROWS,
            store.REPEATS,
            store.SEEN,
            store.UNREADABLE,
            store.KINDS,
            store.PLACES,
            store.CELLS,
            store.LATENESS,
        )
    }
    assert verify()["damaged"] == []

    for path in found:
        whole = path.read_bytes()
        for seed in range(2):
            flip_a_bit(path, seed)
            (words,) = verify()["damaged"]
            assert f"({path.parent.relative_to(lake_dir)}): {path.name} is damaged. Restore it from" in words
            path.write_bytes(whole)
        path.unlink()
        assert f"{path.name} is missing" in verify()["damaged"][0]
        path.write_bytes(whole)

    whole = verify()
    assert (whole["damaged"], whole["exit"], whole["snapshots"]) == ([], 0, 3)


def test_the_command_says_in_one_sentence_what_to_do(market, lake_dir):
    flags, _ = market
    flip_a_bit(lake_dir / flags.snapshot / store.ROWS)

    told = verify()

    assert told["exit"] == 1
    assert told["said"] == (
        f"{flags.name} ({flags.snapshot}): rows.parquet is damaged. Restore it from the backup, or load the file again."
    )
    assert queries.storage(actor=MACHINE, now=NOW).damaged == [told["said"]]


@pytest.mark.parametrize("name", [store.ROWS, store.REPEATS, store.UNREADABLE])
def test_a_run_reads_nothing_that_is_not_what_was_written(market, lake_dir, name):
    flags, _ = market
    flip_a_bit(lake_dir / flags.snapshot / name)

    with pytest.raises(Damaged, match=f"{name} is damaged"):
        reconcile(DAY)

    assert not Run.objects.exists()


def test_a_job_whose_input_is_damaged_fails_and_can_be_run_again_once_it_is_restored(market, lake_dir):
    flags, _ = market
    path = lake_dir / flags.snapshot / store.ROWS
    whole = path.read_bytes()
    flip_a_bit(path)
    job = operations.start_reconcile(actor=MACHINE, as_of=DAY, every_guard=True, now=NOW)

    failed = operations.perform(actor=MACHINE, job_id=job.pk)

    assert (failed.state, failed.final) == (Job.State.FAILED, False)
    assert "load the file again" in failed.message
    path.write_bytes(whole)
    operations.run_again(actor=MACHINE, job_id=job.pk, now=NOW)
    assert operations.perform(actor=MACHINE, job_id=job.pk).state == Job.State.DONE
    assert not Extract.objects.exclude(damage="").exists()


def test_what_was_read_once_is_not_read_through_again(market, monkeypatch):
    reconcile(DAY)
    put("flags", "full", date(2025, 3, 10), [{"mpxn": POINT, "flag": "A", "network": "10"}])
    read = []
    differences = checksums.differences
    monkeypatch.setattr(checksums, "differences", lambda folder, kept: read.append(folder) or differences(folder, kept))

    reconcile(date(2025, 3, 10))

    assert [folder.name[:10] for folder in read] == ["2025-03-10"]


def test_a_file_that_goes_after_it_was_checked_is_named(market, lake_dir):
    reconcile(DAY)
    _, inventory = market
    put("flags", "full", date(2025, 3, 10), [{"mpxn": POINT, "flag": "A", "network": "10"}])
    shutil.rmtree(lake_dir / inventory.snapshot)

    with pytest.raises(Damaged, match=f"^{inventory.name} .*rows.parquet is missing; seen.parquet is missing"):
        reconcile(date(2025, 3, 10))


@pytest.mark.parametrize("how", ["damaged", "missing"])
def test_loading_the_file_again_mends_it(lake_dir, tmp_path, how):
    path = tmp_path / "registration_2025-03-03.csv"
    path.write_text("mpxn,dcc_service_flag,supplier\n1000000000012,A,SUPP\n")

    def load() -> dict:
        job = operations.start_load(actor=MACHINE, path=path, name=path.name, now=NOW)
        return operations.perform(actor=MACHINE, job_id=job.pk).result

    extract = Extract.objects.get(pk=load()["extract"])
    if how == "damaged":
        flip_a_bit(lake_dir / extract.snapshot / store.ROWS)
    else:
        shutil.rmtree(lake_dir / extract.snapshot)

    again = load()

    assert (again["extract"], again["duplicate"]) == (extract.pk, False)
    assert verify()["damaged"] == []
    assert load()["duplicate"] is True


def test_the_list_of_a_run_is_given_out_only_as_it_was_written(market, lake_dir, tmp_path):
    run = reconcile(DAY)
    flip_a_bit(lake_dir / run.snapshot / store.ROWS)

    with pytest.raises(Damaged, match=r"What the run as of 3 Mar 2025 found .* its totals and the ledger stand"):
        export.export(
            target=tmp_path / "out.csv", query="", run=run.pk, scope=EVERYTHING, now=NOW, report=lambda *_: None
        )


def test_a_meter_point_whose_files_are_gone_is_said_in_words(market, lake_dir):
    reconcile(DAY)
    shutil.rmtree(lake_dir)

    with pytest.raises(Damaged, match="missing or damaged"):
        queries.evidence(scope=EVERYTHING, mpxn=POINT)


def test_the_night_reads_what_was_not_read_for_longest_and_no_more_than_it_may(market, settings):
    flags, inventory = market
    settings.VERIFY_BYTES = 1

    first, second, third = (verify("--sample") for _ in range(3))

    assert [told["snapshots"] for told in (first, second, third)] == [1, 1, 1]
    flags.refresh_from_db()
    inventory.refresh_from_db()
    assert flags.checked_at and inventory.checked_at


def test_a_snapshot_from_before_checksums_gets_them_when_it_is_first_read(market, lake_dir):
    flags, _ = market
    Extract.objects.update(checksums={})
    assert verify()["damaged"] == []

    flip_a_bit(lake_dir / flags.snapshot / store.ROWS)

    assert "rows.parquet is damaged" in verify()["damaged"][0]


def test_of_a_thinned_snapshot_only_what_outlives_its_rows_is_looked_at(market, lake_dir):
    _, inventory = market
    Extract.objects.update(thinned_at=timezone.now())
    for extract in market:
        store.thin(extract.snapshot, now=NOW)
    assert verify()["damaged"] == []

    (lake_dir / inventory.snapshot / store.SEEN).unlink()

    assert "seen.parquet is missing" in verify()["damaged"][0]


def test_damage_is_said_by_health(market, lake_dir):
    shutil.rmtree(lake_dir / market[0].snapshot)
    integrity.damaged(market, now=NOW)

    found = queries.health(now=NOW, parts=("lake",))

    assert found.parts["lake"] == "1 snapshot is damaged or missing: the Storage page names them."
