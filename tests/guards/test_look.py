"""The look is one system: whatever class a page gives, the one style sheet knows."""

import re
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
SHEET = (ROOT / "static/reconcile/site.css").read_text()
GIVEN = re.compile(r'class="([^"]*)"')
LOGIC = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|[\w-]*\{\w*\}")
HOOKS = {"watch"}
"""Verdicts that look like any other text."""


def given() -> dict[str, set[str]]:
    """Every class that templates and cells write, and where; those that a value completes are left out."""
    found: dict[str, set[str]] = {}
    for path in [*ROOT.glob("templates/**/*.html"), *ROOT.glob("reconcile/web/**/*.py")]:
        for text in GIVEN.findall(path.read_text()):
            for name in LOGIC.sub(" ", text).split():
                if not name.endswith("-"):
                    found.setdefault(name, set()).add(path.name)
    return found


def test_every_class_is_one_of_the_look():
    known = set(re.findall(r"\.([a-z][\w-]*)", SHEET)) | HOOKS

    assert {name: where for name, where in given().items() if name not in known} == {}


def test_sizes_and_weights_are_those_of_the_scale():
    assert set(re.findall(r"font-weight: (\w+)", SHEET)) <= {"400", "600"}
    assert set(re.findall(r"^  --\w+: (\d+) [\d.]+rem", SHEET, re.MULTILINE)) == {"400", "600"}
