"""A kept history replayed in the command, by one worker, by three, and on Spark; then each killed half-way and resumed.

In: VAR_DIR of benchmarks.history, CLUSTER_HOME of Spark's distribution. Out: a line of JSON each; it fails where an
answer differs from the command's, or that from the runs that were published of its days. Run by hand:
`VAR_DIR=... CLUSTER_HOME=... .venv-spark/bin/python -m benchmarks.replays`, `--only workers` without a cluster.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import django
import duckdb

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.utils import timezone  # noqa: E402

from benchmarks.measure import ROOT, busy_seconds, cpu_seconds  # noqa: E402
from dccflags.supervisor import Program  # noqa: E402
from reconcile import tasks  # noqa: E402
from reconcile.domain.mp077 import MP077  # noqa: E402
from reconcile.lake import store  # noqa: E402
from reconcile.lake.replaying import STANDS, column, stood, sums  # noqa: E402
from reconcile.ledger import operations  # noqa: E402
from reconcile.ledger import replays as ledger  # noqa: E402
from reconcile.ledger.actors import MACHINE  # noqa: E402
from reconcile.ledger.queries.replayed import Replayed  # noqa: E402
from reconcile.models import Job, ReplayedDay, Run  # noqa: E402
from tests import machine, replays  # noqa: E402
from tests.spark.standalone import SHORT_LIVED, Standalone, standalone  # noqa: E402

machine.LOST_AFTER_SECONDS = 10
"""Of the workers: a machine that is busy with all of this lets some of them be silent for longer than tests do."""
MEMORY = int(os.environ.get("CLUSTER_MEMORY", "2048"))
"""Megabytes of each executor and of the server."""
JAVA = os.environ.get("CLUSTER_JAVA", f"{SHORT_LIVED} -XX:ReservedCodeCacheSize=256m")
"""Options of the JVM of each."""
until = partial(machine.until, seconds=7200, every=0.1)
Answer = tuple[Replayed, dict[str, dict]]


@dataclass
class Crew:
    """The workers of a replay, and what they have taken."""

    env: dict[str, str] = field(default_factory=dict)
    running: dict[str, Program] = field(default_factory=dict)
    gone: float = 0.0

    def start(self, name: str) -> None:
        """A worker of one process, which is ready."""
        replays.log(name).unlink(missing_ok=True)
        self.running[name] = machine.worker(processes=1, name=name, **self.env)
        until(lambda: " ready." in replays.log(name).read_text())

    def kill(self, name: str) -> None:
        """End it as a machine that fails does."""
        self.gone += _taken_by(self.running[name])
        self.running[name].signal_group(signal.SIGKILL)
        self.running.pop(name).end()

    def cpu(self) -> float:
        """Processor seconds of its workers so far, those that were killed among them."""
        return self.gone + sum(_taken_by(program) for program in self.running.values())


def _taken_by(program: Program) -> float:
    return cpu_seconds(program.process.pid) if program.process else 0.0


def main() -> None:
    """What is asked for, the command first: all others are compared with it."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--days", type=int, default=None, help="so many from the first on; all where it is not said")
    asked.add_argument("--only", choices=("workers", "spark"), help="beside the command")
    asked.add_argument("--killed", action="store_true", help="those of workers or of Spark killed, and not undisturbed")
    told = asked.parse_args()
    runs = list(Run.objects.filter(policy=MP077.name, lookback=False, thinned_at=None).order_by("as_of"))[: told.days]
    first, days = runs[0].as_of, len(runs)
    expected = _tell(first, days, "the command", partial(in_the_command, first, days))
    as_published(runs)
    with told_jobs():
        each = partial(killed if told.killed else both, first, days, expected=expected)
        if told.only != "spark":
            killed(first, days, "the command", partial(in_the_command, first, days), expected)
            each("one worker", partial(by_workers, first, days, 1))
            each("three workers", partial(by_workers, first, days, 3))
        if told.only != "workers":
            with tempfile.TemporaryDirectory() as folder, standalone(Path(folder), MEMORY, JAVA) as cluster:
                each("Spark", partial(by_workers, first, days, 1, cluster=cluster))


