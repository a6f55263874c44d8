"""A program on another database than the lake's refuses, and sweeps nothing."""

import os
import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings as product
from django.core.management import CommandError, call_command
from django.utils import timezone

from reconcile.lake import holdings, identity, store, trash
from reconcile.ledger import operations, queries
from reconcile.ledger.actors import MACHINE
from reconcile.ledger.operations import ForeignLake
from reconcile.models import Extract, Identity, Job
from tests.ledger.market import put
from tests.machine import environment

pytestmark = [pytest.mark.django_db, pytest.mark.a_folder]
DAY = date(2025, 3, 3)
LATER = timedelta(days=1)


@pytest.fixture(autouse=True)
def one_identity():
    """Here each has its own."""


def own() -> None:
    operations.own_lake(actor=MACHINE)


def sweep() -> list[str]:
    return operations.sweep_up(actor=MACHINE, now=timezone.now() + LATER)


def extract(day: date = DAY) -> Extract:
    return put("flags", "full", day, [{"mpxn": 1000000000012, "flag": "A", "network": "10"}])


def another_database() -> None:
    """What a worker finds that was started with another DATABASE_URL: nothing, or the rows of others."""
    Extract.objects.all().delete()
    Identity.objects.all().delete()


def test_a_new_lake_and_a_new_database_come_to_belong_together(lake_dir):
    own()

    assert identity.of_lake() == Identity.objects.get().text
    own()


@pytest.mark.parametrize("other", ["empty", "with an identity of its own"])
def test_a_worker_on_another_database_refuses_and_sweeps_nothing(lake_dir, other):
    extract()
    own()
    there = holdings.names()
    another_database()
    if other != "empty":
        Identity.objects.create(pk=1, text="another")

    with pytest.raises(ForeignLake):
        sweep()

    assert holdings.names() == there
    assert not (lake_dir / trash.TRASH).exists()


@pytest.mark.parametrize("what", ["load", "tidy", "verify"])
def test_no_work_is_done_on_the_lake_of_another_database(lake_dir, tmp_path, what):
    extract()
    own()
    another_database()
    Identity.objects.create(pk=1, text="another")
    path = tmp_path / "registration_2025-03-03.csv"
    path.write_text("mpxn,dcc_service_flag,supplier\n1000000000012,A,SUPP\n")

    with pytest.raises(CommandError, match=r"^The lake .* belongs to another database than this one: .*touched\.$"):
        call_command(what, *([str(path)] if what == "load" else []))

    assert not Extract.objects.exists()
    assert not Job.objects.exclude(state="queued").exists()
    assert queries.health(now=timezone.now(), parts=("lake",)).faults


def test_a_lake_from_before_identities_is_known_by_the_folders_that_rows_name(lake_dir):
    extract()

    own()

    assert identity.of_lake() == Identity.objects.get().text


def test_a_disk_that_is_not_mounted_is_no_empty_lake(lake_dir, settings, tmp_path):
    extract()
    settings.LAKE_DIR = tmp_path / "not mounted"

    with pytest.raises(ForeignLake, match="is empty, and this database knows 1 snapshots: is its disk there"):
        own()

    assert not (tmp_path / "not mounted" / identity.FILE).exists()
    operations.own_lake(actor=MACHINE, take=True)
    own()


def test_where_no_row_names_any_folder_nothing_is_swept(lake_dir):
    own()
    left = lake_dir / "flags" / "left"
    left.mkdir(parents=True)
    os.utime(left, (0, 0))

    assert sweep() == []
    assert left.exists()


def test_what_is_swept_lies_in_the_trash_and_is_named_in_the_log(lake_dir, caplog):
    used, unused = extract(), extract(DAY + LATER)
    own()
    unused.delete()
    os.utime(lake_dir / unused.snapshot, (0, 0))

    assert sweep() == [unused.snapshot]

    assert holdings.names() == [used.snapshot]
    assert [removed.name for removed in trash.contents()] == [unused.snapshot]
    assert unused.snapshot in caplog.text


def test_scratch_folders_go_with_their_process_and_not_before(lake_dir, monkeypatch):
    own()
    monkeypatch.setattr(store, "JUST_MADE_SECONDS", 0)
    killed = subprocess.Popen(
        [sys.executable, "-c", "import django; django.setup()\nfrom reconcile.lake import store\nimport os, signal\n"
         "with store.scratch() as folder:\n    print(folder, flush=True)\n    os.kill(os.getpid(), signal.SIGKILL)"],
        env=environment(LAKE_URL=str(lake_dir)), stdout=subprocess.PIPE, text=True, cwd=product.BASE_DIR,
    )  # fmt: skip
    left = Path(killed.communicate()[0].strip())
    assert left.is_dir()

    with store.scratch() as mine:
        os.utime(mine, (0, 0))
        assert operations.sweep_up(actor=MACHINE, now=datetime.now().astimezone()) == [f".aside/{left.name}"]
        assert mine.is_dir()
    assert not left.exists()
