"""A good small market as files, and what can befall one of its files.

In: a random.Random. Out: a File with lines cut, columns gone, digits changed and so on. Called by test_harmful_changes.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from reconcile.domain.vocabulary import mpan_check_digit, mprn_is_valid

Lines = list[list[str]]
NEXT_DAY = "2025-03-10"


@dataclass(frozen=True)
class File:
    """A CSV: its values, and what is done to its bytes in the end. `stem` is its name without the day."""

    stem: str
    headings: list[str]
    lines: Lines
    day: str = NEXT_DAY
    spoil: Callable[[bytes], bytes] = field(default=bytes)

    @property
    def name(self) -> str:
        return f"{self.stem}_{self.day}.csv"

    @property
    def content(self) -> bytes:
        return self.spoil("".join(",".join(line) + "\n" for line in [self.headings, *self.lines]).encode("cp1252"))

    def at(self, heading: str) -> int:
        return self.headings.index(heading)

    def changed(self, places: list[int], change: Callable[[list[str]], list[str]]) -> "File":
        """With some of its lines changed."""
        return replace(self, lines=[change([*line]) if n in places else line for n, line in enumerate(self.lines)])


def _mpans(network: str, count: int) -> list[str]:
    stems = [f"{network}{1234567000 + 7919 * n:010}" for n in range(count)]
    return [f"{stem}{mpan_check_digit(stem)}" for stem in stems]


def _mprns(first: int, count: int) -> list[str]:
    return [text for text in map(str, range(first, first + 100 * count, 1)) if mprn_is_valid(text)][:count]


MPANS = _mpans("10", 10) + _mpans("12", 8) + _mpans("20", 4)
MPRNS = {**dict.fromkeys(_mprns(7370000000, 16), "WM"), **dict.fromkeys(_mprns(1640000000, 8), "NO")}
CASES: list[tuple[str, list[str]]] = [
    ("A", ["Commissioned"]),
    ("N", ["Decommissioned"]),
    ("I", ["InstalledNotCommissioned"]),
    ("A", ["Commissioned", "Decommissioned"]),
    ("", []),
    ("N", ["Withdrawn"]),
    ("A", ["Commissioned"]),
    ("A", []),
    ("", ["Whitelisted"]),
    ("A", ["Decommissioned"]),
    ("N", ["Commissioned"]),
]
"""Flag and meters of one point after the other; the last but two break a rule from the beginning."""
DEVICE = ["DeviceID", "DeviceType", "DeviceStatus", "StatusDate", "DateCommissioned", "ImportMPxN"]
INVENTORY = [*DEVICE, "SecondaryImportMPAN", "ExportMPAN", "DeviceManufacturer", "DeviceModel"]
NUMBERS = {"mpan_core", "mprn", "ImportMPxN", "SecondaryImportMPAN", "ExportMPAN"}
WORDS = {"dcc_service_flag", "DeviceStatus", "DeviceType"}
DATES = {"dcc_service_flag_efd", "StatusDate", "DateCommissioned"}


def good_files() -> dict[str, File]:
    """Registration of both fuels, and an inventory, in which some meters have an export MPAN of their own."""
    return {
        "electricity": File(
            "registration_electricity",
            ["mpan_core", "dcc_service_flag", "dcc_service_flag_efd", "supplier_mpid", "address", "postcode"],
            [
                [mpan, flag, "2021-01-02" if flag else "", "WREN", "1 Caf\xe9 Row", "LA1 1AA"]
                for mpan, (flag, _) in _placed(MPANS)
            ],
        ),
        "gas": File(
            "registration_gas",
            ["mprn", "ldz", "supplier", "dcc_service_flag", "dcc_service_flag_efd"],
            [[mprn, MPRNS[mprn], "ROOK", flag, "2021-01-02" if flag else ""] for mprn, (flag, _) in _placed([*MPRNS])],
        ),
        "inventory": File("smi", INVENTORY, _devices()),
    }


def _placed(points: list[str]) -> list[tuple[str, tuple[str, list[str]]]]:
    return [(point, CASES[n % len(CASES)]) for n, point in enumerate(points)]


def _devices() -> Lines:
    told = [(point, status) for point, (_, statuses) in _placed([*MPANS[:-2], *MPRNS]) for status in statuses]
    lines = [
        [
            f"00-DB-12-34-56-78-90-{n:02X}",
            "ESME" if len(point) == 13 else "GSME",
            status,
            "2021-01-01",
            "2020-12-01",
            point,
            "",
            "",
            "Alder",
            "AM1",
        ]
        for n, (point, status) in enumerate(told)
    ]
    # The last two MPANs are for export, each of a meter that is Commissioned.
    live = [line for line in lines if line[1:3] == ["ESME", "Commissioned"]]
    for line, export in zip(live, MPANS[-2:], strict=False):
        line[7] = export
    return lines


def some(draw: random.Random, file: File, most: int = 3) -> list[int]:
    return draw.sample(range(len(file.lines)), draw.randint(1, most))


def _value(draw: random.Random, file: File, kinds: set[str]) -> int:
    """A column of a kind that has values."""
    filled = [n for n, heading in enumerate(file.headings) if heading in kinds and any(line[n] for line in file.lines)]
    return draw.choice(filled)


def _spelt(draw: random.Random, line: list[str], at: int, change: Callable[[str], str]) -> list[str]:
    line[at] = change(line[at])
    return line


def cut_bytes(draw: random.Random, file: File) -> File:
    def cut(line: list[str]) -> list[str]:
        text = ",".join(line)
        first = draw.randrange(len(text))
        return [text[:first] + text[first + draw.choice((1, 2, 5, 20, 200)) :]]

    return file.changed(some(draw, file), cut)


def column_dropped(draw: random.Random, file: File) -> File:
    at = draw.randrange(len(file.headings))
    without = [[value for n, value in enumerate(line) if n != at] for line in [file.headings, *file.lines]]
    return replace(file, headings=without[0], lines=without[1:])


def column_renamed(draw: random.Random, file: File) -> File:
    headings = [*file.headings]
    headings[draw.randrange(len(headings))] = draw.choice(("Ref", "Kind of thing", "", "Point", "Zustand"))
    return replace(file, headings=headings)


def headings_swapped(draw: random.Random, file: File) -> File:
    headings = [*file.headings]
    one, other = draw.sample(range(len(headings)), 2)
    headings[one], headings[other] = headings[other], headings[one]
    return replace(file, headings=headings)


def digits_changed(draw: random.Random, file: File) -> File:
    at = _value(draw, file, NUMBERS)

    def change(text: str) -> str:
        if not text:
            return text
        place = draw.randrange(len(text) - 1)
        swapped = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        other = text[:place] + draw.choice("0123456789") + text[place + 1 :]
        return draw.choice((swapped, other, other, text[:place] + text[place + 1 :], text[:place] + "7" + text[place:]))

    filled = [n for n, line in enumerate(file.lines) if line[at]]
    return file.changed(draw.sample(filled, min(3, len(filled))), lambda line: _spelt(draw, line, at, change))


def number_lost(draw: random.Random, file: File) -> File:
    at = _value(draw, file, NUMBERS)
    filled = [n for n, line in enumerate(file.lines) if line[at]]

    def lost(text: str) -> str:
        digits = draw.randrange(7)
        return draw.choice(("see note", "#########", "?", "", text[:digits], text[-digits:], f"{int(text):.{digits}E}"))

    return file.changed([draw.choice(filled)], lambda line: _spelt(draw, line, at, lost))


def words_garbled(draw: random.Random, file: File) -> File:
    at = _value(draw, file, WORDS)
    other = ("A", "N", "", "Commissioned", "Decommissioned", "ESME", "GSME")
    changes: tuple[Callable[[str], str], ...] = (
        lambda text: text[:-2] or "?",
        lambda text: text + "x",
        lambda text: draw.choice(other),
        lambda text: "\xff" + text,
    )
    return file.changed(some(draw, file), lambda line: _spelt(draw, line, at, draw.choice(changes)))


def dates_impossible(draw: random.Random, file: File) -> File:
    at = _value(draw, file, DATES)
    instead = draw.choice(("9999-12-31", "2099-01-01", "2025-02-30", "0000-00-00", "soon", "2025-13-01", "1/2/3"))
    return file.changed(some(draw, file), lambda line: _spelt(draw, line, at, lambda text: instead))


def lines_lost(draw: random.Random, file: File) -> File:
    lost = some(draw, file)
    return replace(file, lines=[line for n, line in enumerate(file.lines) if n not in lost])


def network_lost(draw: random.Random, file: File) -> File:
    of = draw.choice(("10", "12", "737", "164"))
    numbers = [n for n, heading in enumerate(file.headings) if heading in NUMBERS]
    kept = [line for line in file.lines if not any(line[n].startswith(of) for n in numbers)]
    return replace(file, lines=kept)


def lines_doubled(draw: random.Random, file: File) -> File:
    again = [[*file.lines[n]] for n in some(draw, file)]
    at = _value(draw, file, WORDS | DATES)
    for line in again:
        line[at] = draw.choice(("A", "N", "", "Commissioned", "Decommissioned", "2024-05-06", "2020-01-01"))
    lines = [*file.lines, *again]
    draw.shuffle(lines)
    return replace(file, lines=lines)


def quotes_broken(draw: random.Random, file: File) -> File:
    def broken(line: list[str]) -> list[str]:
        at = draw.randrange(len(line))
        place = draw.randint(0, len(line[at]))
        return _spelt(draw, line, at, lambda text: text[:place] + '"' + text[place:])

    return file.changed(some(draw, file), broken)


def delimiter_within(draw: random.Random, file: File) -> File:
    def parted(line: list[str]) -> list[str]:
        at = draw.randrange(len(line))
        place = draw.randint(0, len(line[at]))
        return _spelt(draw, line, at, lambda text: text[:place] + "," + text[place:])

    return file.changed(some(draw, file), parted)


def bytes_mixed(draw: random.Random, file: File) -> File:
    places = sorted(draw.randrange(200, 100_000) for _ in range(draw.randint(1, 4)))
    odd = draw.choice((b"\xff", b"\x00", b"\xc3", b"\x81", b"\r", b"\xe2\x80\x93", b"\x1a"))

    def mixed(content: bytes) -> bytes:
        for place in places:
            at = 200 + place % (len(content) - 200)
            content = content[:at] + odd + content[at:]
        return content

    return replace(file, spoil=mixed)


def truncated(draw: random.Random, file: File) -> File:
    share = draw.random()
    return replace(file, spoil=lambda content: content[: 100 + int((len(content) - 100) * share)])


def dated_ahead(draw: random.Random, file: File) -> File:
    return replace(file, day=draw.choice(("2025-03-12", "2026-03-10", "2099-01-01")))


HARM = (
    cut_bytes, column_dropped, column_renamed, headings_swapped, digits_changed, number_lost, words_garbled,
    dates_impossible, lines_lost, network_lost, lines_doubled, quotes_broken, delimiter_within, bytes_mixed,
    truncated, dated_ahead,
)  # fmt: skip


def reordered(draw: random.Random, file: File) -> File:
    """With its columns in another order, which means nothing."""
    order = draw.sample(range(len(file.headings)), len(file.headings))
    rows = [[line[n] for n in order] for line in [file.headings, *file.lines]]
    return replace(file, headings=rows[0], lines=rows[1:])
