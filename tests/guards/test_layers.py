"""Imports only point down, no import hides in a function, no module grows past reading, the doors ask for a scope."""

import ast
import inspect
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

import pytest
from django.core.management import call_command

from reconcile.ledger import operations, queries

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "reconcile"
LAYERS = {
    "domain": 0,
    "sample": 1,
    "feeds": 1,
    "models": 1,
    "lake": 2,
    "ledger": 3,
    "tasks": 4,
    "management": 5,
    "web": 5,
    "templatetags": 6,
    "urls": 6,
    "admin": 6,
    "apps": 6,
}
PROJECT_ALLOWED = {"management", "tasks"}
"""Commands run the machine; tasks add to the Celery application."""
SCOPELESS = {"health", "read_ahead"}
"""Reads that give nobody a row of anybody."""
ASKED = {"scope", "actor"}
LONGEST = 350


def modules() -> list[Path]:
    return [path for path in sorted(PACKAGE.rglob("*.py")) if "migrations" not in path.parts]


def layer_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path: Path) -> Iterator[tuple[int, str]]:
    """Line and dotted name of every import of ours, relative ones resolved."""
    package = path.relative_to(ROOT).with_suffix("").parts[:-1]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{base}.{alias.name}") for alias in node.names)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", modules(), ids=name)
def test_imports_only_point_down(path):
    here = layer_of(path)
    if here == "__init__":
        assert not [found for _, found in imported(path) if found.startswith("reconcile")]
        return

    wrong = []
    for line, found in imported(path):
        parts = found.split(".")
        if parts[0] != "reconcile" or parts[1] == here:
            continue
        if LAYERS[parts[1]] >= LAYERS[here]:
            wrong.append(f"{name(path)}:{line} {found}")

    assert wrong == []


def test_every_folder_has_a_layer():
    assert {layer_of(path) for path in modules()} - {"__init__"} <= set(LAYERS)


def test_the_project_is_imported_by_commands_and_tasks_only():
    wrong = [
        f"{name(path)}:{line} {found}"
        for path in modules()
        for line, found in imported(path)
        if found.split(".")[0] == "dccflags" and layer_of(path) not in PROJECT_ALLOWED
    ]

    assert wrong == []


def test_the_sample_imports_only_the_domain():
    wrong = [
        f"{name(path)}:{line} {found}"
        for path in modules()
        if layer_of(path) == "sample"
        for line, found in imported(path)
        if found.startswith("reconcile.") and found.split(".")[1] not in ("sample", "domain")
    ]

    assert wrong == []


@pytest.mark.parametrize("path", [*modules(), *sorted((ROOT / "dccflags").glob("*.py"))], ids=name)
def test_no_import_hides_in_a_function(path):
    functions = [
        node
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]

    hidden = [
        inner.lineno for f in functions for inner in ast.walk(f) if isinstance(inner, ast.Import | ast.ImportFrom)
    ]

    assert hidden == []


@pytest.mark.parametrize("path", modules(), ids=name)
def test_a_module_can_be_read_in_one_sitting(path):
    assert len(path.read_text().splitlines()) <= LONGEST


def functions_of(door: ModuleType) -> dict[str, Callable]:
    return {name: getattr(door, name) for name in door.__all__ if inspect.isfunction(getattr(door, name))}


def asks_first(function: Callable) -> str:
    """The first argument, where it has to be given by name."""
    first = next(iter(inspect.signature(function).parameters.values()), None)
    return first.name if first and first.kind == inspect.Parameter.KEYWORD_ONLY else ""


def test_every_read_asks_for_a_scope_or_an_actor_first():
    reads = functions_of(queries)

    without = [name for name, read in reads.items() if name not in SCOPELESS and asks_first(read) not in ASKED]

    assert reads
    assert without == []


def test_every_operation_asks_for_an_actor_first():
    writes = functions_of(operations)

    assert writes
    assert [name for name, write in writes.items() if asks_first(write) != "actor"] == []


def test_there_is_no_read_beside_the_door():
    """Views and commands ask `ledger.queries` itself, so that a read which is not listed there is reached by nobody."""
    inside = {path.stem for path in (PACKAGE / "ledger" / "queries").glob("[a-z]*.py")} - set(queries.__all__)

    around = [
        f"{name(path)}:{line} {found}"
        for path in modules()
        if LAYERS.get(layer_of(path), 0) > LAYERS["ledger"]
        for line, found in imported(path)
        if found.startswith("reconcile.ledger.queries.") and (found.count(".") > 3 or found.split(".")[3] in inside)
    ]

    assert around == []


def test_django_finds_nothing_to_complain_of():
    """The commands leave these checks out, because they import every page."""
    call_command("check", fail_level="WARNING")
