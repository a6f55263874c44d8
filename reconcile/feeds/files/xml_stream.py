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
        for piece in _pieces(path):
            parser.feed(piece)
            yield from _finished(parser)
        parser.feed(f"</{WRAPPER}>".encode())
        parser.close()
    except etree.XMLSyntaxError as error:
        raise BadFile(f"The XML is damaged or cut short at line {error.lineno}. {AGAIN}") from None
    yield from _finished(parser)


def _finished(parser: etree.XMLPullParser) -> Iterator[etree._Element]:
    for _, element in parser.read_events():
        yield element
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


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
