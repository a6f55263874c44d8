"""One pass over the bytes: bad files fail whole, bad lines are set aside with their numbers."""

import gzip
import hashlib
import itertools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile import feeds
from reconcile.feeds.files import bytecheck, intake
from reconcile.feeds.files.headings import sheet_of
from reconcile.feeds.files.scans import LinesOfFile
from reconcile.feeds.formats import registration

from .conftest import load_file

QUOTE = '"'
HEAD = b"mpan,dcc_service_flag,postcode\n"
GOOD = b"2499999999991,A,AB1 2CD\n"


def bad(load, content, **named) -> str:
    with pytest.raises(feeds.BadFile) as caught:
        load(content, **named)
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    "content, words",
    [
        (b"", "empty"),
        (b"\n\r\n\n", "blank lines"),
        (b"%PDF-1.7\n...", "PDF"),
        (b"PK\x03\x04....", "zip archive is damaged"),
        (b"PAR1....", "Parquet file is damaged"),
        (b"\xd0\xcf\x11\xe0....", "Excel"),
        (bytes(range(256)) * 10, "not text"),
        (b"<!DOCTYPE html>\n<html><body>Log in</body></html>", "web page"),
        (HEAD.decode().encode("utf-16-le"), "UTF-16"),
        (HEAD.replace(b"\n", b"\r") + GOOD.replace(b"\n", b"\r"), "carriage returns"),
        (b"a,b\n1,2\n", "none of the known kinds"),
        (HEAD, "nothing below it"),
    ],
)
def test_a_file_of_the_wrong_kind_fails_whole(load, content, words):
    assert words in bad(load, content)


def test_a_kind_that_does_not_exist_is_named(load):
    assert "no kind of file 'smu'" in bad(load, HEAD + GOOD, kind="smu")


@pytest.mark.parametrize("kind", ["d0350", "dxi", "e46", "duis", "smi"])
def test_a_file_loaded_as_another_kind_says_what_is_missing(load, kind):
    bad(load, HEAD + GOOD, kind=kind)


def test_the_checksum_is_of_the_bytes_whatever_the_wrapping(tmp_path):
    plain, zipped = tmp_path / "a.csv", tmp_path / "a.csv.gz"
    plain.write_bytes(HEAD + GOOD)
    zipped.write_bytes(gzip.compress(HEAD) + gzip.compress(GOOD))

    first, second = feeds.take_in(plain, tmp_path), feeds.take_in(zipped, tmp_path)

    assert first.sha256 == second.sha256 == hashlib.sha256(HEAD + GOOD).hexdigest()
    assert (first.size, first.lines, first.path) == (second.size, second.lines, plain)
    assert second.path.read_bytes() == HEAD + GOOD


def test_a_gzipped_file_with_a_bad_line_loads_the_rest(load):
    loaded = load(gzip.compress(HEAD + b"2499999999991,\xe9,\n" + GOOD))

    assert [row["mpxn"] for row in loaded.rows] == [2499999999991]
    assert list(loaded.reasons) == [2]


def test_a_gzip_file_cut_short_fails_whole(load):
    assert "cut short" in bad(load, gzip.compress(HEAD + GOOD * 1000)[:-9])


def test_a_damaged_gzip_file_fails_whole(load):
    content = bytearray(gzip.compress(HEAD + GOOD * 1000, compresslevel=0))
    content[500:510] = b"\xff" * 10
    assert "damaged" in bad(load, bytes(content))


def test_a_gzip_file_of_nothing_is_empty(load):
    assert "empty" in bad(load, gzip.compress(b""))


@pytest.mark.parametrize(
    "line",
    [
        b"2499999999991,A,\0",
        b"2499999999991,A,\x01",
        "2499999999991,A,Café".encode("cp1252"),
        b"2499999999991,A,\x81\x8d",
        b'2499999999991,A,"AB1 2CD',
        b'2499999999991,A,AB1 "2CD',
        b'2499999999991,A,12" pipe, ""Old"" House'.replace(b", ", b"; "),
        b'2499999999991,A,  "AB1"',
        b'2499999999991,A,"AB1"2CD"',
        b"2499999999991,A,AB1\r2CD",
        b"2499999999991,A,AB1\r",
    ],
)
def test_no_bytes_of_a_column_that_nobody_reads_cost_a_line(load, line):
    loaded = load(HEAD + GOOD + b"\n" + line + b"\n" + GOOD)

    assert not loaded.rejects
    assert len(loaded.rows) == 3


