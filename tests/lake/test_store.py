"""Snapshots: what is written is what was given, in the order of the Meter Points."""

import duckdb

from reconcile.lake import store

WORDS = {"word": ["a", "it's", "\x1f", "Wörter"], "other": ["only"], "none": []}


def test_rows_come_out_in_order_with_the_words_that_their_places_stand_for(tmp_path):
    given = """
        SELECT (i * 7919) % 10007 AS mpxn, i AS line, if(i % 5 = 4, NULL, i % 5)::USMALLINT AS word,
            0::USMALLINT AS other, NULL::USMALLINT AS none
        FROM range(10000) AS given(i)
    """
    con = duckdb.connect()

    count = store.write_sorted(con, given, tmp_path / "rows.parquet", WORDS)

    written = con.sql(f"FROM '{tmp_path / 'rows.parquet'}'").fetchall()
    assert count == len(written) == 10_000
    assert [row[0] for row in written] == sorted(row[0] for row in written)
    expected = [(i * 7919 % 10007, i, WORDS["word"][i % 5] if i % 5 < 4 else None, "only", None) for i in range(10_000)]
    assert sorted(written) == sorted(expected)
