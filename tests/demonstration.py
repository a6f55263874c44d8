"""A running demonstration for those who look at it from outside: the browser's tests, and who takes the pictures.

In: a folder and the size of the sample market. Out: Site, while it runs.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from dccflags.supervisor import Program

ROOT = Path(__file__).parents[1]
CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
ELSEWHERE = ("DATABASE_URL", "REDIS_URL", "LAKE_URL")
"""Settings with which it would not be the demonstration's own machine."""


@dataclass(frozen=True)
class Site:
    """A running demonstration."""

    address: str
    password: str
    folder: Path

    @property
    def last_day(self) -> Path:
        """The newest day of its sample market."""
        return sorted(path for path in (self.folder / "sample").iterdir() if path.is_dir())[-1]

    def mpans(self, count: int) -> list[str]:
        """Of the newest registration extract."""
        lines = next(self.last_day.glob("registration_electricity_*")).read_text().splitlines()
        return [line.split(",")[0] for line in lines[1 : count + 1]]


@contextmanager
def demonstration(folder: Path, *, points: int, days: int) -> Iterator[Site]:
    """The demonstration, once it says that it is ready; at the end it is stopped."""
    log = folder / "demo.log"
    size = ["--meter-points", str(points), "--days", str(days)]
    env = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    env |= {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dccflags.settings", "PYTHONUNBUFFERED": "1"}
    demo = Program("demo", [sys.executable, str(ROOT / "manage.py"), "demo", *size], log, env)
    demo.start()
    try:
        yield Site(_ready(demo, log), (folder / "demo-password").read_text(), folder)
    finally:
        demo.end()


def _ready(demo: Program, log: Path, seconds: float = 180) -> str:
    """The address that the demonstration prints at its end."""
    deadline = time.monotonic() + seconds
    while demo.running and time.monotonic() < deadline:
        found = [line for line in log.read_text().splitlines() if line.startswith("Ready: ")]
        if found:
            return found[0].removeprefix("Ready: ").strip()
        time.sleep(0.1)
    raise AssertionError(f"the demonstration did not become ready:\n{log.read_text()}")