@pytest.mark.parametrize(
    "line",
    [
        b"2499999999991,A\0,",
        b"24999\r99999991,A,",
        b'2499999999991,"A"x,AB1 2CD',
        b'2499999999991,""A,AB1',
        "2499999999991,é,".encode("cp1252"),
    ],
)
def test_bytes_that_are_no_character_make_the_value_that_holds_them_unreadable(load, line):
    loaded = load(HEAD + GOOD + b"\n" + line + b"\n" + GOOD)

    assert list(loaded.reasons) == [4]
    assert len(loaded.rows) == 2


def test_a_line_whose_values_cannot_be_told_apart_is_one_reject_that_names_its_point(load):
    loaded = load(HEAD + GOOD + b'1900000000013,"A,AB1 2CD,x\n' + GOOD)

    assert loaded.reasons == {3: bytecheck.BAD_QUOTES}
    assert loaded.rejects[0].points == (1900000000013,)
    assert len(loaded.rows) == 2


def test_what_was_made_of_bytes_is_said(load):
    loaded = load(HEAD + GOOD + "2499999999991,A,Café\n".encode("cp1252") + b"2499999999991,A,\0\n")

    recoded, damaged = loaded.intake.warnings
    assert "1 lines are no UTF-8 text and were read as Windows-1252" in recoded and "line 3" in recoded
    assert "no character" in damaged and "line 4" in damaged


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "cp1252"])
def test_a_spreadsheets_encodings_are_read(load, encoding):
    content = (HEAD.decode() + "1900000000013,A,Café Row\n" + GOOD.decode()).replace("\n", "\r\n")

    assert [row["mpxn"] for row in load(content.encode(encoding)).rows] == [1900000000013, 2499999999991]


def test_a_bad_line_at_the_end_without_a_newline_is_a_reject(load):
    loaded = load(HEAD + GOOD + b'2499999999991,"A,x')
    assert list(loaded.reasons) == [3]


def test_the_headings_of_columns_that_nobody_reads_can_hold_any_bytes(load):
    assert load(b"mpan,dcc_service_flag,Stra\xdfe\n" + GOOD).rows


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("chunk", [1, 50, 1024])
def test_a_value_over_several_lines_is_one_record_and_the_lines_below_keep_their_numbers(load, monkeypatch, end, chunk):
    monkeypatch.setattr(intake, "CHUNK", chunk)
    lines = [
        HEAD[:-1],
        b'2499999999991,A,"Flat 1',
        b"",
        b'The ""Old"" House',
        b'High St"',
        GOOD[:-1],
        b"2499999999991,Q,",
    ]

    loaded = load(end.join([*lines, GOOD]))

    assert len(loaded.rows) == 3
    assert list(loaded.reasons) == [7]


def test_a_mark_that_is_never_closed_swallows_no_line_below(load):
    below = b'1900000000013,N,"x"\n1000000000012,A,y"\n'

    loaded = load(HEAD + b'2499999999991,A,"AB1\n' + below + GOOD)

    assert [row["mpxn"] for row in loaded.rows] == [2499999999991, 1900000000013, 1000000000012, 2499999999991]


@pytest.mark.parametrize("where", [0, 1, 2])
def test_an_overlong_line_is_cut_and_set_aside(load, monkeypatch, where):
    monkeypatch.setattr(bytecheck, "LONGEST_LINE", 1000)
    monkeypatch.setattr(intake, "LONGEST_LINE", 1000)
    monkeypatch.setattr(intake, "CHUNK", 700)
    lines = [GOOD, GOOD]
    lines.insert(where, b"x" * 5000 + b"\n")

    loaded = load(HEAD + b"".join(lines))

    assert loaded.reasons == {where + 2: bytecheck.TOO_LONG}
    assert loaded.rejects[0].raw == "x" * 500
    assert len(loaded.rows) == 2


def test_a_line_of_64_mb_is_not_held_in_memory(load):
    loaded = load(HEAD + GOOD + b"y" * 64 * 1024 * 1024 + b"\n" + GOOD)

    assert loaded.reasons == {3: bytecheck.TOO_LONG}
    assert len(loaded.rows) == 2
    assert loaded.intake.path.stat().st_size < 1000


def test_a_file_that_is_one_endless_line_fails_whole(load):
    bad(load, b"z" * 3 * 1024 * 1024)


