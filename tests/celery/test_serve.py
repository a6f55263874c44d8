"""`manage.py serve` with real processes: each program that is killed is there again within seconds."""

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from urllib.request import urlopen

from django.conf import settings

from tests.machine import environment, until, web


def programs(parent: int) -> dict[str, int]:
    """The programs that a supervisor runs: what each is -> its process."""
    found = {}
    for child in Path(f"/proc/{parent}/task/{parent}/children").read_text().split():
        words = ""
        with suppress(FileNotFoundError):
            # It may end between the two looks.
            words = Path(f"/proc/{child}/cmdline").read_bytes().decode().replace("\0", " ")
        kind = next((name for name in ("gunicorn", "worker", "beat", "redis-server") if name in words), "")
        if kind:
            found[kind] = int(child)
    return found


def test_what_is_killed_is_started_again(tmp_path):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = environment(VAR_DIR=str(tmp_path / "var"), DATABASE_URL=f"sqlite:///{tmp_path}/db.sqlite3")
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), "serve", "--port", str(port)]
    with subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as serve:
        try:
            assert any("Running at" in line for line in serve.stdout)
            before = programs(serve.pid)
            assert set(before) == {"gunicorn", "worker", "beat", "redis-server"}
            for pid in before.values():
                os.kill(pid, signal.SIGKILL)

            until(lambda: len(set(programs(serve.pid).values()) - set(before.values())) == len(before))
        finally:
            serve.send_signal(signal.SIGTERM)
            serve.wait(60)


def test_a_web_process_in_a_new_place_makes_what_its_pages_need(transactional_db, tmp_path):
    """Restored from a backup there is a database, and nobody has collected the pages' files."""
    program, port = web(VAR_DIR=str(tmp_path / "new"))
    try:
        with urlopen(f"http://127.0.0.1:{port}/login/", timeout=30) as answer:
            assert answer.status == 200 and b"stylesheet" in answer.read()
    finally:
        program.end()
