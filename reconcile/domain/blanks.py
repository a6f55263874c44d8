"""Blanks: what stands around a value and is no part of it, the same for every reader.

In: nothing. Out: the characters, and texts without them. Called by feeds for SQL and Python alike, and by vocabulary.
"""

BLANKS = "".join(
    map(
        chr,
        (
            *range(0x09, 0x0E),  # tab, line ends
            *(0x20, 0x85, 0xA0, 0x1680, 0x180E, 0x202F, 0x205F, 0x3000),  # spaces, the no-break ones too
            *range(0x2000, 0x2010),  # spaces of every width, zero too, and marks of direction
            *range(0x2028, 0x202F),  # line ends, marks of direction
            *(0x2060, 0x2066, 0x2067, 0x2068, 0x2069, 0xFEFF),  # joiners and marks of no width, the byte order mark
        ),
    )
)
"""All that prints as nothing. Spreadsheets, web pages and Windows dialogs put such characters around what is copied."""
GONE = dict.fromkeys(map(ord, BLANKS))


def trimmed(text: str) -> str:
    """The text without blanks around it."""
    return text.strip(BLANKS)


def unspaced(text: str) -> str:
    """The text without any blank, also between its letters."""
    return text.translate(GONE)