@pytest.mark.parametrize("chunk", [1, 7, 64, 1024])
def test_the_size_of_the_pieces_read_does_not_matter(load, monkeypatch, chunk):
    monkeypatch.setattr(intake, "CHUNK", chunk)
    content = (
        b"\xef\xbb\xbf" + HEAD + GOOD + b"\n" + b"2499999999991,\xe9,\n" + "2499999999991,A,Café\n".encode() + GOOD[:-1]
    )

    loaded = load(content)

    assert list(loaded.reasons) == [4]
    assert (len(loaded.rows), loaded.intake.lines, loaded.intake.blank) == (3, 6, 1)


def test_too_many_unreadable_lines_fail_whole(load, monkeypatch):
    monkeypatch.setattr(intake, "MOST_REJECTS", 10)
    assert "not closed" in bad(load, HEAD + GOOD * 20 + b'"2499999999991,A\n' * 11)


@pytest.mark.parametrize("ends", [("\n", "\r\n"), ("\r\n", "\n")])
def test_mixed_line_ends_do_not_matter(load, ends):
    one, other = (end.encode() for end in ends)
    lines = [HEAD[:-1] + one, GOOD[:-1] + other, b"1,X,\n", GOOD[:-1] + one, GOOD[:-1] + other]

    loaded = load(b"".join(lines))

    assert len(loaded.rows) == 3
    assert list(loaded.reasons) == [3]


GOOD_LINES = [
    b"2499999999991,A,AB1",
    b'"1900000000013","N","a ""b"", c"',
    b'1000000000012,I, ",x," ',
    "1200000000011,,Café".encode(),
    b"",
]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(GOOD_LINES)
        | st.text('",a1\t \r', max_size=12).map(str.encode)
        | st.binary(max_size=6).map(lambda data: data.replace(b"\n", b"")),
        max_size=25,
    ),
    st.sampled_from([b"\n", b"\r\n"]),
)
def test_whatever_the_other_lines_a_good_line_loads(con, tmp_path, lines, end):
    source = tmp_path / "fuzz.csv"
    lines = [GOOD_LINES[0]] * 250 + lines  # so much text at the start that it is a text file, whatever follows
    source.write_bytes(HEAD[:-1] + end + end.join(lines) + end)

    loaded = load_file(con, source, tmp_path)

    rejected = set(loaded.reasons)
    assert not {at for at, line in enumerate(lines, 2) if line in GOOD_LINES} & rejected
    # An open quotation takes the line below in as a part of its value.
    blank, joined = sum(not line.strip(b"\r") for line in lines), sum(line.count(b'"') % 2 for line in lines)
    closing = sheet_of(loaded.intake, registration.ALIASES, (), "registration").closing
    passed_over = len(loaded.passed_over) + len(closing)
    assert len(loaded.rows) + len(rejected) + passed_over + blank + joined >= len(lines)
    for reject in loaded.rejects:
        # What is no text was replaced, and a value may have gone on below.
        assert letters_of(reject.raw).startswith(letters_of(lines[reject.line - 2].decode("utf-8", "replace")))


def letters_of(raw: str) -> str:
    return "".join(character for character in raw if character.isascii() and (character.isalnum() or character == ","))


def misplaced(form: bytecheck.Lines, line: bytes) -> bool:
    """Whether a line has a quotation mark in the wrong place, or one that is not closed."""
    return b'"' in line and not form._quoted.fullmatch(line)


def test_the_quick_look_at_quotation_marks_finds_what_the_slow_one_does():
    form = bytecheck.Lines(b",", b"\n", is_document=False)
    for length in range(8):
        for characters in itertools.product('",x\n', repeat=length):
            block = "".join(characters).encode() + b"\n"
            slow = any(misplaced(form, line) for line in block[:-1].split(b"\n"))
            assert form.hazardous(block) == slow, block


def test_the_reader_delivers_each_line_with_rightly_placed_marks_or_passes_over_it_alone(con, tmp_path):
    form, path = bytecheck.Lines(b",", b"\n", is_document=False), tmp_path / "all.csv"
    lines = ["".join(one).encode() for length in range(1, 7) for one in itertools.product('", x', repeat=length)]
    lines = [line for line in lines if not misplaced(form, line)]
    path.write_bytes(b"".join(line + b"\n1,2,3\n" for line in lines))
    plain = LinesOfFile(path, 0)

    rows = con.execute(f"FROM {plain.scan(3, delimiter=',')}").fetchall()
    counted = con.execute(f"FROM {plain.counted(tmp_path / 'counted', ',').scan(3, delimiter=',')}").fetchall()

    assert rows.count(("1", "2", "3")) == len(lines)
    # Counting the lines changes nothing of what the reader makes of them.
    assert [row[1:] for row in counted] == rows
    assert {int(place) for place, *_ in counted} >= set(range(2, 2 * len(lines) + 1, 2))
