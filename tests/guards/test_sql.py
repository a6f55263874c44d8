"""Values go into SQL by parameters or by one function (`feeds.sql.literal`), never between apostrophes by hand.

What stands between apostrophes all the same is a word of our own or a day, and is named here. Bandit cannot tell these
from values, so its B608 is off.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "reconcile"
SQL = re.compile(
    r"\b(SELECT|FROM|WHERE|WHEN|COPY|CASE|DATE|CREATE|UPDATE|INSERT|SET VARIABLE|IN \(|IS NOT TRUE)|\w+\(|= '"
)
DAYS = {
    "told.day", "latest", "zero", "one", "day", "update.as_of", "inventory.as_of", "source.as_of", "run.as_of",
    "run_date", "last_run_date", "earlier.as_of", "month",
}  # fmt: skip
WORDS = {
    "flag", "role", "status", "word", "kind", "name", "before", "after", "INSTRUCTION_TYPE", "MOMENT", "SCIENTIFIC",
    "form", "thirteen", "ten", "grouped", "NULL", "LOOKBACK", "Status.COMMISSIONED", "State.RESOLVED", "chr(92)",
    "filters.wanted_state",  # one of export.RUN_STATES
    "','.join(['%%s'] * len(columns))",
    "refresh.area", "refresh.supplier",  # of the sample market
}  # fmt: skip
PLACES = {"lake", "ledger", "sample", "feeds"}
SENTENCES = {
    "feeds/faults.py", "feeds/learned/columns.py", "feeds/files/user_files.py", "feeds/files/containers.py",
    "feeds/files/headings.py", "ledger/recognising.py",
}  # fmt: skip
"""What stands between apostrophes there is quoted for people."""


def between_apostrophes(path: Path) -> Iterator[tuple[int, str]]:
    """Line and expression of each value that an f-string with SQL in it puts between apostrophes."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.JoinedStr):
            continue
        texts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
        if not SQL.search(" ".join(filter(None, texts))):
            continue
        for place, part in enumerate(node.values):
            before = texts[place - 1] if place else None
            if isinstance(part, ast.FormattedValue) and before and before.endswith("'"):
                yield part.lineno, ast.unparse(part.value)


@pytest.mark.parametrize("place", sorted(PLACES))
def test_no_value_is_put_between_apostrophes_by_hand(place):
    wrong = [
        f"{path.relative_to(PACKAGE)}:{line} {expression}"
        for path in sorted((PACKAGE / place).rglob("*.py"))
        if str(path.relative_to(PACKAGE)) not in SENTENCES
        for line, expression in between_apostrophes(path)
        if expression not in DAYS | WORDS
    ]

    assert wrong == []


def test_pages_and_commands_hold_no_sql():
    words = re.compile(r"\b(SELECT\s.+\sFROM|INSERT INTO|UPDATE \w+ SET|DELETE FROM)\b", re.DOTALL)

    folders = [path for place in ("web", "management") for path in (PACKAGE / place).rglob("*.py")]

    assert [str(path) for path in folders if words.search(path.read_text())] == []
