"""The machine fails while real processes work: a full disk, little memory, a database that is killed."""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from django.utils import timezone

from reconcile import tasks
from reconcile.ledger import operations
from reconcile.ledger.actors import MACHINE
from reconcile.models import Extract, Job
from reconcile.sample.make import make_sample
from tests import machine, migrated
from tests.with_postgres import cluster, running

ROOT = Path(__file__).parents[2]
SMALL = 2_000_000
"""Bytes that a small disk, or a file on it, can hold: less than the market's inventory needs."""


def manage(*words: str | Path, limit: Callable[[], None] | None = None, **env: str) -> subprocess.Popen:
    """A command of the product, started, on the session's database unless `env` names another."""
    command = [sys.executable, ROOT / "manage.py", *words]
    return subprocess.Popen(
        command, env=machine.environment(**env), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        preexec_fn=limit,  # noqa: PLW1509 - it only sets a limit
    )  # fmt: skip


def outcome(process: subprocess.Popen, expected: int = 0) -> dict:
    """What a command printed as its last line, once it has ended as expected."""
    said, trouble = process.communicate(timeout=120)
    assert process.returncode == expected, said + trouble
    return json.loads(said.splitlines()[-1]) if said else {"trouble": trouble}


@contextmanager
def small_disk(folder: Path) -> Iterator[Callable[[], None] | None]:
    """A folder that can hold little. For root it is a disk of its own; else the kernel limits each file."""
    folder.mkdir()
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SMALL}", "tmpfs", folder], check=False, capture_output=True
        ).returncode
    )
    try:
        yield None if mounted else (lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (SMALL, SMALL)))
    finally:
        if mounted:
            subprocess.run(["umount", folder], check=True)


def test_a_disk_that_fills_up_is_said_in_words_and_leaves_nothing(market, tmp_path):
    inventory = next(market.glob("smi_*"))
    with small_disk(tmp_path / "lake") as limit:
        told = outcome(manage("load", inventory, "--json", limit=limit, LAKE_URL=str(tmp_path / "lake")), expected=1)

        assert told["error"] == "The disk is full. Nothing was changed. Make room and run it again."
        assert [path.name for path in (tmp_path / "lake").rglob("*") if path.is_file()] == ["identity"]
    assert Job.objects.get().state == Job.State.FAILED
    assert not Extract.objects.exists()

    assert outcome(manage("load", inventory, "--json"))["rows"] == Extract.objects.get().rows > 0


def test_a_file_that_takes_more_memory_than_a_worker_has_fails_in_words_and_the_worker_goes_on(load, start_worker):
    start_worker(WORKER_MEMORY="380MB")
    large, small = load("smi"), tasks.send(operations.start_tidy(actor=MACHINE, now=timezone.now()))

    machine.until(lambda: Job.objects.exclude(state__in=("queued", "running")).count() == 2)

    large.refresh_from_db()
    small.refresh_from_db()
    assert (large.state, small.state) == (Job.State.FAILED, Job.State.DONE)
    assert large.message.startswith("The work needed more memory than ENGINE_MEMORY and WORKER_MEMORY allow.")
    assert Extract.objects.count() == 0


def test_a_command_has_no_more_memory_than_a_worker(market):
    process = manage("load", next(market.glob("smi_*")), "--json", WORKER_MEMORY="380MB")
    said, _ = process.communicate(timeout=120)

    # A library that gets none may end the process itself, which can say nothing then: the job is found lost.
    assert process.returncode
    assert not said or json.loads(said)["error"].startswith("The work needed more memory than ENGINE_MEMORY")
    assert not Extract.objects.exists()