@contextmanager
def told_jobs() -> Iterator[None]:
    """A Redis of its own, with nothing left in it."""
    shutil.rmtree(settings.VAR_DIR / "redis", ignore_errors=True)
    queue = machine.redis()
    try:
        yield
    finally:
        queue.end()


def both(first: date, days: int, way: str, work: Callable[..., tuple[Answer, dict]], expected: Answer) -> None:
    """Undisturbed, and killed half-way."""
    _tell(first, days, way, partial(work, kill=False), expected)
    killed(first, days, way, work, expected)


def killed(first: date, days: int, way: str, work: Callable[..., tuple[Answer, dict]], expected: Answer) -> None:
    """Killed half-way, and gone on with by another."""
    _tell(first, days, f"{way}, killed", partial(work, kill=True), expected)


def _tell(
    first: date, days: int, way: str, work: Callable[[], tuple[Answer, dict]], expected: Answer | None = None
) -> Answer:
    """What a way finds, after what it took was printed. Raises SystemExit where it is not what is expected."""
    ledger.forget(timezone.now() + timedelta(days=1))
    busy, began = busy_seconds(), time.perf_counter()
    found, took = work()
    busy, seconds = busy_seconds() - busy, time.perf_counter() - began
    own = took["cpu"] + took.get("cluster cpu", 0)
    took["other work"] = round(max(busy - own, 0) / seconds / (os.cpu_count() or 1), 2)
    if expected:
        differ(way, found, expected)
    print(json.dumps({"way": way, "first": f"{first}", "days": days, **took}), flush=True)
    return found


def differ(way: str, found: Answer, expected: Answer) -> None:
    """Raises SystemExit where sums, or the files of a day, are not the same."""
    apart = [day for day in found[1] | expected[1] if found[1].get(day) != expected[1].get(day)]
    if apart or found[0] != expected[0]:
        raise SystemExit(f"{way} found something else than the command: days {apart}")


def as_published(runs: list[Run]) -> None:
    """What a replay found, beside what the runs counted at the time. Raises SystemExit where it is not the same."""
    with store.connect() as con:
        con.register("truth", stood(MP077))
        for run in runs:
            day = ReplayedDay.objects.get(as_of=run.as_of)
            if _of_run(con, run) != _of_day(con, day):
                raise SystemExit(f"the replay of {run.as_of} differs from run {run.pk}")
    print(json.dumps({"equal to published runs": len(runs)}), flush=True)


def _of_run(con: duckdb.DuckDBPyConnection, run: Run) -> list[list[tuple]]:
    """How flags stood in a run by party, how late they followed, and its mismatches."""
    by = ", ".join(f"coalesce(sum(points - unread) FILTER (WHERE stood = '{one}'), 0)" for one in STANDS)
    cells = f"'{store.kept(run, store.CELLS)}' JOIN truth USING (flag, mask, ever)"
    late = f"'{store.kept(run, store.LATENESS)}'"
    return [
        _rows(con, f"SELECT network, supplier, {by}, sum(unread) FROM {cells} GROUP BY ALL"),
        _rows(con, f"SELECT network, supplier, days, followed, sum(points) FROM {late} GROUP BY ALL"),
        [(run.mismatches, run.in_flight)],
    ]


def _of_day(con: duckdb.DuckDBPyConnection, day: ReplayedDay) -> list[list[tuple]]:
    """The same of a day that was replayed."""
    by = ", ".join(map(column, STANDS))
    found, late = f"'{store.kept(day, store.STOOD)}'", f"'{store.kept(day, store.LATENESS)}'"
    any_point = " + ".join(map(column, (*STANDS, "unread")))
    return [
        _rows(con, f"SELECT network, supplier, {by}, unread FROM {found} WHERE {any_point} > 0"),
        _rows(con, f"SELECT network, supplier, days, followed, points FROM {late}"),
        _rows(con, f"SELECT {sums(('mismatches', 'in_flight'))} FROM {found}"),
    ]


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[tuple]:
    return con.execute(f"FROM ({query}) ORDER BY ALL").fetchall()


