"""What the README, the pages and the migrations promise is what is there."""

import re
from pathlib import Path

import pytest
from django.core.management import call_command

from reconcile.ledger.actors import LEAST_ROLE
from reconcile.models import Party
from tests.pictures import PICTURES

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CHANGELOG.md", ROOT / "benchmarks/README.md", *sorted((ROOT / "docs").glob("*.md"))]
ELSEWHERE = re.compile(r"""(?:src|href|url|import|from)\s*[=(]?\s*["'(]?\s*(?:https?:)?//[^\s"')]+""", re.IGNORECASE)
"""An address of another machine where a page would fetch something from it."""
LINK = re.compile(r"<a\b[^>]*>", re.IGNORECASE | re.DOTALL)
"""A link that a person may follow is no fetch."""
NAMESPACES = re.compile(r"""xmlns(:\w+)?=["'][^"']+["']""")


def make_targets() -> list[str]:
    return re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)


def commands() -> list[str]:
    return [path.stem for path in sorted((ROOT / "reconcile/management/commands").glob("[a-z]*.py"))]


def environment() -> list[str]:
    return sorted(set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', (ROOT / "dccflags/settings.py").read_text())))


def make_variables() -> list[str]:
    return sorted(set(re.findall(r"\$\(if \$\(([A-Z_]+)\)", (ROOT / "Makefile").read_text())))


@pytest.mark.parametrize("target", make_targets())
def test_readme_names_the_make_target(target):
    assert f"make {target}" in README.read_text()


def test_every_picture_of_the_documents_is_one_that_is_taken_and_is_small():
    documents = [README, *(ROOT / "docs").glob("*.md")]
    shown = {
        name for path in documents for name in re.findall(r"!\[[^]]+\]\((?:docs/)?pictures/([^)]+)\)", path.read_text())
    }
    there = {path.name: path.stat().st_size for path in (ROOT / "docs").rglob("*.*") if path.suffix != ".md"}

    assert shown == set(there) == {f"{name}.webp" for name in PICTURES}
    assert max(there.values()) < 200_000


def anchors(document: Path) -> set[str]:
    """What a link may name of a document: its headings, as they are spelt in addresses."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"```.*?```", "", document.read_text(), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_of_the_documents_leads_somewhere(document):
    links = re.findall(r"\]\(([^)\s:]+)\)", document.read_text())

    astray = [
        link
        for link, (name, _, anchor) in zip(links, (link.partition("#") for link in links), strict=True)
        if not (target := document.parent / name if name else document).exists()
        or (anchor and anchor not in anchors(target))
    ]

    assert astray == []


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("*.md")), ids=lambda path: path.name)
def test_readme_leads_to_the_document(document):
    assert f"- [docs/{document.name}](docs/{document.name}):" in README.read_text()


@pytest.mark.parametrize("command", commands())
def test_readme_names_the_command(command):
    assert re.search(rf"\b{command}\b", README.read_text())


@pytest.mark.parametrize("variable", environment() + make_variables())
def test_readme_names_the_variable(variable):
    assert f"`{variable}`" in README.read_text()


def test_there_is_something_to_name():
    assert {"demo", "test", "install"} <= set(make_targets())
    assert {"VAR_DIR", "DATABASE_URL", "REDIS_URL"} <= set(environment())


def test_no_page_fetches_from_another_machine():
    # What Plotly's own script asks for the browser's tests watch: it names addresses that it never fetches.
    pages = [
        path for folder in ("templates", "static/reconcile") for path in (ROOT / folder).rglob("*") if path.is_file()
    ]

    fetched = {
        str(path.relative_to(ROOT)): found
        for path in pages
        if path.suffix in (".html", ".css", ".js", ".svg")
        and (found := ELSEWHERE.findall(NAMESPACES.sub("", LINK.sub("", path.read_text()))))
    }

    assert fetched == {}


def test_the_table_of_rights_is_the_one_that_is_asked():
    text = (ROOT / "docs/operations.md").read_text()
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|([^|]*)\|([^|]*)\|([^|]*)\|$", text, re.MULTILINE)

    told = {name: [cell.strip() for cell in cells] for name, *cells in rows}

    kinds = (Party.Kind.NETWORK, Party.Kind.SUPPLIER, Party.Kind.OPERATOR)
    asked = {right.value: [least.get(kind, "") for kind in kinds] for right, least in LEAST_ROLE.items() if least}
    assert told == asked


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
