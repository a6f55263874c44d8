"""A disk that is full or takes no writes, a database that is away: one sentence everywhere, and never a 500."""

import http.client
import json
import os
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.conf import settings

from tests import machine, migrated

TOKEN = "t" * 32
DISK = 120_000_000
"""Bytes of the disk that everything stands on."""
MAKE_ROOT = "from django.contrib.auth.models import User; User.objects.create_superuser('root', password='long enough')"
FORM = "application/x-www-form-urlencoded"


def manage(place: dict[str, str], *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, settings.BASE_DIR / "manage.py", *words]
    return subprocess.run(
        command, env=machine.environment(**place), check=False, capture_output=True, text=True, timeout=120
    )


@pytest.fixture(scope="module")
def disk(tmp_path_factory) -> Iterator[Path]:
    """A small disk of its own."""
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK}", "tmpfs", folder]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        pytest.skip("only root mounts a disk")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.fixture(scope="module")
def place(disk) -> dict[str, str]:
    """A product on that disk, set up, with somebody to log in."""
    var = disk / "var"
    here = {"VAR_DIR": str(var), "DATABASE_URL": f"sqlite:///{var}/db.sqlite3"}
    var.mkdir()
    shutil.copy(migrated.sqlite(), var / "db.sqlite3")
    assert not manage(here, "shell", "--verbosity=0", "-c", MAKE_ROOT).returncode
    static = settings.STATIC_ROOT
    if not (static / "staticfiles.json").exists():
        machine.collect_static()
    shutil.copytree(static, var / "static")
    return here


@pytest.fixture(scope="module")
def port(place, request) -> Iterator[int]:
    """A web on that disk; what a test adds to the database's address is its parameter."""
    program, port = machine.web(**place | {"DATABASE_URL": place["DATABASE_URL"] + getattr(request, "param", "")})
    yield port
    program.end()


class Browser:
    """Somebody who tries everything."""

    def __init__(self, port: int) -> None:
        self.port, self.cookies = port, f"csrftoken={TOKEN}"

    def ask(self, method: str, address: str, body: bytes | str | None = None, kind: str = FORM) -> tuple[int, str]:
        web = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        web.request(method, address, body, {"Cookie": self.cookies, "Content-Type": kind, "Accept": "text/html,*/*"})
        answer = web.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            # The token of forms stays the one that is sent.
            self.cookies += f"; {cookie.split(';')[0]}" if cookie.startswith("sessionid=") else ""
        return answer.status, answer.read().decode()

    def log_in(self) -> tuple[int, str]:
        form = {"csrfmiddlewaretoken": TOKEN, "username": "root", "password": "long enough"}
        return self.ask("POST", "/login/", urlencode(form))

    def upload(self) -> tuple[int, str]:
        field = f'--b\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{TOKEN}\r\n'
        file = '--b\r\nContent-Disposition: form-data; name="file"; filename="smi.csv"\r\n\r\n' + "x" * 3_000_000
        return self.ask("POST", "/extracts/upload/", field + file + "\r\n--b--\r\n", "multipart/form-data; boundary=b")


@pytest.fixture
def inside(port) -> Browser:
    browser = Browser(port)
    assert browser.log_in()[0] == 302
    return browser


def fill(disk: Path) -> Path:
    """The disk filled to its last byte; gives the file that does so."""
    filler = disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(b"\0" * 65536)
    except OSError:
        return filler


TRIED = {
    "log-in": lambda browser: Browser(browser.port).log_in(),
    "upload": Browser.upload,
    "export": lambda browser: browser.ask("POST", "/storage/tidy/", f"csrfmiddlewaretoken={TOKEN}"),
    "API": lambda browser: browser.ask("GET", "/api/runs/"),
    "a page": lambda browser: browser.ask("GET", "/jobs/"),
    "the log-in page": lambda browser: browser.ask("GET", "/login/"),
}


def tried(browser: Browser) -> dict[str, tuple[int, str]]:
    return {name: what(browser) for name, what in TRIED.items()}


