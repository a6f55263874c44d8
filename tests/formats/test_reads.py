"""Read responses: whose clock said when, and what of that can be loaded."""

from datetime import date, datetime
from pathlib import Path

from .conftest import load_file

CASE = Path(__file__).parent / "cases" / "reads_2026-11-20.csv"
DEVICE = 0x00DB1234567890A0


def test_reads_of_all_sources_and_clocks(con, tmp_path):
    loaded = load_file(con, CASE, tmp_path, CASE.name)

    assert (loaded.reading.kind, loaded.reading.as_of, loaded.reading.coverage) == (
        "reads",
        date(2026, 11, 20),
        "delta",
    )
    found = {row["device_id"] - DEVICE: (row["read_at"], row["source"], row["clock"]) for row in loaded.rows}
    assert found == {
        0: (datetime(2026, 11, 20, 3), "ESME", "reliable"),
        1: (datetime(2026, 11, 19, 2, 30), "GSME", "reliable"),
        2: (datetime(2026, 11, 20, 3), "GPF", "reliable"),
        3: (None, "GSME", "invalid"),
        4: (datetime(1970, 1, 1), "ESME", "unreliable"),
        5: (datetime(2026, 11, 18), "ESME", "reliable"),
    }


def test_what_is_no_read_says_why(con, tmp_path):
    reasons = load_file(con, CASE, tmp_path, CASE.name).reasons

    assert list(reasons) == [8, 9, 10, 11, 12]
    for reason, words in zip(
        reasons.values(), ("no device", "'soon' is no time", "'CHF' is no source", "'perhaps'", "later"), strict=True
    ):
        assert words in reason


def test_without_a_date_in_its_name_the_newest_reliable_read_tells(load):
    text = "device,read_time,source,clock\n00-DB-12-34-56-78-90-A0,2026-11-18T00:00:00Z,ESME,reliable\n"

    loaded = load(text + "00-DB-12-34-56-78-90-A1,2036-01-01T00:00:00Z,ESME,invalid\n", name="responses.csv")

    assert (loaded.reading.kind, loaded.reading.as_of) == ("reads", date(2026, 11, 18))
