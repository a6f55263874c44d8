"""What a person says of headings: checked, written as a small TOML and read from it, and recognised in a file.

In: a ColumnMap, or text. Out: text, or a ColumnMap. Raises BadColumns. Called by the door of feeds.
"""

import json
import tomllib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from reconcile.domain.blanks import trimmed
from reconcile.domain.vocabulary import DeviceType, Flag, Status

from ..contract import BadFile, ColumnMap, Intake
from ..files.headings import headings_of, places_of, simplified
from ..plain.tables import TableFeed
from ..values import devices, flags

LARGEST = 2 * 1024 * 1024
"""Bytes of a columns file: more than all headings that one may have."""
LONGEST, LONGEST_NAME, MOST_WORDS, MOST_HEADINGS = 300, 80, 200, 2_000
KEYS = ("name", "kind", "headings", "columns", "values")
WORDS: dict[str, tuple[str, ...]] = {
    "flag": (*Flag, ""),
    "DeviceStatus": tuple(Status),
    "DeviceType": tuple(DeviceType),
}
"""The meanings whose words can be explained, and what they can mean; an empty one: no flag."""
KNOWN: dict[str, Collection[str]] = {
    "flag": {*flags.SPELT, *flags.YES_NO},
    "DeviceStatus": devices.STATUSES,
    "DeviceType": devices.TYPES,
}
"""Words that have a meaning of their own, or are answers to another question."""


class BadColumns(BadFile):
    """What a person says of headings that cannot be, in one sentence."""


def named(headings: Iterable[str]) -> tuple[str, ...]:
    """The headings of a file that can be told: those beyond are as if nobody had seen them."""
    return tuple(one for one in headings if len(one) <= LONGEST)[:MOST_HEADINGS]


def checked(said: ColumnMap, feeds: Mapping[str, TableFeed]) -> ColumnMap:
    """The same, if it can be. Raises BadColumns."""
    feed = feeds.get(said.kind)
    if feed is None:
        raise BadColumns(f"Headings can be told of the kinds {' and '.join(feeds)}, not of '{said.kind[:40]}'.")
    if len(said.name) > LONGEST_NAME or any(not one.isprintable() for one in said.name):
        raise BadColumns(f"A name has at most {LONGEST_NAME} characters, all of them visible.")
    if len(said.headings) > MOST_HEADINGS or any(
        len(one) > LONGEST for one in (*said.headings, *said.columns.values())
    ):
        raise BadColumns(f"There may be {MOST_HEADINGS:,} headings of {LONGEST} characters each.")
    unknown = [meaning for meaning in said.columns if meaning not in feed.aliases]
    if unknown:
        raise BadColumns(f"'{unknown[0][:40]}' is no meaning of {said.kind}. They are {', '.join(feed.aliases)}.")
    _refuse_twice(said)
    _refuse_missing(said, feed)
    _refuse_words(said)
    return said


def _refuse_twice(said: ColumnMap) -> None:
    used: dict[str, str] = {}
    for meaning, heading in said.columns.items():
        name = trimmed(heading)
        if name and name in used:
            raise BadColumns(f"'{name}' is named twice, for {used[name]} and for {meaning}. A column means one thing.")
        used[name] = meaning


def _refuse_missing(said: ColumnMap, feed: TableFeed) -> None:
    missing = [meaning for meaning in feed.needed if said.columns.get(meaning) == ""]
    if feed.any_of and all(said.columns.get(meaning) == "" for meaning in feed.any_of):
        missing.append(" or ".join(feed.any_of))
    if missing:
        raise BadColumns(f"A file of the kind {said.kind} needs a column for {' and for '.join(missing)}.")


def _refuse_words(said: ColumnMap) -> None:
    for meaning, words in said.words.items():
        if meaning not in WORDS:
            raise BadColumns(f"Words can be explained for {', '.join(WORDS)}, not for '{meaning[:40]}'.")
        if len(words) > MOST_WORDS:
            raise BadColumns(f"More than {MOST_WORDS} words are explained for {meaning}. Is it the right column?")
        for word, known in words.items():
            if known not in WORDS[meaning]:
                raise BadColumns(f"'{known[:40]}' is none of the words for {meaning}: {_listed(WORDS[meaning])}.")
            if trimmed(word).upper().translate({ord(one): None for one in " _-"}) in KNOWN[meaning]:
                raise BadColumns(f"'{word[:40]}' has a meaning of its own as {meaning}, and cannot be given another.")