@pytest.mark.parametrize("port", ["?conn_max_age=0"], indirect=True)
def test_a_disk_that_takes_no_writes(disk, inside, place):
    # Linux lets nobody take writes from a disk on which a connection is kept.
    remount = ["mount", "-o", "remount,ro", disk]
    machine.until(lambda: not subprocess.run(remount, check=False, capture_output=True).returncode, seconds=20)
    try:
        found, readiness = tried(inside), inside.ask("GET", "/health/ready")
        command = manage(place, "reconcile")
    finally:
        subprocess.run(["mount", "-o", "remount,rw", disk], check=True)

    assert {found[name][0] for name in ("log-in", "upload", "export")} == {503}
    assert {status for status, _ in found.values()} <= {200, 302, 503}
    assert readiness == (503, readiness[1]) and "takes no writes" in readiness[1]
    assert command.returncode == 1 and command.stderr.count("\n") == 1


def test_a_full_disk(disk, inside, place):
    filler = fill(disk)
    try:
        found, readiness = tried(inside), inside.ask("GET", "/health/ready")
        command = manage(place, "load", str(settings.BASE_DIR / "README.md"))
    finally:
        filler.unlink()

    assert found["upload"][0] == 503
    assert {status for status, _ in found.values()} <= {200, 302, 503}
    troubles = {name: words[-300:] for name, (status, words) in found.items() if status == 503}
    assert [name for name, words in troubles.items() if "room" not in words and "full" not in words] == [], troubles
    assert readiness[0] == 503 and "MIN_FREE_PERCENT" in json.loads(readiness[1])["status"]
    assert command.returncode == 1 and command.stderr.count("\n") == 1 and "full" in command.stderr
    assert not list((disk / "var" / "incoming").iterdir())
    assert inside.log_in()[0] == 302
    assert inside.ask("GET", "/health/ready")[0] == 200


def test_a_database_that_is_not_there(disk, inside, place):
    database = disk / "var" / "db.sqlite3"
    aside = {path: path.with_name(f"aside-{path.name}") for path in (disk / "var").glob("db.sqlite3*")}
    for path, to in aside.items():
        path.rename(to)
    try:
        found = tried(inside)
        command = manage(place, "reconcile")
    finally:
        for path in (disk / "var").glob("db.sqlite3*"):
            path.unlink()
        for path, to in aside.items():
            to.rename(path)

    assert database.exists()
    assert {status for status, _ in found.values()} <= {200, 302, 401, 403, 503}
    assert found["log-in"][0] == 503 and "manage.py migrate" in found["log-in"][1]
    assert command.returncode == 1 and command.stderr.count("\n") == 1 and "migrate" in command.stderr


def is_open_to_others(path: Path) -> bool:
    """Whether others may do anything with it. What has gone since it was listed, as SQLite's own files do, is not."""
    try:
        return bool(stat.S_IMODE(path.lstat().st_mode) & 0o077)
    except FileNotFoundError:
        return False


def test_all_that_is_written_is_for_its_owner_only(disk, inside):
    status, words = inside.upload()

    assert status == 302, words
    open_to_others = [
        str(path)
        for path in [disk / "var", *(disk / "var").rglob("*")]
        if "static" not in path.parts and is_open_to_others(path)
    ]
    assert list((disk / "var" / "incoming").iterdir())
    assert open_to_others == []


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"DEBUG": "1"}, "DEBUG"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 60}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": "flags.example.com,*"}, "ALLOWED_HOSTS"),
    ],
)
def test_a_start_that_would_not_be_safe_is_refused_in_one_sentence(wrong, words):
    command = manage({"HTTPS": "1", **wrong}, "check")

    assert (command.returncode, command.stderr.count("\n")) == (1, 1)
    assert words in command.stderr


def test_a_folder_that_cannot_be_made_is_said_in_one_sentence(tmp_path):
    (tmp_path / "file").touch()

    command = manage({"VAR_DIR": str(tmp_path / "file" / "var")}, "reconcile")

    assert (command.returncode, command.stderr.count("\n")) == (1, 1)
    assert "cannot be used" in command.stderr
