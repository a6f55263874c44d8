"""What deploy/ holds, as processes: its units, its settings and its proxy, with PostgreSQL and a Redis of their own.

There is no container runtime where tests run: of the container file and compose.yaml only what they name is checked.
"""

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import ssl
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.client import HTTPSConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from django.conf import settings

from dccflags.services import redis_executable
from reconcile.ledger.queries.metrics import HELP
from reconcile.sample.make import make_sample
from tests import machine
from tests.with_postgres import postgres

DEPLOY = settings.BASE_DIR / "deploy"
HOST = "flags.example.com"
SETTINGS = re.sub(r"(?m)^#.*$", "", (DEPLOY / "example.env").read_text())
UNITS = {path.stem: path for path in (DEPLOY / "systemd").glob("*.service")}


@pytest.fixture(autouse=True)
def empty_machine() -> None:
    """Nothing of the session's own database is used here."""


class Deployed:
    """The product as the units start it, behind nginx."""

    def __init__(self, folder: Path, database: str) -> None:
        self.folder, self.started = folder, []
        self.https, self.queue, self.web_port = machine.free_port(), machine.free_port(), machine.free_port()
        told = dict(line.split("=", 1) for line in SETTINGS.splitlines() if "=" in line)
        own = {
            "VAR_DIR": str(folder / "var"),
            "DATABASE_URL": database,
            "REDIS_URL": f"redis://127.0.0.1:{self.queue}/0",
        }
        (folder / "settings.env").write_text("".join(f"{name}={value}\n" for name, value in (told | own).items()))
        unset = {"VAR_DIR", "DATABASE_URL", "DJANGO_SETTINGS_MODULE", *told}
        self.env = {name: value for name, value in os.environ.items() if name not in unset}
        self.env["DCCFLAGS_ENV"] = str(folder / "settings.env")

    def start(self, *words: str) -> None:
        log = (self.folder / f"{len(self.started)}.log").open("w")
        self.started.append(subprocess.Popen(words, cwd=settings.BASE_DIR, env=self.env, stdout=log, stderr=log))

    def manage(self, *words: str, **more: str) -> None:
        command = [sys.executable, "manage.py", *words]
        subprocess.run(command, cwd=settings.BASE_DIR, env=self.env | more, check=True, capture_output=True)

    def start_unit(self, name: str) -> None:
        unit = configparser.RawConfigParser(strict=False)
        unit.optionxform = str
        unit.read(UNITS[name])
        command = unit["Service"]["ExecStart"].replace("%i", "one").replace("--port 8000", f"--port {self.web_port}")
        program, *words = shlex.split(command)
        assert program == "/srv/dccflags/.venv/bin/python"
        self.start(sys.executable, *words)

    def start_proxy(self) -> None:
        key, certificate = self.folder / "key.pem", self.folder / "certificate.pem"
        made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", f"/CN={HOST}"]
        names = ["-addext", f"subjectAltName=DNS:{HOST},IP:127.0.0.1"]
        subprocess.run([*made, *names, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        conf = (DEPLOY / "nginx.conf").read_text().replace("listen 443 ssl", f"listen 127.0.0.1:{self.https} ssl")
        conf = conf.replace("127.0.0.1:8000", f"127.0.0.1:{self.web_port}")
        conf = conf.replace("/etc/ssl/certs/flags.example.com.pem", str(certificate))
        conf = conf.replace("/etc/ssl/private/flags.example.com.key", str(key))
        (self.folder / "site.conf").write_text(conf)
        parts = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        kept = "".join(f"{name}_temp_path {self.folder}/{name};" for name in parts)
        within = f"access_log off; {kept} include {self.folder}/site.conf;"
        (self.folder / "nginx.conf").write_text(
            f"pid {self.folder}/nginx.pid; daemon off; events {{}} http {{ {within} }}"
        )
        nginx = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
        assert nginx, "there is no nginx: make browser installs it"
        self.start(nginx, "-c", str(self.folder / "nginx.conf"), "-e", "stderr")

    def ask(self, path: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> tuple[int, bytes]:
        """Status and body, through the proxy."""
        trusted = ssl.create_default_context(cafile=self.folder / "certificate.pem")
        line = HTTPSConnection("127.0.0.1", self.https, timeout=30, context=trusted)
        try:
            line.request("POST" if body else "GET", path, body, {"Host": HOST, **(headers or {})})
            answer = line.getresponse()
            return answer.status, answer.read()
        finally:
            line.close()

    def wait(self, condition: Callable[[], object]) -> object:
        return machine.until(machine.answered(condition), 90, every=0.2, logs=self.folder.glob("*.log"))

    def end(self) -> None:
        machine.end(self.started, signal.SIGTERM, seconds=30)


@pytest.fixture(scope="module")
def deployed(tmp_path_factory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployed")
    (folder / "var").mkdir()
    # Where the user of PostgreSQL gets to.
    with TemporaryDirectory(prefix="dccflags-pg-") as files, postgres(Path(files)) as database:
        product = Deployed(folder, database)
        try:
            product.start(redis_executable(), "--port", str(product.queue), "--dir", str(folder), "--save", "")
            product.manage("migrate", "--verbosity", "0")
            who = {"DJANGO_SUPERUSER_PASSWORD": machine.PASSWORD, "DJANGO_SUPERUSER_USERNAME": machine.ADA}
            product.manage("createsuperuser", "--noinput", "--email", "ada@example.com", **who)
            for name in UNITS:
                product.start_unit(name)
            product.start_proxy()
            product.wait(lambda: product.ask("/health/ready/")[0] == 200)
            yield product
        finally:
            product.end()


def test_there_is_a_unit_for_each_program():
    assert set(UNITS) == {"dccflags-web", "dccflags-worker@", "dccflags-timer"}


def test_the_units_settings_and_proxy_serve_a_file_from_the_browser_to_the_worker(deployed: Deployed, tmp_path):
    make_sample(tmp_path, points=200, days=1, seed=3)
    file = next(tmp_path.rglob("registration_electricity_*.csv"))
    body, heading = machine.form(file)

    status, answer = deployed.ask("/api/extracts/", machine.AS_ADA | heading, body)
    assert status == 202, answer
    (job,) = json.loads(answer)["results"]

    def done() -> bool:
        state = json.loads(deployed.ask(f"/api/jobs/{job['id']}/", machine.AS_ADA)[1])["state"]
        assert state in ("queued", "running", "done")
        return state == "done"

    deployed.wait(done)
    assert deployed.ask("/health/")[0] == 200 and deployed.ask("/api/extracts/")[0] in (401, 403)


def test_what_the_board_shows_is_what_the_metrics_say(deployed: Deployed):
    token = re.search(r"^METRICS_TOKEN=(.*)$", (DEPLOY / "example.env").read_text(), re.MULTILINE)[1]
    board = json.loads((DEPLOY / "board.json").read_text())
    shown = {
        name for one in board["panels"] for of in one["targets"] for name in re.findall(r"dccflags_\w+", of["expr"])
    }

    status, answer = deployed.ask("/metrics/", {"Authorization": f"Bearer {token}"})

    told = set(re.findall(r"^(dccflags_\w+)", answer.decode(), re.MULTILINE))
    assert status == 200 and shown == set(HELP)
    assert shown - told == {"dccflags_newest_run_age_days"}, "there has been no run"
    assert deployed.ask("/metrics/", {"Authorization": "Bearer wrong"})[0] == 302


def test_the_layout_of_containers_shares_no_disk():
    told = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    programs = {name: one for name, one in told["services"].items() if one.get("image") == "dccflags"}

    assert {name: one.get("deploy") for name, one in programs.items()} == {
        "bucket": None,
        "migrate": None,
        "web": {"replicas": 2},
        "worker": {"replicas": 3},
        "timer": None,
    }
    assert not any("volumes" in one for one in programs.values())
    assert all(one["environment"]["LAKE_URL"].startswith("s3://") for one in programs.values())


def test_the_container_takes_what_is_there_and_no_test_tools():
    text = (DEPLOY / "Containerfile").read_text()
    taken = [name for line in re.findall(r"^COPY (.*) \S+$", text, re.MULTILINE) for name in line.split()]

    assert all((settings.BASE_DIR / name).exists() for name in taken)
    assert "requirements.txt" in taken and not {"tests", "benchmarks", "requirements-dev.txt"} & set(taken)
