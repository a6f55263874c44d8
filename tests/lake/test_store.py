"""Snapshots: what is written is what was given, in the order of the Meter Points."""

import duckdb
import pytest

from reconcile.lake import store


@pytest.mark.parametrize("looked_at", [0, 1, 500, 10_000])
def test_texts_come_out_as_they_went_in_whether_the_first_rows_show_them_or_not(tmp_path, looked_at):
    given = """
        SELECT (i * 7919) % 10007 AS mpxn, i AS line,
            CASE i % 5 WHEN 0 THEN NULL WHEN 1 THEN '' WHEN 2 THEN 'it''s' WHEN 3 THEN 'kind ' || i // 100
                       ELSE 'only ' || i END AS words
        FROM range(10000) AS given(i)
    """
    con = duckdb.connect()

    count = store.write_sorted(con, given, tmp_path / "rows.parquet", "words", looked_at)

    written = con.sql(f"FROM '{tmp_path / 'rows.parquet'}'").fetchall()
    assert count == len(written) == 10_000
    assert [row[0] for row in written] == sorted(row[0] for row in written)
    assert sorted(written) == sorted(con.sql(given).fetchall())
