"""The quicker way to read a table finds what SQL finds. `load` holds all files of these tests to that, see conftest."""

from datetime import date, timedelta

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile import feeds
from reconcile.domain.vocabulary import mpan_check_digit
from reconcile.feeds.files.headings import sheet_of
from reconcile.feeds.formats import registration
from reconcile.feeds.plain import blocks, fields
from reconcile.feeds.plain import lines as plain
from reconcile.feeds.plain.fields import Field
from reconcile.feeds.plain.words import NONE, NOT_PLAIN, Words

from .conftest import LATEST, is_quick, load_file

MANY = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rightly_checked(number: int) -> str:
    return f"{number}{mpan_check_digit(str(number))}"


DAYS = st.dates(date(1890, 1, 1), date(2110, 12, 31))
FORMS = st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d/%m/%Y", "%Y-%m-%dT%H:%M:%SZ", "%d/%m/%Y %H:%M"])
MPANS = st.integers(10**11, 10**12 - 1).map(rightly_checked)
PAIRS = st.integers(0, 2**64 - 1).map(lambda number: number.to_bytes(8).hex("-"))
GOOD = {
    "point": st.one_of(MPANS, st.integers(1, 10**10 - 1).map(str)),
    "mpan": st.one_of(MPANS, st.just("")),
    "day": st.one_of(st.builds(date.strftime, DAYS, FORMS), st.just("")),
    "flag": st.sampled_from([*"ANISW", ""]),
    "text": st.sampled_from(["", "SUPP", "Cadent", "EA", "Somebody & Sons"]),
    "id": st.one_of(PAIRS, PAIRS.map(str.upper)),
    "type": st.sampled_from(["ESME", "GSME", "CHF", "IHD", "CAD"]),
    "status": st.sampled_from(["Commissioned", "InstalledNotCommissioned", "Recovery", "Recovered"]),
}
BLANK = ["", " ", "NULL", "null", " NULL"]
NUMBERS = "0 000 00012 1e12 0x1F 1_000 +5 -5 1.0 2499999999990 0123456789012 12345678901 12a 24999999999910 5"
DATES = """
    2024-02-30 20240231 31/04/2024 2024-01-02Z 2024-1-2 x 2024-01-02+01:00 2024-01-02T 20240102T10 infinity epoch
    0000-00-00 2024/01/02 2024-01-02Z1 02/01/2024-1 02/01/2024T
"""
IDS = """
    00-DB-12 00-DB-12-34-56-78-90-A_ 0x-DB-12-34-56-78-90-A0 00:DB:12:34:56:78:90:A0 00-DB-12-34-56-78-90--0
    00-DB-12-34-56-78-90-A0- 0G-DB-12-34-56-78-90-A0 G0-DB-12-34-56-78-90-A0
"""
ODD = {
    "point": [*NUMBERS.split(), " 12 ", "\uff11\uff12", "\u0660", "9" * 19, "9" * 30],
    "mpan": [*NUMBERS.split(), " 12 "],
    "mprn": ["2499999999991"],
    "day": [*DATES.split(), "2024-01-0\u0661", "2024-01-02 x", " 2024-01-02", "2024-01-02 "],
    "flag": ["a", " n ", "T", "AA", "\u017f", "A\xa0", "-"],
    "text": ["\xdf", "W\xf6rter", "x" * 60, "y" * 200, "cadent", " SUPP ", "\x1f", "a,b", "it's", 'say "so"'],
    "id": [*IDS.split(), "00-DB-12-34-56-78-90-A0 "],
    "type": ["esme", " CHF", "XXXX", "GPF\xa0"],
    "status": ["installed not_commissioned", " Pending", "Foo", "_", "N U L L", "DECOMMISSIONED", "Su\u017fpended"],
}
WRAPPED = ['"{}"', '"{}" ', ' "{}"', '"{}', '{}"', '"{}""', '""{}""']
FLAGS = "mpxn,dcc_service_flag,effective_from,ldz,supplier", ("point", "flag", "day", "text", "text")
DEVICES = (
    "DeviceID,DeviceType,DeviceStatus,StatusDate,DateCommissioned,ImportMPxN,SecondaryImportMPAN,ExportMPAN,CSPRegion",
    ("id", "type", "status", "day", "day", "point", "mpan", "mpan", "text"),
)
EXAMPLE = {
    "point": "2499999999991",
    "mpan": "1000000000012",
    "mprn": "1000000008",
    "day": "2024-01-31",
    "flag": "A",
    "text": "SUPP",
    "id": "00-DB-12-34-56-78-90-A0",
    "type": "ESME",
    "status": "Commissioned",
}


