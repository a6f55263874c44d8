"""What the lines of a DTC user file tell, as one table: each line that a flow reads, with the record it belongs to.

In: an Intake and a Flow. Out: a table, its Counts, SQL over it, Rejects. Called by user_files; formats get a Told.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date

import duckdb

from reconcile.domain.vocabulary import FIRST_MPAN

from ..contract import Intake, Parsed, Reject
from ..sql import Case, literal, of
from ..values.numbers import points_named
from ..values.texts import bare, value
from .framed import QUOTE
from .groups import Flow
from .rejects import selected_rejects
from .scans import scan_lines

TABLE = "told_lines"
CHECKED = "checked_records"
"""The table of what a format finds: every record with its values and a reason where it cannot be loaded."""
ENDS = ("ZHV", "ZPT")


@dataclass(frozen=True)
class Counts:
    """What TABLE holds: headers and trailers; `lines` between them; lines that should become `rows`; `unknown` groups.

    `silent` lines say nothing to us. `first`: group -> number of its first line, of those that open a record.
    `network` is that of the first MPAN, by its first two digits.
    """

    headers: int
    trailers: int
    lines: int
    rows: int
    unknown: int
    silent: int
    first: dict[str, int]
    network: str


def tell(con: duckdb.DuckDBPyConnection, intake: Intake, flow: Flow) -> Counts:
    """Make TABLE, in one pass over the file and in the order of its lines.

    Columns: `line`, `code`, number of `fields`; `record`, the line at which what the line belongs to begins; `breaks`
    where nobody can tell what begins; given_NAME for each value that the flow reads.
    """
    # Not a temporary one: the cursors that fetch rejects have to see it.
    con.execute(f"CREATE OR REPLACE TABLE {TABLE} AS {_told(intake, flow)}")
    says = _says(flow)
    of_row = f"code IN ({_listed(flow.row_groups)})"
    query = f"""
        SELECT count_if(code = 'ZHV'), count_if(code = 'ZPT'), count_if(code = '' AND fields IS NOT NULL),
            count_if({of_row} AND {says}), count_if(breaks AND code <> ''), count_if({of_row} AND NOT ({says}))
        FROM {TABLE}
    """
    ((headers, trailers, blank, rows, unknown, silent),) = con.execute(query).fetchall()
    lines = intake.lines - intake.blank - blank - headers - trailers + len(intake.rejects)
    first = dict(
        con.execute(
            f"SELECT code, min(line) FROM {TABLE} WHERE code IN ({_listed(flow.openers)}) GROUP BY code"
        ).fetchall()
    )
    return Counts(headers, trailers, lines, rows, unknown, silent, first, _network(con, flow))


def _network(con: duckdb.DuckDBPyConnection, flow: Flow) -> str:
    if "mpxn" not in flow.names:
        return ""
    found = con.execute(f"""
        SELECT left(given_mpxn, 2) FROM {TABLE} WHERE regexp_full_match(given_mpxn, '[1-9][0-9]{{12}}')
        ORDER BY line LIMIT 1
    """).fetchone()
    return str(found[0]) if found else ""


def _told(intake: Intake, flow: Flow) -> str:
    """SQL of TABLE. The windows have no order of their own: the reader keeps that of the file, so they stream."""
    over = ", ".join(literal(f"{code}|") for code in flow.passed_over)
    wanted = f"left(c0, 4) NOT IN ({over})" if over else "true"
    # A line that was blanked out may have been of any group.
    kept = f"(c0 IS NULL OR {wanted})" if intake.rejects else f"c0 IS NOT NULL AND {wanted}"
    known = _listed((*flow.groups, *ENDS, *([] if intake.rejects else [""])))
    items = "".join(f", {_item(flow, name)} AS item_{name}" for name in flow.names)
    given = "".join(f", {value(f'item_{name}', QUOTE)} AS given_{name}" for name in flow.names)
    return f"""
        SELECT line, code, fields, breaks,
            max(CASE WHEN breaks OR code IN ({_listed(flow.openers)}) THEN line END)
                OVER (ROWS UNBOUNDED PRECEDING) AS record
            {given}
        FROM (
            SELECT line, code, code NOT IN ({known}) AS breaks,
                length(c0) - length(replace(c0, '|', '')) + if(c0[-1] = '|', 0, 1) AS fields
                {items}
            FROM (SELECT line, c0, {_code()} AS code FROM ({_numbered(intake)}) WHERE {kept})
        )
    """


def _numbered(intake: Intake) -> str:
    """Every physical line with its number."""
    return f"SELECT row_number() OVER () AS line, c0 FROM {scan_lines(intake.path)}"


def _code() -> str:
    """The code of a line; '?' where it is empty, '' where the line is blank."""
    first = bare("split_part(c0, '|', 1)", QUOTE)
    slow = f"CASE WHEN coalesce({bare('c0')}, '') = '' THEN '' WHEN {first} = '' THEN '?' ELSE {first} END"
    return f"CASE WHEN regexp_full_match(left(c0, 4), '[0-9A-Z]{{3}}[|]') THEN left(c0, 3) ELSE {slow} END"


def _item(flow: Flow, name: str) -> str:
    cases = " ".join(
        f"WHEN {literal(code)} THEN split_part(c0, '|', {group.items[name] + 1})"
        for code, group in flow.groups.items()
        if name in group.items
    )
    return f"CASE code {cases} END"


def _says(flow: Flow) -> str:
    """Whether a line of a row group says something to us."""
    return " OR ".join(f"given_{name} IS NOT NULL" for name in flow.speaks) or "true"


def _listed(codes: tuple[str, ...] | list[str]) -> str:
    return ", ".join(map(literal, codes))


@dataclass(frozen=True)
class Told:
    """What a format makes SQL of. `first` as in Counts; `day` is the file's own, `addressee` whom its header names.

    `latest` is the latest day that a date can mean.
    """

    flow: Flow
    first: dict[str, int]
    day: date
    latest: date
    addressee: str

    def lines(self) -> str:
        """The lines that should become rows, and those of groups that the flow does not have."""
        rows = f"code IN ({_listed(self.flow.row_groups)}) AND ({_says(self.flow)})"
        return f"SELECT *, true AS is_detail FROM {TABLE} WHERE {rows} OR (breaks AND code <> '')"

    def group(self, code: str) -> str:
        """The lines of one group."""
        return f"SELECT * FROM {TABLE} WHERE code = {literal(code)}"

    @property
    def unknown(self) -> Case:
        """A group that the flow does not have."""
        flow = self.flow
        return "breaks", of("code", f"is not a group of {flow.name} ({', '.join(flow.groups)}).", "Group ")

    @property
    def misplaced(self) -> Case:
        """A record before the first of the groups that it belongs to."""
        above = self.flow.groups[self.flow.record].above[-1:]
        if not above:
            return "false", "NULL"
        begins = self.first.get(above[0])
        where = "before" if begins else "without"
        why = f"Group {self.flow.record} stands {where} {above[0]}, the group that it belongs to."
        return f"line < {begins or 'line + 1'}", literal(why)

    @property
    def spoilt(self) -> str:
        """Records within which a line stands that cannot be read: what it told of them is not known."""
        return f"""
            SELECT record, min(breaks_at) AS breaks_at FROM (
                SELECT held.line AS record, odd.line AS breaks_at
                FROM (SELECT line FROM {TABLE} WHERE breaks) AS odd
                ASOF JOIN (SELECT line FROM {TABLE} WHERE code = {literal(self.flow.record)}) AS held
                    ON odd.line > held.line
            ) GROUP BY record
        """

    @property
    def outside(self) -> tuple[str, str]:
        """A note on lines that belong to no record."""
        flow = self.flow
        inner = [code for code, group in flow.groups.items() if group.items and flow.record in group.above]
        query = f"""
            SELECT count(*) FROM (SELECT record FROM {TABLE} WHERE code IN ({_listed(inner) or "''"}))
            ANTI JOIN (SELECT line AS record FROM {TABLE} WHERE code = {literal(flow.record)}) USING (record)
        """
        return query, f"{{count}} lines belong to no {flow.record} that can be read: they say nothing."


def check(con: duckdb.DuckDBPyConnection, parsed: Parsed) -> None:
    """Make CHECKED: rows, histories, notes and rejects are all found in it."""
    con.execute(f"CREATE OR REPLACE TABLE {CHECKED} AS {parsed.checked}")


def told_rejects(con: duckdb.DuckDBPyConnection, intake: Intake, parsed: Parsed) -> Iterator[Reject]:
    """The rejects of a file in order, from CHECKED."""
    wrong = f"FROM {CHECKED} WHERE reason IS NOT NULL"
    with_text = f"SELECT *, c0 AS raw FROM ({wrong}) JOIN ({_numbered(intake)}) USING (line)"
    damaged = [replace(reject, points=reject.points or points_named(reject.raw)) for reject in intake.rejects]
    found = selected_rejects(con, replace(intake, rejects=damaged), replace(parsed, checked=with_text))
    # What looks like an MPRN is none here: these files tell of electricity.
    return (replace(reject, points=tuple(n for n in reject.points if n >= FIRST_MPAN)) for reject in found)