def _listed(words: Collection[str]) -> str:
    return ", ".join(word or "empty for none" for word in words)


def fitting(table: Intake, kept: Collection[ColumnMap], feeds: Mapping[str, TableFeed]) -> list[ColumnMap]:
    """Of what was kept that which a file's headings fit, the best first; several where it cannot be told which.

    A file may have columns more than a person saw, as long as none of them means something to us, and fewer of those
    that mean nothing.
    """
    ranked = sorted(((_fit(table, one, feeds), one) for one in kept), key=lambda found: found[0], reverse=True)
    best = [one for rank, one in ranked if rank > (0, 0) and rank == ranked[0][0]]
    first = best[:1]
    return first if all((one.columns, one.words) == (first[0].columns, first[0].words) for one in best) else best


def _fit(table: Intake, one: ColumnMap, feeds: Mapping[str, TableFeed]) -> tuple[int, int]:
    """How well a file's headings fit: whether they are those that were seen, and how many of them are named."""
    named = {_key(heading) for heading in one.columns.values() if heading}
    seen = {_key(heading) for heading in one.headings} | named
    feed = feeds.get(one.kind)
    if not named or feed is None:
        return 0, 0
    for at in range(len(table.head)):
        headings = headings_of(table, at)
        names = [_key(heading) for heading in headings]
        if named <= set(names) and all(names.count(name) == 1 for name in named):
            new = [heading for heading in headings if _key(heading) not in seen]
            return (0, 0) if places_of(new, feed.aliases) else (1 + (set(names) == seen), len(named))
    return 0, 0


def _key(heading: str) -> str:
    """What makes two headings the same."""
    return simplified(heading) or trimmed(heading).casefold()


def as_toml(said: ColumnMap) -> str:
    """A columns file."""
    lines = [
        "# What the headings of files of one shape mean: meaning = heading. An empty heading: no column has it.",
        *([f"name = {_quoted(said.name)}"] if said.name else []),
        f"kind = {_quoted(said.kind)}",
        *(["headings = [", *(f"  {_quoted(one)}," for one in said.headings), "]"] if said.headings else []),
        "",
        "[columns]",
        *(f"{meaning} = {_quoted(heading)}" for meaning, heading in said.columns.items()),
    ]
    for meaning, words in said.words.items():
        lines += ["", f"[values.{meaning}]", *(f"{_quoted(word)} = {_quoted(known)}" for word, known in words.items())]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A text as TOML writes it, which is as JSON does, but for one character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def of_toml(text: str | bytes) -> ColumnMap:
    """What a columns file says. Raises BadColumns."""
    if len(text) > LARGEST:
        raise BadColumns(f"A columns file has at most {LARGEST // 1024**2} MB.")
    try:
        found = tomllib.loads(text.decode() if isinstance(text, bytes) else text)
    except UnicodeDecodeError:
        raise BadColumns("A columns file is TOML in UTF-8, and this is no such text.") from None
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadColumns(f"The columns file is no TOML that can be read: {error}.") from None
    unknown = [key for key in found if key not in KEYS]
    if unknown:
        raise BadColumns(f"A columns file has the keys {', '.join(KEYS)}, and not '{unknown[0][:40]}'.")
    name, kind, headings = found.get("name", ""), found.get("kind", ""), found.get("headings", [])
    columns, words = found.get("columns", {}), found.get("values", {})
    if not (isinstance(name, str) and isinstance(kind, str)):
        raise BadColumns('In a columns file name and kind are texts, such as kind = "smi".')
    if not (isinstance(headings, list) and all(isinstance(one, str) for one in headings)):
        raise BadColumns('In a columns file headings is a list of texts: headings = ["...", "..."].')
    if not (isinstance(words, dict) and all(map(_are_texts, words.values())) and _are_texts(columns) and columns):
        raise BadColumns(
            'A columns file has a table [columns], with lines such as flag = "Heading", all of them texts.'
        )
    return ColumnMap(kind, columns, words, tuple(headings), trimmed(name))


def _are_texts(found: Any) -> bool:
    return isinstance(found, dict) and all(isinstance(one, str) for one in found.values())
