"""Whether flaws are known of the packages that the product runs with. `make audit`, which `make test` runs.

In: requirements.txt. Out: what is known, in lines; exit code 1 if there is anything. Those who know are asked over the
internet: where they do not answer, or do not know a package, that is said, and nothing fails.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

LOCKED = Path(__file__).parents[1] / "requirements.txt"
SECONDS = 60
"""For all packages together; SILENT for one answer."""
SILENT = 5


def asked() -> str:
    """What pip-audit writes; empty where it could ask nobody."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", str(LOCKED), "--disable-pip", "--format", "json"]
    quick = ["--timeout", str(SILENT), "--progress-spinner", "off"]
    try:
        done = subprocess.run([*command, *quick], capture_output=True, text=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return ""
    return done.stdout


def report(answer: str) -> tuple[list[str], bool]:
    """What to say of pip-audit's answer, and whether it is bad."""
    try:
        packages: list[dict[str, Any]] = json.loads(answer)["dependencies"]
    except (ValueError, KeyError, TypeError):
        return ["The packages were NOT audited: the service that knows of flaws (pypi.org) was not reached."], False
    flaws = [
        f"{one['name']} {one['version']}: {flaw['id']}, mended in {', '.join(flaw['fix_versions']) or 'no version yet'}"
        for one in packages
        for flaw in one.get("vulns", [])
    ]
    unknown = [one["name"] for one in packages if "skip_reason" in one]
    if len(unknown) == len(packages):
        return ["The packages were NOT audited: the service that was reached knows none of them."], bool(flaws)
    lines = flaws or [f"{len(packages) - len(unknown)} packages audited: no flaw is known of any."]
    return [*lines, *([f"NOT audited, because they are not known there: {', '.join(unknown)}."] if unknown else [])], (
        bool(flaws)
    )


if __name__ == "__main__":
    said, bad = report(asked())
    sys.stdout.write("\n".join(said) + "\n")
    sys.exit(bad)