def in_the_command(first: date, days: int, *, kill: bool = False) -> tuple[Answer, dict]:
    """By `manage.py replay`, which is asked a second time where it was killed."""
    last = first + timedelta(days=days - 1)
    words = [sys.executable, str(ROOT / "manage.py"), "replay", f"--from={first}", f"--to={last}", "--json"]
    began, cpu, before = time.perf_counter(), 0.0, {}
    with tempfile.TemporaryFile() as out:
        if kill:
            process = subprocess.Popen(words, stdout=out, stderr=out)
            until(lambda: len(replays.done()) >= days // 2)
            process.kill()
            cpu = _waited_for(process)
            before = _before(days)
            job = Job.objects.latest("pk")
            # Whoever looks after lost jobs would have a worker go on with it.
            operations.cancel(actor=MACHINE, job_id=job.pk, now=timezone.now())
            # The day at which it was is taken over once it has been silent for so long.
        out.truncate(0)
        process = subprocess.Popen(words, stdout=out, stderr=out, env=_patient())
        cpu += _waited_for(process)
        out.seek(0)
        said = out.read().decode()
    if process.returncode:
        raise SystemExit(f"the command failed: {said[-2000:]}")
    _kept_are(before)
    job = Job.objects.get(pk=json.loads(said.splitlines()[-1])["job"])
    return replays.answer(job), _took(began, cpu, before)


def _patient() -> dict[str, str]:
    return os.environ | {"LOST_AFTER_SECONDS": str(machine.LOST_AFTER_SECONDS)}


def _waited_for(process: subprocess.Popen) -> float:
    """The processor seconds of a process that has ended by then."""
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return usage.ru_utime + usage.ru_stime


def by_workers(
    first: date, days: int, workers: int, *, kill: bool, cluster: Standalone | None = None
) -> tuple[Answer, dict]:
    """By so many workers of one process each; the one that has the job is killed half-way, and another is started."""
    with crew(workers, {"ENGINE_URL": cluster.url} if cluster else {}) as at_work:
        began, cpu, before = time.perf_counter(), at_work.cpu(), {}
        theirs = cluster.processor_seconds() if cluster else 0.0
        job = tasks.send(replays.ask(first, days))
        if kill:
            until(lambda: len(replays.done()) >= days // 2)
            at_work.kill(replays.who_has_it(at_work.running))
            before = _before(days)
            time.sleep(machine.LOST_AFTER_SECONDS)
            at_work.start("another")
        until(lambda: replays.job_is(job, Job.State.DONE))
        took = _took(began, at_work.cpu() - cpu, before)
        if cluster:
            took["cluster cpu"] = round(cluster.processor_seconds() - theirs, 1)
    if job.attempt != 1 + kill:
        raise SystemExit(f"the job was begun {job.attempt} times")
    _kept_are(before)
    return replays.answer(job), took


@contextmanager
def crew(workers: int, env: dict[str, str]) -> Iterator[Crew]:
    """Workers that are ready, ended at the end."""
    at_work = Crew(env=env)
    try:
        for name in replays.names(workers):
            at_work.start(name)
        yield at_work
    finally:
        for name in list(at_work.running):
            at_work.kill(name)


def _before(days: int) -> dict:
    before = replays.done()
    if len(before) >= days:
        raise SystemExit("it was done before it could be killed")
    return before


def _kept_are(before: dict) -> None:
    """Raises SystemExit where a day that was there was worked out anew."""
    if any(replays.done()[day] != made for day, made in before.items()):
        raise SystemExit("a day was worked out twice")


def _took(began: float, cpu: float, before: dict) -> dict:
    killed = {"killed after days": len(before)} if before else {}
    return {"seconds": round(time.perf_counter() - began, 1), "cpu": round(cpu, 1), **killed}


if __name__ == "__main__":
    main()