def test_a_market_larger_than_the_memory_gives_the_same_run(tmp_path):
    """The inventory is 340 MB of text; sorting it in so little memory has to go by way of the disk."""
    make_sample(tmp_path / "market", points=3_600_000, days=1, meters_only=True)
    files = {name: next((tmp_path / "market").glob(f"*/{name}_*")) for name in ("registration", "smi")}
    found = []
    for to_load, to_judge in (("1GB", "1GB"), ("192MB", "256MB")):
        var = tmp_path / to_load
        own = {"VAR_DIR": str(var), "DATABASE_URL": f"sqlite:///{var}/db.sqlite3", "ENGINE_MEMORY": to_load}
        own["ENGINE_THREADS"] = "1"
        var.mkdir()
        shutil.copy(migrated.sqlite(), var / "db.sqlite3")
        outcome(manage("load", files["registration"], "--json", **own))
        inventory = manage("load", files["smi"], "--json", **own)
        machine.until(lambda: any(var.glob("lake/.aside/*/spill/*")) or inventory.poll() is not None)  # noqa: B023
        spilled = inventory.poll() is None
        outcome(inventory)
        own["ENGINE_MEMORY"] = to_judge
        run = outcome(manage("reconcile", "--json", **own))["run"]
        outcome(manage("export", var / "out.csv", "--run", str(run), "--json", **own))
        found.append((var / "out.csv").read_bytes())

    assert spilled
    assert found[0] == found[1]
    assert found[0].count(b"\n") > 10_000


def test_a_postgresql_that_is_killed_while_a_run_is_recorded_loses_and_doubles_nothing(market, open_folder):
    programs_in, who = cluster(open_folder)
    with running(open_folder, programs_in, who, ending=signal.SIGQUIT) as url:
        outcome(manage("migrate", "--verbosity", "0", DATABASE_URL=url), expected=0)
        for pattern in ("registration_electricity_*", "registration_gas_*", "smi_*"):
            outcome(manage("load", next(market.glob(pattern)), "--json", DATABASE_URL=url))
        held = psycopg.connect(url)
        # With its events' table held the run stands still in the middle of its one transaction.
        held.execute("LOCK TABLE reconcile_event IN ACCESS EXCLUSIVE MODE")
        run = manage("reconcile", "--json", DATABASE_URL=url)
        watch = psycopg.connect(url, autocommit=True)
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        machine.until(lambda: watch.execute(waits).fetchone()[0])
        os.kill(int((open_folder / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)
        assert "database" in outcome(run, expected=1)["trouble"]
        held.close()
        watch.close()

    with running(open_folder, programs_in, who) as url:
        assert [count(url, table) for table in ("run", "discrepancy", "event", "pointcount")] == [0, 0, 0, 0]
        time.sleep(machine.LOST_AFTER_SECONDS)
        done = outcome(manage("reconcile", "--json", DATABASE_URL=url))
        assert count(url, "discrepancy") == count(url, "event") == done["new"] > 0
        assert count(url, "run") == 1


def test_a_process_killed_while_it_publishes_leaves_nothing_and_is_done_again(market, open_folder):
    programs_in, who = cluster(open_folder)
    with running(open_folder, programs_in, who) as url:
        outcome(manage("migrate", "--verbosity", "0", DATABASE_URL=url))
        files = [next(market.glob(f"{name}_*")) for name in ("registration_electricity", "registration_gas", "smi")]
        killed_while_publishing(url, "extractnetwork", "load", files[0])
        assert [count(url, table) for table in ("extract", "extractnetwork", "party")] == [0, 0, 0]

        time.sleep(machine.LOST_AFTER_SECONDS)
        for file in files:
            assert not outcome(manage("load", file, "--json", DATABASE_URL=url))["duplicate"]
        assert count(url, "extract") == len(files)

        killed_while_publishing(url, "event", "reconcile")
        assert [count(url, table) for table in ("run", "discrepancy", "event")] == [0, 0, 0]

        time.sleep(machine.LOST_AFTER_SECONDS)
        done = outcome(manage("reconcile", "--json", DATABASE_URL=url))
        assert count(url, "discrepancy") == count(url, "event") == done["new"] > 0


def killed_while_publishing(url: str, table: str, *words: str | Path) -> None:
    """Start a command and kill it where it writes to a table, which is in the middle of its one transaction."""
    with psycopg.connect(url) as held, psycopg.connect(url, autocommit=True) as watch:
        held.execute(f"LOCK TABLE reconcile_{table} IN EXCLUSIVE MODE")
        process = manage(*words, "--json", DATABASE_URL=url)
        waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        machine.until(lambda: watch.execute(waits).fetchone()[0])
        process.kill()
        process.communicate()
        held.rollback()
        machine.until(lambda: not watch.execute(waits).fetchone()[0])


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        return connection.execute(f"SELECT count(*) FROM reconcile_{table}").fetchone()[0]
