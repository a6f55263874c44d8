"""XML as a stream: its elements one by one, whatever the size of the file, and nothing from outside of it.

In: a file with one document, several after each other, or several in one root. Out: elements. Called by duis.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from ..contract import BadFile
from .bytecheck import BOM

CHUNK = 1024 * 1024
STEP, LONGEST_PASSED = 64 * 1024, 8 * CHUNK
WRAPPER = "responses"
DECLARATION = re.compile(rb"<\?xml\s[^>]*\?>")
ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)")
AGAIN = "Ask the sender for it again."


def elements(path: Path, tags: list[str]) -> Iterator[etree._Element]:
    """The elements with one of the tags, each when it is complete; it is emptied when the next is asked for.

    Raises BadFile.
    """
    # The wrapper makes one document of several. Nothing outside the bytes is ever fetched, and no entity is expanded.
    parser = etree.XMLPullParser(
        events=("end",), tag=tags, resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    try:
        parser.feed(f"<{WRAPPER}>".encode())
        passed = 0
        for piece in _pieces(path):
            for at in range(0, len(piece), STEP):
                parser.feed(piece[at : at + STEP])
                met = 0
                for element in _finished(parser):
                    met += 1
                    yield element
                # What none of ours ended in is held as a tree, many times as large as its text.
                passed = 0 if met else passed + STEP
                if passed > LONGEST_PASSED:
                    raise BadFile(
                        f"The XML holds {LONGEST_PASSED // CHUNK} MB in which no device and no response ends. {AGAIN}"
                    )
        parser.feed(f"</{WRAPPER}>".encode())
        parser.close()
    except etree.XMLSyntaxError as error:
        raise BadFile(f"The XML is damaged or cut short at line {error.lineno}. {AGAIN}") from None
    yield from _finished(parser)


def _finished(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    for _, element in parser.read_events():
        yield element
        element.clear()
        within: etree._Element | None = element
        while within is not None:
            _drop_before(within)
            within = within.getparent()


def _drop_before(element: etree._Element) -> None:
    """Remove what stands before an element in its parent."""
    parent = element.getparent()
    while parent is not None and element.getprevious() is not None:
        del parent[0]


def _pieces(path: Path) -> Iterator[bytes]:
    """The bytes without XML declarations and BOMs, cut where a tag ends so that none of them is split."""
    rest = b""
    with path.open("rb") as stream:
        while chunk := stream.read(CHUNK):
            rest += chunk
            cut = rest.rfind(b">") + 1
            if not cut and len(rest) > 8 * CHUNK:
                raise BadFile(f"The XML file holds 8 MB without a tag. {AGAIN}")
            yield _bare(rest[:cut])
            rest = rest[cut:]
    yield rest.replace(BOM, b"")


def _bare(piece: bytes) -> bytes:
    if b"<!DOCTYPE" in piece or b"<!ENTITY" in piece:
        raise BadFile(
            "The XML file declares a DOCTYPE, which may pull in other files. Remove it and load the file again."
        )
    for declaration in DECLARATION.findall(piece):
        named = ENCODING.search(declaration)
        if named and named[1].lower() not in (b"utf-8", b"us-ascii", b"ascii"):
            encoding = named[1].decode("ascii", "replace")[:40]
            raise BadFile(f"The XML file is written in {encoding}. Save it as UTF-8 and load it again.")
    return DECLARATION.sub(b"", piece).replace(BOM, b"")
