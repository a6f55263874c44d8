"""One history replayed by one worker, by three, and on Spark, each of which loses a worker half-way; all must be equal.

In: VAR_DIR of benchmarks.history, CLUSTER_HOME of Spark's distribution; set-ups by name (none: all). Out: a table, and
a line of JSON. Run by hand: `VAR_DIR=... CLUSTER_HOME=... .venv-spark/bin/python -m benchmarks.replays`.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dccflags.settings")
LOST = os.environ.setdefault("LOST_AFTER_SECONDS", "15")
"""Seconds without a sign of life, after which another takes what a killed worker had."""
django.setup()

from django.conf import settings  # noqa: E402 - Django comes first
from django.core.management import call_command  # noqa: E402
from django.utils import timezone  # noqa: E402

from dccflags.services import redis_command, wait_for_redis  # noqa: E402
from dccflags.supervisor import Program  # noqa: E402
from reconcile import tasks  # noqa: E402
from reconcile.ledger import operations, queries  # noqa: E402
from reconcile.ledger.access import EVERYTHING  # noqa: E402
from reconcile.ledger.actors import MACHINE  # noqa: E402
from reconcile.models import Extract, Job, ReplayedDay, Run  # noqa: E402
from tests.spark.standalone import Standalone, standalone  # noqa: E402

from .history import EACH  # noqa: E402
from .measure import ROOT, cpu_seconds  # noqa: E402

MANAGE = str(ROOT / "manage.py")
MEMORY = int(os.environ.get("CLUSTER_MEMORY", "1536"))
"""Megabytes of each executor and of the server."""
SETUPS = {"one worker": (False, 1), "three workers": (False, 3), "one worker, Spark": (True, 1)}
"""Whether on Spark, and with how many workers."""
FIRST = Path(settings.VAR_DIR) / "replayed.json"
"""What the first set-up answered, which every other must, today's and those after."""
SPARK_DAYS = int(os.environ["SPARK_DAYS"]) if "SPARK_DAYS" in os.environ else None
"""Of the first so many days alone, where Spark is not to take them all."""
HOURS = 3
"""After which a set-up is given up."""
Files = dict[str, dict[str, str]]
"""By day the SHA-256 of each file of its answer, whose rows are in an order of their own."""


@dataclass
class Took:
    """What a set-up took. `silent`: seconds from the kill until the next day was done; `cluster_cpu`: of Spark."""

    setup: str
    days: int
    seconds: float
    silent: float
    cpu: float
    cluster_cpu: float
    done_when_killed: int
    done_again: int


@dataclass
class Workers:
    """Worker programs of one process each, and the processor seconds of those that have ended."""

    folder: Path
    env: dict[str, str]
    running: list[Program] = field(default_factory=list)
    spent: float = 0.0
    started: int = 0

    def start(self) -> None:
        """One more."""
        self.folder.mkdir(exist_ok=True)
        self.started += 1
        only = ["serve", "--only", "worker", "--processes", "1", "--name", f"w{self.started}"]
        log = self.folder / f"{self.started}.log"
        self.running.append(Program("worker", [sys.executable, MANAGE, *only], log, self.env))
        self.running[-1].start()

    def end(self, program: Program, *, kill: bool = False) -> None:
        """In order, or with all that it started, as where a machine fails."""
        self.running.remove(program)
        self.spent += cpu_seconds(program.process.pid) if program.process else 0
        if kill:
            program.signal_group(signal.SIGKILL)
        program.end()

    @property
    def cpu(self) -> float:
        """Processor seconds of all of them so far."""
        return self.spent + sum(cpu_seconds(program.process.pid) for program in self.running if program.process)

    def wait(self) -> None:
        """Until each takes work, so that starting is not measured."""
        logs = [self.folder / f"{number}.log" for number in range(1, self.started + 1)]
        until(lambda: all(log.exists() and " ready." in log.read_text() for log in logs))

    @contextmanager
    def at_work(self, number: int) -> Iterator[None]:
        """So many from the start; none at the end."""
        try:
            for _ in range(number):
                self.start()
            yield
        finally:
            for program in list(self.running):
                self.end(program)


def main() -> None:
    """Each set-up once."""
    first, last = (Extract.objects.order_by(f"{by}as_of").values_list("as_of", flat=True)[0] for by in ("", "-"))
    wanted = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    published(wanted)
    took: list[Took] = []
    with tempfile.TemporaryDirectory(dir=settings.VAR_DIR) as folder, ExitStack() as stack:
        redis = Program("redis", redis_command(settings.VAR_DIR), Path(folder) / "redis.log")
        stack.callback(redis.end)
        redis.start()
        wait_for_redis(settings.VAR_DIR)
        # It asks every half minute for jobs whose worker died.
        timer = Program("timer", [sys.executable, MANAGE, "serve", "--only", "timer"], Path(folder) / "timer.log")
        stack.callback(timer.end)
        timer.start()
        for setup in sys.argv[1:] or SETUPS:
            on_spark, number = SETUPS[setup]
            cluster = stack.enter_context(standalone(Path(folder), MEMORY)) if on_spark else None
            bench = Bench(wanted[: SPARK_DAYS if on_spark else None], Path(folder))
            took.append(bench.replayed(setup, number, cluster))
            say(str(took[-1]))
    points = Run.objects.latest("as_of").points
    print(table(took))
    print(json.dumps({"points": points, "load": os.getloadavg()[0], "took": [asdict(one) for one in took]}))