@pytest.mark.parametrize("heading, kinds", [FLAGS, (FLAGS[0], ("mprn", *FLAGS[1][1:])), DEVICES])
def test_each_odd_value_alone_is_read_alike(con, tmp_path, heading, kinds):
    below = []
    for at, kind in enumerate(kinds):
        for value in [EXAMPLE[kind], *ODD[kind], *BLANK]:
            quoted = [wrapping.format(value.replace('"', '""')) for wrapping in WRAPPED]
            for one in [value, *quoted]:
                # Each line is of a device of its own, for the same one again would not count.
                good = [(len(below) + 1).to_bytes(8).hex("-") if kind == "id" else EXAMPLE[kind] for kind in kinds]
                below.append(",".join([*good[:at], one, *good[at + 1 :]]))

    loaded = either_way(con, tmp_path, heading, "\n".join(below))

    assert len(loaded.rows) > len(below) / 10 and len(loaded.rejects) > len(below) / 10


@st.composite
def a_line(draw, kinds):
    """Values that are good but for one or two, each bare, in quotation marks, or with one of those astray."""
    odd = draw(st.sets(st.integers(0, len(kinds) - 1), max_size=2))
    values = [draw(st.sampled_from([*ODD[kind], *BLANK]) if at in odd else GOOD[kind]) for at, kind in enumerate(kinds)]
    for at in draw(st.sets(st.integers(0, len(kinds) - 1), max_size=3)):
        values[at] = draw(st.sampled_from([*WRAPPED[:1] * 7, *WRAPPED])).format(values[at].replace('"', '""'))
    return ",".join(values)


def lines(kinds: tuple[str, ...]) -> st.SearchStrategy[str]:
    """The lines below a heading: most with the right number of values, some blank, with either line end."""
    line = st.one_of(*[a_line(kinds)] * 5, st.sampled_from(["", " ", ",", "a,b", "," * 40, '"', '""']))
    return st.builds(
        lambda some, end, ended: end.join(some) + end * ended,
        st.lists(line, min_size=1, max_size=30),
        st.sampled_from(["\n", "\n", "\r\n"]),
        st.booleans(),
    )


@pytest.fixture
def smaller(monkeypatch):
    """Blocks of a few lines, so that their ends fall anywhere."""
    monkeypatch.setattr(blocks, "BLOCK", 150)
    monkeypatch.setattr(plain, "AT_ONCE", 2)


@pytest.mark.usefixtures("smaller")
@MANY
@given(lines(FLAGS[1]))
def test_registration_is_read_alike(con, tmp_path, below):
    either_way(con, tmp_path, FLAGS[0], below)


@pytest.mark.usefixtures("smaller")
@MANY
@given(lines(DEVICES[1]))
def test_devices_are_read_alike(con, tmp_path, below):
    either_way(con, tmp_path, DEVICES[0], below)


def either_way(con, tmp_path, heading, below):
    source = tmp_path / "either.csv"
    source.write_text(f"{heading}\n{below}", newline="")
    try:
        return load_file(con, source, tmp_path)
    except feeds.BadFile as error:
        assert "nothing below it" in str(error)


