"""Snapshots: what is written is what was given, in the order of the Meter Points, with the columns of its table."""

import random
import re
from threading import Timer

import duckdb
import pytest

from reconcile.domain.tables import TABLES, Table
from reconcile.domain.vocabulary import mprn_check_digits
from reconcile.lake import snapshots
from reconcile.lake.snapshots import NotCanonical, Rows


def test_rows_come_out_in_order(tmp_path):
    con = duckdb.connect()

    count = snapshots.write_sorted(
        con, "SELECT (i * 7919) % 10007 AS mpxn, i AS line FROM range(10000) AS given(i)", tmp_path / "rows.parquet"
    )

    written = con.sql(f"FROM '{tmp_path / 'rows.parquet'}'").fetchall()
    assert count == len(written) == 10_000
    assert written == sorted((i * 7919 % 10007, i) for i in range(10_000))


RESPONSE = {
    "mpxn": "1::BIGINT",
    "outcome": "'AC'",
    "flag": "'A'::ENUM ('A', 'N')",
    "flag_from": "NULL::DATE",
    "line": "3::BIGINT",
    "reason": "NULL::VARCHAR",
}


def response(**other: str | None) -> Rows:
    """One response, with other columns."""
    columns = {name: value for name, value in (RESPONSE | other).items() if value}
    return Rows(Table.RESPONSES, f"SELECT {', '.join(f'{value} AS {name}' for name, value in columns.items())}")


def test_a_word_of_few_counts_as_text():
    snapshots.check(duckdb.connect(), response())
    snapshots.check(duckdb.connect(), response(flag="'A'::ENUM ('A', 'N')"))


@pytest.mark.parametrize(
    "rows, said",
    [
        (response(line=None), "line is missing, not BIGINT"),
        (response(line="3::INTEGER"), "line is INTEGER, not BIGINT"),
        (response(network="'10'"), "network is VARCHAR, not declared"),
        (response(flag="1::UTINYINT"), "flag is UTINYINT, not VARCHAR"),
    ],
)
def test_rows_that_are_not_those_of_their_table_are_refused_by_column(tmp_path, rows, said):
    with pytest.raises(NotCanonical, match=f"^{re.escape(f'These are not rows of responses: {said}.')}$"):
        snapshots.write(duckdb.connect(), tmp_path, rows, delta=True, seen_before=[])

    assert list(tmp_path.iterdir()) == []


def test_mprns_with_other_check_digits_than_the_rule_gives_are_counted(tmp_path):
    numbers = [1000000000012, *random.Random(3).sample(range(1, 10**10), 3_000)]
    good = sum(m < 10**10 and f"{m:010}"[-2:] == mprn_check_digits(f"{m:010}"[:-2]) for m in numbers)
    con = duckdb.connect()
    con.execute("CREATE TABLE given AS SELECT unnest($numbers::BIGINT[]) AS mpxn", {"numbers": numbers})
    rows = (
        "SELECT mpxn, 'A' AS flag, NULL::DATE AS flag_from, 'SGN' AS network, 'SUPP' AS supplier, '' AS point_status, "
        "NULL::VARCHAR AS postcode_area, NULL::VARCHAR AS postcode FROM given"
    )

    written = snapshots.write(con, tmp_path, Rows(Table.FLAGS, rows), delta=False, seen_before=[])

    assert 0 < good < 3_000
    assert written.doubtful_mprns == 3_000 - good


def test_every_table_is_declared():
    assert set(TABLES) == set(Table)
    assert all(declared.sorted_by in declared.columns for declared in TABLES.values())


def test_a_snapshot_from_before_a_column_was_declared_has_nothing_in_it(tmp_path):
    con = duckdb.connect()
    con.execute(f"COPY (SELECT 7::BIGINT AS mpxn, 'A' AS flag) TO '{tmp_path / 'rows.parquet'}' (FORMAT parquet)")

    found = con.sql(snapshots.declared_rows(Table.FLAGS, tmp_path / "rows.parquet", None))

    assert found.columns == [*TABLES[Table.FLAGS].columns]
    assert found.fetchall() == [(7, "A", *[None] * (len(found.columns) - 2))]


@pytest.mark.parametrize("delta", [True, False])
@pytest.mark.parametrize("flags, conflicts", [("'A'", 0), ("['A', 'N', 'I'][1 + i % 3]", 1)])
def test_the_cost_of_lines_that_repeat_a_point_does_not_grow_with_their_square(tmp_path, delta, flags, conflicts):
    """Forty thousand lines of one Meter Point take a second; with their square it was ten minutes."""
    con = duckdb.connect()
    patience = Timer(60, con.interrupt)
    patience.start()
    lines = f"""
        SELECT 1000000000012 AS mpxn, {flags} AS flag, DATE '2024-01-31' AS flag_from, '10' AS network,
            'SUPP' AS supplier, '' AS point_status, NULL::VARCHAR AS postcode_area, NULL::VARCHAR AS postcode
        FROM range(40000) AS given(i)
    """

    written = snapshots.write(con, tmp_path, Rows(Table.FLAGS, lines), delta=delta, seen_before=[])
    patience.cancel()

    assert (written.lines, written.repeated, written.conflicts) == (40_000, 39_999, conflicts)