def published(wanted: list[date]) -> None:
    """A run of each day that has an inventory of its own, where it is not there yet."""
    there = set(Run.objects.values_list("as_of", flat=True))
    began = resource.getrusage(resource.RUSAGE_SELF).ru_utime
    for day in wanted[::EACH]:
        if day not in there:
            call_command("reconcile", f"--as-of={day}", "--yes", "--json", stdout=StringIO())
    spent = resource.getrusage(resource.RUSAGE_SELF).ru_utime - began
    say(f"{Run.objects.count()} runs are there ({spent:.0f} s of processor)")


def done() -> dict[date, datetime | None]:
    """The days that are done, with when each was."""
    return dict(ReplayedDay.objects.exclude(snapshot="").values_list("as_of", "made_at"))


def until(condition: Callable[[], Any]) -> None:
    """Look twice a second. Raises SystemExit after HOURS."""
    last = time.monotonic() + HOURS * 3600
    while not condition():
        if time.monotonic() > last:
            raise SystemExit(f"It was not done within {HOURS} hours.")
        time.sleep(0.5)


@dataclass
class Bench:
    """Days to replay, and where logs go."""

    wanted: list[date]
    folder: Path

    def replayed(self, setup: str, number: int, cluster: Standalone | None = None) -> Took:
        """With so many workers, of which one is killed half-way and another started; fails where it differs."""
        ReplayedDay.objects.all().delete()
        workers = Workers(
            self.folder / setup.replace(" ", "-"), {**os.environ, "ENGINE_URL": cluster.url if cluster else ""}
        )
        job = operations.start_replay(actor=MACHINE, first=self.wanted[0], last=self.wanted[-1], now=timezone.now())
        with workers.at_work(number):
            workers.wait()
            idle, theirs = workers.cpu, cluster.processor_seconds() if cluster else 0
            began = time.monotonic()
            tasks.send(job)
            until(lambda: len(done()) >= len(self.wanted) // 2)
            workers.end(workers.running[0], kill=True)
            killed, before = time.monotonic(), done()
            workers.start()
            until(lambda: len(done()) > len(before))
            silent = time.monotonic() - killed
            until(lambda: Job.objects.get(pk=job.pk).state not in {"queued", "running", "lost"})
            seconds, cpu = time.monotonic() - began, workers.cpu - idle
            of_spark = cluster.processor_seconds() - theirs if cluster else 0
        self.compare(setup, Job.objects.get(pk=job.pk))
        again = sum(made != before.get(day, made) for day, made in done().items())
        rounded = map(round, (seconds, silent, cpu, of_spark))
        return Took(setup, len(self.wanted), *rounded, done_when_killed=len(before), done_again=again)

    def compare(self, setup: str, job: Job) -> None:
        """Every file of every day, and each day beside its run. Raises SystemExit where something differs."""
        found, runs = queries.replayed(actor=MACHINE, job_id=job.pk), queries.party_replay(scope=EVERYTHING)
        if job.state != Job.State.DONE or found is None or runs is None:
            raise SystemExit(f"{setup}: {job.state}, {job.message}")
        rows = ReplayedDay.objects.exclude(snapshot="").values_list("as_of", "checksums")
        files = {f"{day}": dict(checksums) for day, checksums in rows}
        if not FIRST.exists():
            FIRST.write_text(json.dumps(files))
        first: Files = json.loads(FIRST.read_text())
        apart = [day for day in files if files[day] != first.get(day)]
        if apart or len(files) != len(self.wanted):
            raise SystemExit(
                f"{setup}: {len(files)} days, of which {len(apart)} are not as the first has them: {apart}"
            )
        for run in Run.objects.filter(as_of__in=self.wanted):
            same(f"{setup}, {run.as_of}", found.days[f"{run.as_of}"], run, ("mismatches", "in_flight"))
        # What there is of late flags on the page: the newest runs.
        newest = [stood for stood in runs.runs if stood.run.as_of in self.wanted]
        for stood in newest:
            day, name = found.days[f"{stood.run.as_of}"], f"{setup}, {stood.run.as_of}"
            same(name, day, stood, ("right", "wrong", "open", "unread"))
            if day.late.as_json() != stood.late.as_json():
                raise SystemExit(f"{name}: {day.late.as_json()}, its run says {stood.late.as_json()}")
        say(
            f"{setup}: equal to the first on {len(files)} days, to the runs of those days in what they count, and "
            f"to the newest {len(newest)} in how flags stood and followed"
        )


def same(what: str, one: object, other: object, names: tuple[str, ...]) -> None:
    """Raises SystemExit where they differ in one of these."""
    for name in names:
        if getattr(one, name) != getattr(other, name):
            raise SystemExit(f"{what}: {name} is {getattr(one, name)}, its run says {getattr(other, name)}")


def say(words: str) -> None:
    """While it works."""
    print(words, file=sys.stderr, flush=True)


def table(took: list[Took]) -> str:
    """As Markdown."""
    heads = (
        *("set-up", "days", "seconds", "of them silent after the kill", "processor s of workers", "of Spark"),
        *("done when killed", "of those judged again"),
    )
    rows = [heads, ["---"] * len(heads), *(asdict(one).values() for one in took)]
    return "\n".join(f"| {' | '.join(map(str, row))} |" for row in rows)


if __name__ == "__main__":
    main()