ORDINARY = [
    "2499999999991,A,2024-01-31,,SUPP",
    "1000000008,,31/12/2023,NE,Somebody & Sons",
    "7400000108,n,20240131,EA,NULL",
    ' 7400000108 ,\tn, 20240131  ," EA ",  ',
    '"1100013222946","I","2024-01-31T10:00:00","",""',
]


def test_what_is_ordinary_never_needs_the_sql(con, tmp_path):
    rows = read(con, tmp_path, "\n".join(ORDINARY * 1000))

    (aside,) = tmp_path.glob("*.aside")
    assert aside.read_text().splitlines() == ["mpxn,dcc_service_flag,effective_from,ldz,supplier"]
    assert con.sql(f"SELECT count(*) FROM ({rows.query})").fetchall() == [(5000,)]


def read(con, tmp_path, below, told=lambda share: None):
    source = tmp_path / "read.csv"
    source.write_text(f"mpxn,dcc_service_flag,effective_from,ldz,supplier\n{below}")
    return feeds.begin(con, feeds.take_in(source, tmp_path), None, tmp_path).rows(told, LATEST)


def test_a_file_that_is_hardly_plain_is_left_to_the_sql(con, tmp_path):
    assert not is_quick(read(con, tmp_path, "\n".join(["\xa02499999999991\xa0,A,,,"] * 99)))


