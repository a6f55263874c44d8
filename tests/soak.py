"""`make soak`: loads, runs, exports and twenty people while processes are killed; then the books are compared.

In: MINUTES. Out: what was done and killed, and exit code 0 if ledger and lake equal those of a quiet run of the same
files. Everything happens in a folder of its own.
"""

import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

ROOT = Path(__file__).parents[1]
KILL_EVERY = 20
PEOPLE = 20
PASSWORD = "a long enough password for a soak"
PAGES = ("/", "/discrepancies/", "/networks/", "/suppliers/", "/extracts/", "/runs/", "/jobs/", "/storage/", "/rules/")


def manage(var: Path, *words: str | Path, check: bool = True) -> dict:
    """A command of the product on a VAR_DIR; what it printed last as JSON, or nothing."""
    own = os.environ | {"VAR_DIR": str(var), "DCCFLAGS_ENV": "", "LOST_AFTER_SECONDS": "6"}
    own |= {"DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    own.pop("DATABASE_URL", None)
    command = [sys.executable, ROOT / "manage.py", *words]
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    if check and done.returncode:
        raise SystemExit(f"{words}: {done.stderr[-800:]}")
    last = done.stdout.strip().splitlines()[-1:] or [""]
    return json.loads(last[0]) if last[0].startswith("{") else {}


def books(var: Path, csv: Path) -> dict[str, object]:
    """What has to be the same: the discrepancies, the counts of each run, and the files of each extract."""
    manage(var, "export", csv, "--state", "all", "--json")
    with sqlite3.connect(var / "dccflags.sqlite3") as rows:
        counts = "as_of, points, mismatches, new, ongoing, resolved, regressed, absent"
        runs = rows.execute(f"SELECT {counts} FROM reconcile_run ORDER BY as_of").fetchall()
        extracts = rows.execute("SELECT name, as_of, rows, checksums FROM reconcile_extract ORDER BY 1, 2").fetchall()
        named = {
            row[0] for table in ("extract", "run") for row in rows.execute(f"SELECT snapshot FROM reconcile_{table}")
        }
    damaged = manage(var, "verify", "--json", check=False)["damaged"]
    missing = [name for name in named if not (var / "lake" / name).is_dir()]
    return {"csv": csv.read_bytes(), "runs": runs, "extracts": extracts, "damaged": damaged, "missing": missing}


def under(parent: int) -> Iterator[int]:
    """Every process below one, however deep."""
    try:
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    except OSError:
        return
    for child in map(int, children):
        yield child
        yield from under(child)


def kill_at_random(serve: int, over: threading.Event, killed: Counter) -> None:
    """One of the product's processes every while, without a word of warning."""
    dice = random.Random(11)
    while not over.wait(KILL_EVERY):
        alive = list(under(serve))
        if not alive:
            continue
        chosen = dice.choice(alive)
        try:
            words = Path(f"/proc/{chosen}/cmdline").read_bytes().decode().replace("\0", " ")
            os.kill(chosen, signal.SIGKILL)
        except OSError:
            continue
        names = ("redis-server", "gunicorn", "beat", "worker")
        killed[next((name for name in names if name in words), "other")] += 1


def click(address: str, over: threading.Event, answers: Counter, unmeant: list[str]) -> None:
    """A person who logs in and opens pages; what is away for a moment is asked for again.

    `unmeant`: answers of 500, which nothing that befalls a process should give.
    """
    browser = build_opener(HTTPCookieProcessor(jar := CookieJar()))
    dice = random.Random(threading.get_ident())
    while not over.is_set():
        try:
            page = browser.open(address + dice.choice(PAGES), timeout=60)
            if "/login/" in page.url:
                token = next(cookie.value for cookie in jar if cookie.name == "csrftoken")
                form = {"username": "soak", "password": PASSWORD, "csrfmiddlewaretoken": token}
                browser.open(page.url, urlencode(form).encode(), timeout=60)
            answers[page.status] += 1
        except HTTPError as error:
            answers[error.code] += 1
            if error.code == 500:
                unmeant.append(f"{time.strftime('%X')} {error.url}")
        except OSError:
            answers["away"] += 1
        over.wait(dice.random())


def work_through(var: Path, days: list[Path], until: float) -> Counter:
    """Every day's files through the workers, in order, and exports; again and again until the time is over."""
    ended: Counter = Counter()
    first = True
    while first or time.monotonic() < until:
        for day in days:
            for path in files_of(day):
                ended[_through(var, "load", path, "--yes")] += 1
            ended[_through(var, "reconcile", "--as-of", day.name, "--yes")] += 1
            ended[_through(var, "export", var / "soak.csv")] += 1
            if not first and time.monotonic() > until:
                break
        first = False
    return ended


def files_of(day: Path) -> list[Path]:
    """A day's files in the order of loading."""
    kinds = (
        "registration",
        "d0204",
        "smi",
        "d0350",
        "d0213",
        "d0217",
        "d0089",
        "dxi",
        "d0351",
        "d0172",
        "d0312",
        "e46",
    )
    return [path for kind in (*kinds, "duis") for path in sorted(day.glob(f"{kind}_*"))]


def _through(var: Path, *words: str | Path) -> str:
    """Queue a job and wait for its end; what was killed too often is asked for again, as a person would."""
    for _ in range(5):
        job = manage(var, *words, "--queue", "--json")["job"]
        state = ""
        while state not in {"done", "failed", "held", "cancelled"}:
            time.sleep(0.2)
            with sqlite3.connect(var / "dccflags.sqlite3", timeout=60) as rows:
                state, attempt = rows.execute("SELECT state, attempt FROM reconcile_job WHERE id = ?", [job]).fetchone()
            if state == "lost" and attempt >= 3:
                break
        if state == "done":
            return f"{words[0]} done"
    raise SystemExit(f"{words} ended as {state} five times")


def main(minutes: float) -> int:
    """Returns 0 if the books are the same and every answer was meant."""
    folder = Path(tempfile.mkdtemp(prefix="dccflags-soak-"))
    quiet, storm = folder / "quiet", folder / "storm"
    manage(quiet, "make_sample", folder / "market", "--meter-points", "20000", "--days", "3", "--seed", "5")
    days = sorted(path for path in (folder / "market").iterdir() if path.is_dir())
    for var in (quiet, storm):
        manage(var, "migrate", "--verbosity", "0")
    manage(storm, "createsuperuser", "--noinput", "--username", "soak", "--email", "soak@example.com")
    for day in days:
        for path in files_of(day):
            manage(quiet, "load", path, "--yes", "--json")
        manage(quiet, "reconcile", "--as-of", day.name, "--yes", "--json")
    expected = books(quiet, folder / "quiet.csv")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = os.environ | {"VAR_DIR": str(storm), "DCCFLAGS_ENV": "", "LOST_AFTER_SECONDS": "6"}
    own.pop("DATABASE_URL", None)
    over, killed, answers = threading.Event(), Counter(), Counter()
    unmeant: list[str] = []
    with (folder / "serve.log").open("wb") as log:
        serve = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "serve", "--port", str(port)], env=own, stdout=log, stderr=log
        )
        try:
            time.sleep(15)
            threads = [threading.Thread(target=kill_at_random, args=(serve.pid, over, killed))]
            address = f"http://127.0.0.1:{port}"
            threads += [threading.Thread(target=click, args=(address, over, answers, unmeant)) for _ in range(PEOPLE)]
            for thread in threads:
                thread.start()
            ended = work_through(storm, days, time.monotonic() + 60 * minutes)
            lived = serve.poll() is None
        finally:
            over.set()
            serve.send_signal(signal.SIGTERM)
            serve.wait(120)
    found = books(storm, folder / "storm.csv")
    differ = [name for name in expected if expected[name] != found[name]]
    print(json.dumps({"ended": ended, "killed": killed, "answers": {str(k): v for k, v in answers.items()},  # noqa: T201
                      "unmeant": unmeant, "serve_lived": lived, "differ": differ, "folder": str(folder)}))  # fmt: skip
    is_well = lived and not differ and not unmeant
    if is_well:
        shutil.rmtree(folder, ignore_errors=True)
    return int(not is_well)


if __name__ == "__main__":
    sys.exit(main(float(os.environ.get("MINUTES", "60"))))
