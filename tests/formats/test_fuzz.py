"""Whatever bytes come: a file is rows and rejects, or one sentence that refuses it, and never anything else.

Files of every format are bent and packed: in the tests a little, and always the same; by `make fuzz` for as long as
FUZZ_SECONDS says, and never the same. What was found to fail is kept in .hypothesis, and tried first the next time.
"""

import gzip
import io
import os
import tempfile
import time
import zipfile
from functools import cache
from pathlib import Path

import duckdb
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile import feeds
from reconcile.sample.make import make_sample

from .conftest import load_file

SECONDS = int(os.environ.get("FUZZ_SECONDS", "0"))
EXAMPLES = 30
"""Of each round: `make test` has one, `make fuzz` as many as there is time for."""
ODD = [
    b"", b'"', b'""', b",", b"\n", b"\r", b"\0", b"\xff", b"|", b"<", b"]", b"{", b"'", b"\xef\xbb\xbf", b"," * 50,
    b"\t", b"&x;", b"<!DOCTYPE a [<!ENTITY x 'y'>]>", b"ZPT|", b"Z99", b"\xe2\x80\x8b", b"9" * 40, b"1e309", b"-0",
    b"\x1f\x8b",
]  # fmt: skip


def zipped(content: bytes) -> bytes:
    """In an archive, alone."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr(zipfile.ZipInfo("a.csv"), content)
    return archive.getvalue()


PACKINGS = {"not": lambda content: content, "gzip": lambda content: gzip.compress(content, 1, mtime=0), "zip": zipped}


@cache
def corpus() -> list[bytes]:
    """A file or more of every format: those of `cases`, and a day of a market as small as there is."""
    cases = [path.read_bytes() for path in sorted((Path(__file__).parent / "cases").iterdir())]
    with tempfile.TemporaryDirectory() as folder:
        make_sample(Path(folder), points=40, days=1, seed=7)
        return cases + [path.read_bytes() for path in sorted(Path(folder).glob("*/*_2026*.*"))]


@st.composite
def bent(draw: st.DrawFn) -> bytes:
    """A file with pieces taken out, put in, repeated, or taken from another; perhaps packed; perhaps bent then."""
    content = bend(draw, draw(st.deferred(lambda: st.sampled_from(corpus()))))
    packed = PACKINGS[draw(st.sampled_from(["not", "not", "not", *PACKINGS]))](content)
    return bend(draw, packed) if packed != content and draw(st.booleans()) else packed


def bend(draw: st.DrawFn, content: bytes) -> bytes:
    """A few changes."""
    for _ in range(draw(st.integers(0, 5))):
        start, end = sorted((draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))))
        end = min(end, start + 200)
        piece = draw(st.sampled_from(ODD) | st.just(content[start:end] * 3) | st.binary(max_size=8))
        content = content[:start] + piece + content[end:]
    return content


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(content=bent())
def no_bytes_do_more(content: bytes) -> None:
    """What `load_file` asserts of what was read, and that what is refused is refused in a sentence."""
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as con:
        source = Path(folder) / "source"
        source.write_bytes(content)
        try:
            load_file(con, source, Path(folder), "extract_2026-11-14.csv")
        except feeds.BadFile as refused:
            assert str(refused).endswith((".", "?"))
            assert "Traceback" not in str(refused)


def test_no_bytes_whatever_do_more_than_become_rows_or_be_refused():
    ends = time.monotonic() + SECONDS
    no_bytes_do_more()
    while time.monotonic() < ends:
        no_bytes_do_more()