def test_odd_lines_go_aside_with_their_numbers_and_keep_their_places(con, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    below = [*ORDINARY * 200]
    for at in (0, 399, 799):
        below[at] = "\xa02400000000013\xa0,A,,,"
        below[at + (1 if at < 700 else -1)] = "2499999999990,A,,,"

    loaded = load_file(con, written(tmp_path, below), tmp_path)

    assert [reject.line for reject in loaded.rejects] == [3, 402, 800]
    assert sum(row["mpxn"] == 2400000000013 for row in loaded.rows) == 3


def written(tmp_path, below):
    source = tmp_path / "written.csv"
    source.write_text("\n".join(["mpxn,dcc_service_flag,effective_from,ldz,supplier", *below]))
    return source


@pytest.mark.parametrize("texts", [7, 50])
def test_more_texts_than_are_numbered_are_read_by_sql(con, tmp_path, monkeypatch, texts):
    monkeypatch.setattr(Words, "MOST_TEXTS", texts)
    suppliers = [f"2499999999991,A,,,S{number % 37}" for number in range(300)]

    loaded = load_file(con, written(tmp_path, suppliers), tmp_path)

    assert {row["supplier"] for row in loaded.rows} == {f"S{number}" for number in range(37)}


def test_a_column_without_end_of_words_is_left_to_the_sql(con, tmp_path, monkeypatch):
    monkeypatch.setattr(Words, "MOST_TEXTS", 50)
    monkeypatch.setattr(Words, "MOST_WORDS", 200)

    rows = read(con, tmp_path, "\n".join(f"2499999999991,A,,,S{number % 20000}" for number in range(80_000)))

    assert not is_quick(rows)
    assert con.sql(f"SELECT count(DISTINCT supplier) FROM ({rows.query})").fetchall() == [(20_000,)]


def test_progress_is_told_as_the_file_is_read(con, tmp_path, monkeypatch):
    monkeypatch.setattr(blocks, "BLOCK", 1000)
    monkeypatch.setattr(plain, "AT_ONCE", 4)
    shares = []

    read(con, tmp_path, "\n".join(ORDINARY * 300), shares.append)

    assert shares == sorted(shares) and len(shares) > 5 and 0.9 < shares[-1] <= 1


def columns(*rows: tuple[str, ...]) -> list[Field]:
    """The columns of some rows, in one block."""
    return [pa.array([text or None for text in texts], pa.string()) for texts in zip(*rows, strict=True)]


def test_every_day_of_the_calendar_is_read():
    days = [date(1901, 1, 1) + timedelta(days=n) for n in range(72_684)]
    for form in ("%Y%m%d", "%Y-%m-%d", "%d/%m/%Y"):
        (field,) = columns(*((day.strftime(form),) for day in days))
        found, are_plain = fields.dates(field, days[-1])
        assert are_plain.all() and found.tolist() == [(day - date(1970, 1, 1)).days for day in days]


def test_a_text_is_told_from_one_that_only_begins_or_is_parted_alike():
    words = Words(lambda *texts: "|".join(texts))
    pairs = [("ab", ""), ("", "ab"), ("a", "b"), ("abcdefgh", "i"), ("abcdefghi", ""), ("abcdefgh", "")]

    found = words.places_of(*columns(*pairs, *pairs)).tolist()

    assert found == [*range(len(pairs))] * 2
    assert words.known == ["|".join(pair) for pair in pairs]


def test_a_meaning_is_asked_once_and_may_be_none_or_the_sqls_to_tell():
    asked = []

    def meaning(text):
        asked.append(text)
        return {"a": "A", "A": "A", "": None}[text] if text != "?" else int(text)

    words = Words(meaning)

    found = [words.places_of(*columns(("a",), ("A",), ("",), ("?",), ("a",))).tolist() for _ in range(3)]

    assert found == [[0, 0, NONE, NOT_PLAIN, 0]] * 3
    assert sorted(asked) == ["", "?", "A", "a"]


def test_texts_of_more_combinations_than_can_be_numbered_are_the_sqls_to_tell():
    words = Words(lambda *texts: "|".join(texts))
    many = columns(*[tuple(f"{column}-{line}" for column in range(5)) for line in range(9000)])

    assert set(words.places_of(*many).tolist()) == {NOT_PLAIN}


@pytest.mark.parametrize(
    "broken, aside",
    [('1,A,,,"S', [4]), ('x"y",A,,,', [4]), *[(line, [0, 1, 2, 3, 4, 6, 7]) for line in ("1\r,A,,,", "1" + "\r2" * 9)]],
)
def test_a_line_that_intake_should_have_stopped_loses_no_other(con, tmp_path, broken, aside):
    """A mark that is not closed is no harm; where PyArrow counts other lines, the whole block goes aside."""
    sheet = sheet_of(feeds.take_in(written(tmp_path, ORDINARY), tmp_path), registration.ALIASES, (), "registration")
    lines = [*ORDINARY[:4], broken, "", *ORDINARY[:2]]

    block = blocks.Block.of("".join(f"{line}\n" for line in lines).encode(), sheet)

    are_plain, _ = registration.PlainFlags(sheet, LATEST).rows(block.field)
    assert block.others(are_plain).tolist() == aside
    assert [block.line(line).decode() for line in aside] == [f"{lines[line]}\n" for line in aside]


@pytest.mark.parametrize("known", [["a", "it's", "\x1f", "W\xf6rter"], ["only"], []])
def test_the_places_of_words_are_spelt_out(con, known):
    spelt = Words(str, known).spelt("place")

    found = con.sql(f"SELECT {spelt}::VARCHAR FROM (SELECT unnest(range({len(known)}))::USMALLINT AS place)").fetchall()

    assert found == [(word,) for word in known]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["2499999999990,A,,,", "\ufeff", ""])
def test_odd_lines_have_the_line_ends_of_their_file(con, tmp_path, end, last):
    """The reader of CSV takes one kind of line ends, and a byte order mark at the start for the file's own."""
    source = tmp_path / "ends.csv"
    below = ["\ufeff2499999999991,A,,,", "\xa02499999999991\xa0,A,,,", last]
    source.write_text(end.join(["mpxn,dcc_service_flag,effective_from,ldz,supplier", *below]), newline="")

    loaded = load_file(con, source, tmp_path)

    assert len(loaded.rows) == 2
    assert list(loaded.reasons) == ([4] if last[:1].isdigit() else [])
