"""A good file in any dress gives the same rows; a damaged one never says what the good one does not hold."""

import csv
import gzip
import io
import random
import zipfile
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile import feeds

from .conftest import load_file

HEADINGS = ["mpan_core", "dcc_service_flag", "dcc_service_flag_efd", "supplier_mpid"]
GOOD = [
    (1012345678903, "A", date(2024, 1, 31), "TERN"),
    (1012345678912, "N", date(2026, 11, 13), "WREN"),
    (1012345678921, "I", None, "KITE"),
    (1012345678930, None, None, None),
    (2499999999991, "S", date(2021, 11, 4), "TERN"),
    (1900000000013, "A", date(2024, 2, 29), "ROOK"),
]
TRUTH = sorted(tuple(map(str, row)) for row in GOOD)
WORDS = {"A": "Active", "N": "Non-Active", "I": "Installed Not Commissioned", "S": "suspended"}

SPELT_NUMBERS = (
    str,
    lambda number: f" {number} ",
    lambda number: f'="{number}"',
    lambda number: f"'{number}",
    lambda number: f"{number}.0",
    lambda number: f"{str(number)[:2]} {str(number)[2:6]} {str(number)[6:10]} {str(number)[10:]}",
    lambda number: f"01 801 100 {number}",
)
SPELT_FLAGS = (str, str.lower, lambda flag: f" {flag} ", WORDS.get, lambda flag: f"{flag} - {WORDS[flag]}")
SPELT_DAYS = tuple(
    lambda day, form=form: day.strftime(form)
    for form in ("%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%d-%b-%Y", "%d %B %Y", "%Y-%m-%dT00:00:00", "%d.%m.%Y")
)
NONE = ("", " ", "NULL", "N/A", "-", "None", "\\N")
EXTRA = ("Café Row", "Flat 1\nHigh St", 'The "Old" House', "", "x, y; z | w", "12345")


def harmless(draw: random.Random) -> bytes:
    """The good file in another dress."""
    order = draw.sample(range(6), 6)
    recased = draw.choice(
        (str, str.upper, lambda name: name.replace("_", " ").title(), lambda name: name.replace("_", ""))
    )
    headings = [*map(recased, HEADINGS), "Address", "Note"]
    rows = [[headings[place] for place in order]]
    for mpxn, flag, day, supplier in GOOD:
        values = (
            draw.choice(SPELT_NUMBERS)(mpxn),
            draw.choice(SPELT_FLAGS)(flag) if flag else draw.choice(NONE),
            draw.choice(SPELT_DAYS)(day) if day else draw.choice(NONE),
            draw.choice((supplier, supplier.lower(), f" {supplier} ")) if supplier else draw.choice(NONE),
            draw.choice(EXTRA),
            draw.choice(EXTRA),
        )
        rows.append([values[place] for place in order])
    return wrapped(draw, written(draw, rows))


def written(draw: random.Random, rows: list[list[str]]) -> bytes:
    delimiter, end = draw.choice(",\t|;"), draw.choice(("\n", "\r\n"))
    text = io.StringIO()
    csv.writer(
        text, delimiter=delimiter, quoting=draw.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)), lineterminator=end
    ).writerows(rows)
    above = draw.choice(("", "", f"Portfolio of 14 Nov{end}{end}", f"sep={delimiter}{end}"))
    below = draw.choice(("", "", end, f"Total{delimiter}6{end}", f"End of report{end}"))
    return (above + text.getvalue() + below).encode(draw.choice(("utf-8", "utf-8-sig", "cp1252", "utf-16")))


def wrapped(draw: random.Random, content: bytes) -> bytes:
    if draw.random() < 0.2:
        return gzip.compress(content[:50]) + gzip.compress(content[50:])
    if draw.random() < 0.2:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            archive.writestr("data.csv", content)
        return stream.getvalue()
    return content


def plain() -> list[bytes]:
    lines = [",".join([*HEADINGS, "address"])]
    lines += [f"{mpxn},{flag or ''},{day or ''},{supplier or ''},x y" for mpxn, flag, day, supplier in GOOD]
    return [line.encode() for line in lines]


def harmful(draw: random.Random) -> bytes:
    """The good file with lines cut, bytes damaged, or values that cannot be."""
    lines = plain()
    for _ in range(draw.randint(1, 4)):
        at = draw.randrange(1, len(lines))
        line = bytearray(lines[at])
        place = draw.randrange(1, max(2, len(line)))
        change = draw.randrange(4)
        if change == 0:
            line = line[:place]
        elif change == 1:
            line[place : place + 1] = draw.choice((b"\0", b"\xff", b'"', b"\r", b"\xc3"))
        elif change == 2:
            line = line.replace(b"2024", b"9999").replace(b"2026-11", b"2026-13")
        else:
            line[place:place] = draw.choice((b"Y", b"?", b"\x80", b'""'))
        lines[at] = bytes(line)
    return b"\n".join(lines) + b"\n"


def rows_of(loaded) -> list[tuple[str, ...]]:
    return sorted(tuple(str(row[name]) for name in ("mpxn", "flag", "flag_from", "supplier")) for row in loaded.rows)


FILES = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FILES
@given(st.integers(0, 1 << 40))
def test_a_good_file_in_any_dress_gives_the_same_rows(con, tmp_path, seed):
    source = tmp_path / "dressed"
    source.write_bytes(harmless(random.Random(seed)))

    loaded = load_file(con, source, tmp_path, "portfolio_2026-11-14.csv")

    assert not loaded.rejects
    assert rows_of(loaded) == TRUTH


@FILES
@given(st.integers(0, 1 << 40))
def test_a_damaged_file_says_nothing_that_the_good_one_does_not_hold(con, tmp_path, seed):
    """A row is of the good file but for what was dropped of it; a point that is missing is unreadable, or counted."""
    source = tmp_path / "damaged"
    source.write_bytes(harmful(random.Random(seed)))
    try:
        loaded = load_file(con, source, tmp_path, "portfolio_2026-11-14.csv")
    except feeds.BadFile:
        return

    good = {str(row[0]): tuple(map(str, row[1:])) for row in GOOD}
    for mpxn, flag, day, _ in rows_of(loaded):
        assert flag == good[mpxn][0]
        assert day in ("None", good[mpxn][1])
    missing = set(good) - {row[0] for row in rows_of(loaded)}
    unreadable = {str(point) for reject in loaded.rejects for point in reject.points}
    nameless = sum(not reject.points for reject in loaded.rejects)
    assert len(missing - unreadable) <= nameless
