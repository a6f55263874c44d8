"""The demonstration itself, `manage.py demo`, with a market of any size in a folder of its own.

In: a folder and a size. Out: a running Site. Called by the browser tests and by `make pictures`.
"""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from dccflags.supervisor import Program
from tests.machine import free_port

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
"""How Chromium is started: it asks nobody for anything by itself."""
MANAGE = Path(__file__).parents[1] / "manage.py"
OWN_PLACES = ("DATABASE_URL", "REDIS_URL", "LAKE_URL")


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

    def log_in(self, page: Page, person: str) -> None:
        """Open the first page as a person."""
        page.goto("/")
        page.get_by_label("User name").fill(person)
        page.get_by_label("Password").fill(self.password)
        page.get_by_role("button", name="Log in").click()
        page.wait_for_load_state()


@contextmanager
def demonstration(folder: Path, *, points: int, days: int) -> Iterator[Site]:
    """The demonstration, from when it says that it is ready; it ends with the block. Raises AssertionError."""
    log = folder / "demo.log"
    # By itself it looks for a free port from 8000 on, as another that starts at the same time does.
    size = ["--meter-points", str(points), "--days", str(days), "--port", str(free_port())]
    env = {name: value for name, value in os.environ.items() if name not in OWN_PLACES}
    env |= {"VAR_DIR": str(folder), "DJANGO_SETTINGS_MODULE": "dccflags.settings", "PYTHONUNBUFFERED": "1"}
    demo = Program("demo", [sys.executable, str(MANAGE), "demo", *size], log, env)
    demo.start()
    try:
        yield Site(_ready(demo, log), (folder / "demo-password").read_text(), folder)
    finally:
        demo.end()


def _ready(demo: Program, log: Path, seconds: float = 300) -> str:
    """The address that the demonstration prints at its end."""
    deadline = time.monotonic() + seconds
    while demo.running and time.monotonic() < deadline:
        found = [line for line in log.read_text().splitlines() if line.startswith("Ready: ")]
        if found:
            return found[0].removeprefix("Ready: ").strip()
        time.sleep(0.1)
    raise AssertionError(f"the demonstration did not become ready:\n{log.read_text()}")
