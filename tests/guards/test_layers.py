"""Imports only point down, no import hides in a function, no module grows past reading, the doors ask for a scope."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

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
    "templatetags": 5,
    "urls": 6,
    "admin": 6,
    "apps": 6,
}
ALSO_ALLOWED = {("management", "sample"), ("web", "templatetags"), ("dccflags", "urls")}
"""Side by side or for one purpose: a command runs the sample's maker."""
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
        if parts[0] != "reconcile" or parts[1] == here or (here, parts[1]) in ALSO_ALLOWED:
            continue
        if LAYERS[parts[1]] >= LAYERS[here]:
            wrong.append(f"{name(path)}:{line} {found}")

    assert wrong == []


def test_every_folder_has_a_layer():
    assert {layer_of(path) for path in modules()} - {"__init__"} <= set(LAYERS)


def test_the_project_is_imported_by_commands_and_by_no_other_part():
    wrong = [
        f"{name(path)}:{line} {found}"
        for path in modules()
        for line, found in imported(path)
        if found.split(".")[0] == "dccflags" and layer_of(path) != "management"
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


def reads() -> list[Path]:
    return sorted([*(PACKAGE / "ledger").glob("queries*.py"), *(PACKAGE / "ledger" / "queries").rglob("*.py")])


def test_every_read_asks_for_a_scope_first():
    without = []
    for path in reads():
        for node in ast.parse(path.read_text()).body:
            if not isinstance(node, ast.FunctionDef) or node.name.startswith("_"):
                continue
            keywords = [argument.arg for argument in node.args.kwonlyargs]
            if keywords[:1] != ["scope"] or node.args.args or node.args.posonlyargs:
                without.append(f"{name(path)}: {node.name}")

    assert reads()
    assert without == []
