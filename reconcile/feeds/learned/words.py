"""Words of a file, in columns of few words, that nobody has a meaning for.

In: the beginning of a file, and what its headings mean. Out: the words with the lines that they stand in. Called by the
door of feeds.
"""

import duckdb
import pyarrow as pa

from ..contract import ColumnMap
from ..files.headings import places_of
from ..plain.tables import TableFeed
from ..values.texts import value
from .evidence import CHECKS, Look
from .sample import Sample

LOOKS = {"flag": Look.FLAG, "DeviceStatus": Look.STATUS, "DeviceType": Look.DEVICE_TYPE}
MOST = 30
"""Of a column with more odd words than that it is not the words that are unknown, but the column."""


def unknown_words(
    con: duckdb.DuckDBPyConnection, sample: Sample, said: ColumnMap, feed: TableFeed
) -> dict[str, list[tuple[str, int]]]:
    """By meaning: each word that is not known and was not explained, the commonest first."""
    places = places_of(sample.headings, feed.aliases, said)
    found = {}
    for meaning, look in LOOKS.items():
        if meaning not in places:
            continue
        explained = {word.upper() for word in said.words.get(meaning, {})}
        words = _unknown(con, sample.values(places[meaning][0]), CHECKS[look])
        left = [(word, lines) for word, lines in words if word.upper() not in explained]
        if 0 < len(left) <= MOST:
            found[meaning] = left
    return found


def _unknown(con: duckdb.DuckDBPyConnection, values: list[str], check: str) -> list[tuple[str, int]]:
    cursor = con.cursor()
    cursor.register("sampled", pa.table({"text": pa.array(values, pa.string())}))
    return cursor.execute(f"""
        SELECT given, count(*) FROM (SELECT {value("text")} AS given FROM sampled)
        WHERE given IS NOT NULL AND NOT ({check}) GROUP BY given ORDER BY count(*) DESC, given LIMIT {MOST + 1}
    """).fetchall()
