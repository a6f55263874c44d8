"""Two web machines and three workers, each with a disk of its own: they share PostgreSQL, Redis and a store alone."""

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django.conf import settings

from dccflags.services import redis_executable
from reconcile.sample.make import make_sample
from tests import machine, with_store
from tests.machine import Answer
from tests.with_postgres import postgres

pytestmark = pytest.mark.timeout(900)
"""Ten programs begin within it, and on a machine that has other work each of them waits."""
WEBS, WORKERS = ("web-1", "web-2"), ("worker-1", "worker-2", "worker-3")
BAD = "9999999999999"
"""No number with this check digit is an MPAN."""


SET_UP = """
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("createsuperuser", interactive=False, username="ada", email="ada@example.com")
call_command("collectstatic", interactive=False, verbosity=0)
"""
"""Three commands for the price of one start."""


@pytest.fixture(autouse=True)
def empty_machine() -> None:
    """Nothing of the session's own database is used here."""


class Machines:
    """The programs, each of a machine with a disk of its own."""

    def __init__(self, folder: Path, database: str, store: with_store.Server) -> None:
        self.folder, self.store, self.started = folder, store, []
        self.queue = machine.free_port()
        self.ports = {name: machine.free_port() for name in WEBS}
        unset = {"VAR_DIR", "DJANGO_SETTINGS_MODULE"}
        self.env = {name: value for name, value in os.environ.items() if name not in unset} | {
            "DCCFLAGS_ENV": "",
            "DATABASE_URL": database,
            "REDIS_URL": f"redis://127.0.0.1:{self.queue}/0",
            "SECRET_KEY": "the key of every one of these machines, which they share",
            "LAKE_URL": f"s3://{with_store.BUCKET}/market",
            **store.environment,
        }

    def disk(self, name: str) -> Path:
        return self.folder / name

    def on(self, name: str) -> dict[str, str]:
        return self.env | {"VAR_DIR": str(self.disk(name))}

    def start(self, name: str, *words: str) -> None:
        log = (self.folder / f"{name}.log").open("w")
        program = subprocess.Popen(words, cwd=settings.BASE_DIR, env=self.on(name), stdout=log, stderr=log)
        self.started.append(program)

    def serve(self) -> None:
        """Migrate, gather the pages' files once, and start them all."""
        self.start("redis", redis_executable(), "--port", str(self.queue), "--dir", str(self.folder), "--save", "")
        told = {"DJANGO_SUPERUSER_PASSWORD": machine.PASSWORD, "DJANGO_SETTINGS_MODULE": "dccflags.settings"}
        command = [sys.executable, "-c", SET_UP]
        subprocess.run(command, cwd=settings.BASE_DIR, env=self.on(WORKERS[0]) | told, check=True, capture_output=True)
        alone = (sys.executable, "manage.py", "serve", "--processes", "1", "--only")
        for name in WORKERS:
            self.start(name, *alone, "worker", "--name", name)
        for name in WEBS:
            shutil.copytree(self.disk(WORKERS[0]) / "static", self.disk(name) / "static")
            self.start(name, *alone, "web", "--port", str(self.ports[name]))
        self.wait(lambda: all(self.ask(name, "/health/ready").status == 200 for name in WEBS))

    def ask(self, web: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        return machine.ask(self.ports[web], path, body, **headers)

    def send(self, web: str, path: str, **asked: Any) -> Answer:
        return self.ask(web, path, json.dumps(asked).encode(), **{"Content-Type": "application/json"})

    def upload(self, web: str, *files: Path) -> Answer:
        return machine.upload(self.ports[web], *files)

    def press(self, web: str, path: str) -> int:
        """A button that begins a job; gives its number."""
        answer = self.ask(web, path, b"", **{"Content-Type": "application/x-www-form-urlencoded"})
        assert answer.status == 302, answer.body[-2000:]
        return int(answer.headers["Location"].split("/")[2])

    def done(self, web: str, *jobs: int) -> list[dict[str, Any]]:
        """The jobs, once they are done, as a web machine tells of them."""

        def told() -> list[dict[str, Any]]:
            found = [self.ask(web, f"/api/jobs/{job}/").told for job in jobs]
            assert all(one["state"] in ("queued", "running", "done") for one in found), found
            return found if all(one["state"] == "done" for one in found) else []

        return self.wait(told)

    def wait(self, condition: Callable[[], Any], seconds: float = 240) -> Any:
        return machine.until(machine.answered(condition), seconds, every=0.1, logs=self.folder.glob("*.log"))

    def files_on(self, name: str) -> list[str]:
        """What lies on a disk of what is passed on."""
        found = (
            path for folder in ("incoming", "rejects", "exports") for path in (self.disk(name) / folder).rglob("*")
        )
        return [str(path) for path in found if path.is_file()]

    def end(self) -> None:
        # Nothing of these programs is needed any more: the web would wait for lines that are kept open.
        machine.end(self.started, signal.SIGQUIT)


@pytest.fixture(scope="module")
def machines(tmp_path_factory) -> Iterator[Machines]:
    folder = tmp_path_factory.mktemp("machines")
    for name in (*WEBS, *WORKERS, "redis"):
        (folder / name).mkdir()
    # Where the user of PostgreSQL gets to.
    with (
        TemporaryDirectory(prefix="dccflags-pg-") as files,
        postgres(Path(files)) as database,
        with_store.running(tmp_path_factory.mktemp("store")) as store,
    ):
        found = Machines(folder, database, store)
        try:
            found.serve()
            yield found
        finally:
            found.end()


@pytest.fixture(scope="module")
def market(tmp_path_factory) -> list[Path]:
    """A day's files; one has a line that is rejected."""
    folder = tmp_path_factory.mktemp("market")
    make_sample(folder, points=400, days=1, seed=3)
    found = [next(folder.rglob(f"{kind}_*.csv")) for kind in ("registration_electricity", "registration_gas", "smi")]
    lines = found[0].read_text().splitlines()
    found[0].write_text("\n".join([*lines, ",".join([BAD, *lines[-1].split(",")[1:]])]) + "\n")
    return found


@pytest.fixture(scope="module")
def exported(machines: Machines, market: list[Path]) -> str:
    """Loaded by way of one web machine, run and exported by way of the other; gives the address of the export."""
    answer = machines.upload("web-1", *market)
    assert answer.status == 202, answer.body
    machines.done("web-2", *(one["id"] for one in answer.told["results"]))
    machines.done("web-1", machines.press("web-2", "/runs/reconcile/"))
    job = machines.press("web-2", "/discrepancies/export/")
    machines.done("web-1", job)
    return f"/jobs/{job}"


def test_what_one_machine_takes_in_or_makes_every_other_has(machines: Machines, exported: str):
    taken, manifest = (machines.ask("web-1", f"{exported}/{what}/") for what in ("download", "manifest"))
    told = manifest.told

    assert (taken.status, taken.headers["Content-Type"]) == (200, "text/csv")
    assert taken.headers["Content-Disposition"] == f'attachment; filename="{told["name"]}"'
    assert int(taken.headers["Content-Length"]) == len(taken.body) == told["bytes"]
    assert hashlib.sha256(taken.body).hexdigest() == told["sha256"]
    assert len(taken.body.splitlines()) == told["rows"] + 1 > 2
    extracts = machines.ask("web-1", "/api/extracts/").told["results"]
    (of_bad,) = [one["id"] for one in extracts if one["rejects"]]
    rejects = machines.ask("web-2", f"/extracts/{of_bad}/rejects/")
    assert (rejects.status, BAD in rejects.body.decode()) == (200, True)
    assert [name for name in (*WEBS, *WORKERS) if machines.files_on(name)] == []


def test_a_correction_file_is_had_of_every_web_machine(machines: Machines, exported: str):
    count = machines.send("web-1", "/api/corrections/plan/").told["corrections"]
    job = machines.send("web-1", "/api/corrections/", count=count).told["id"]
    (made,) = machines.done("web-2", job)

    (file, *_) = machines.ask("web-2", f"/api/corrections/{made['correction']}/").told["files"]
    taken = machines.ask("web-2", f"/corrections/files/{file['id']}/download/")

    assert (taken.status, hashlib.sha256(taken.body).hexdigest()) == (200, file["sha256"])


def test_a_store_that_goes_away_in_an_upload_and_a_download_loses_nothing(
    machines: Machines, exported: str, market: list[Path], tmp_path: Path
):
    before = machines.ask("web-2", f"{exported}/download/").body
    again = tmp_path / market[0].name
    again.write_bytes(market[0].read_bytes() + b"\n")
    jobs = len(machines.ask("web-1", "/api/jobs/").told["results"])
    answers: dict[str, Answer] = {}

    def keep(name: str, ask: Callable[[], Answer]) -> threading.Thread:
        thread = threading.Thread(target=lambda: answers.update({name: ask()}))
        thread.start()
        return thread

    machines.store.process.send_signal(signal.SIGSTOP)
    asked = [
        keep("upload", lambda: machines.upload("web-1", again)),
        keep("download", lambda: machines.ask("web-2", f"{exported}/download/")),
    ]
    machines.wait(lambda: machines.files_on("web-1"))
    machines.store.kill()
    for thread in asked:
        thread.join(90)

    assert {name: answer.status for name, answer in answers.items()} == {"upload": 503, "download": 503}
    for answer in answers.values():
        assert "The store of files does not answer" in answer.told["detail"]
    assert [name for name in WEBS if machines.files_on(name)] == []
    assert machines.ask("web-1", f"{exported}/").status == 200, "a page does without"
    machines.store.start()
    assert len(machines.ask("web-1", "/api/jobs/").told["results"]) == jobs, "no job waits for half a file"
    assert machines.ask("web-2", f"{exported}/download/").body == before
    done = machines.upload("web-1", again)
    assert done.status == 202
    machines.done("web-2", done.told["results"][0]["id"])
