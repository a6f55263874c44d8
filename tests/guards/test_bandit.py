"""Bandit, as pyproject.toml sets it up, finds nothing in the product."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_bandit_finds_nothing():
    what = ["--quiet", "--configfile", "pyproject.toml", "--recursive", "dccflags", "reconcile", "manage.py"]

    found = subprocess.run(
        [sys.executable, "-m", "bandit", *what], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert found.returncode == 0, found.stdout
