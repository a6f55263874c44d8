"""Small pieces that SQL is made of.

In: names of columns, words, paths. Out: SQL fragments. Called by the modules of feeds, and by lake and ledger for
literals.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from reconcile.domain.tables import TABLES, Table

Case = tuple[str, str]
"""A condition under which a line cannot be loaded, and the reason in words; both SQL."""


def literal(text: str | Path) -> str:
    """Text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def canonical(table: Table, source: str, *same: str, **made: str) -> str:
    """The rows of a canonical table: columns of the `same` name in `source`, and others `made` of it, name -> SQL.

    What a format does not tell is NULL. Raises KeyError for a column that the table does not have.
    """
    columns = TABLES[table].columns
    told = {name: name for name in same} | made
    if unknown := told.keys() - columns.keys():
        raise KeyError(f"{table} has no column {', '.join(sorted(unknown))}")
    values = (f"{told.get(name, f'NULL::{kind}')} AS {name}" for name, kind in columns.items())
    return f"SELECT {', '.join(values)} FROM {source}"


def first_reason(*cases: Case) -> str:
    """The first reason whose condition holds, else NULL."""
    return "CASE " + " ".join(f"WHEN {condition} THEN {reason}" for condition, reason in cases) + " END"


def of(given: str, words: str, before: str = "") -> str:
    """A reason that speaks of a value: the words, after the value between apostrophes and what stands before it."""
    opening, closing = literal(f"{before}'"), literal(f"' {words}")
    return f"{opening} || coalesce({given}, '') || {closing}"


def enum(words: Iterable[str]) -> str:
    """The type of a column that holds nothing but these words."""
    return f"ENUM ({', '.join(literal(one) for one in words)})"


def word(column: str, words: Iterable[str], otherwise: str) -> str:
    """One of a few words as an ENUM, which is sorted and written at a fraction of a text's cost; NULL where it is none.

    `otherwise` is the same value in the words' own spelling; it is looked at only where `column` itself is none.
    """
    kind = enum(words)
    return f"coalesce(TRY_CAST({column} AS {kind}), TRY_CAST({otherwise} AS {kind}))"


def keyed(column: str, words: Mapping[str, str]) -> str:
    """A value looked up in `words`, whose keys are upper case, whatever its case; NULL where it is not there."""
    pairs = ", ".join(f"{literal(key)}: {literal(value)}" for key, value in words.items())
    return f"MAP {{{pairs}}}[upper({column})]"


def exactly(column: str, words: Mapping[str, str], otherwise: str) -> str:
    """A value looked up in a few `words` as they are spelt, which is cheap; `otherwise` where it is not there."""
    # IN, and a MAP, cost a join or a search over every row, even in a branch that is hardly ever taken.
    cases = " ".join(f"WHEN {literal(key)} THEN {literal(value)}" for key, value in words.items())
    return f"CASE {column} {cases} ELSE {otherwise} END"
