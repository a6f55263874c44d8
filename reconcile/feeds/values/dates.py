"""Dates in SQL: which day a value is, and if none, why in words.

In: a value (see texts). Out: SQL fragments. Called by the formats.
"""

from datetime import date

from ..sql import Case, literal

STAND_INS = ("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "9999-12-31")
"""Days that systems write where they have none: the first and last that their calendars hold."""
SERIALS = ("1899-12-30", 36_526, 73_050)
"""A spreadsheet's day 0, and its numbers of the first day of 2000 and of the last but one of 2099."""
TIME = "(?:[T ]+[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?(?: ?[AaPp][Mm])?)?"
ZONE = "(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?"
# A moment with a zone is London's day of it; a day with a zone is that day.
MOMENT = "^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)? ?(Z|[+-][0-9]{2}(:?[0-9]{2})?)$"
HYPHENS = "\u2010\u2011\u2012\u2013\u2014,"
TIDIED = (
    # A time, as databases and SAS put it after a day too, and a zone in words.
    ("[ T:-]+[0-9]{1,2}[:.][0-9]{2}([:.][0-9]{2}([.,][0-9]+)?)? ?([AP]M)?( ?(BST|[[]?Europe/London[]]?))?$", ""),
    ("^(mon|tue|wed|thu|fri|sat|sun)[a-z]* +", ""),
    ("([0-9])(st|nd|rd|th)\\b( of\\b)?", "\\1"),
    (" +", " "),
)
TIDY_FORMATS = ("%Y-%m-%d", "%Y.%m.%d", "%d-%m-%Y", "%d %B %Y", "%d %b %Y", "%d%b%Y", "%B %d %Y", "%b %d %Y")
FORMS = (
    "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}",
    "[0-9]{4}/[0-9]{1,2}/[0-9]{1,2}",
    # The day comes before the month, always: what has a thirteenth month is no date.
    "[0-9]{1,2}/[0-9]{1,2}/[0-9]{4}",
    "[0-9]{1,2}-[0-9]{1,2}-[0-9]{4}",
    "[0-9]{1,2}[.][0-9]{1,2}[.][0-9]{4}",
    "[0-9]{1,2}[ -]?[A-Za-z]{3,9}[ -]?[0-9]{4}",
    "[0-9]{1,2}[ -][A-Za-z]{3}[ -][0-9]{2}",
    "[A-Za-z]{3,9} [0-9]{1,2},? [0-9]{4}",
)
"""What a date may look like, its time aside."""
FORMATS = (
    "%Y-%m-%d", "%Y/%m/%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y",
    # A year of two digits would be one of the first century, if those of four were tried before.
    "%d %b %y", "%d %B %Y", "%d %b %Y", "%B %d %Y", "%b %d %Y",
)  # fmt: skip
"""How the forms are read, with a blank on each side of a month's name and without commas."""


def day(given: str) -> str:
    """The date in a value, in any spelling that can mean one day only, day before month; else NULL."""
    # The first cases are the common ones and take no regular expression. strptime wants eight digits, or 'infinity'.
    return (
        f"CASE WHEN {given} LIKE '____-__-__' THEN TRY_CAST({given} AS DATE) "
        f"WHEN strlen({given}) = 8 AND {given} < ':' AND {given} NOT LIKE '%/%' AND {given} NOT LIKE '%-%' "
        f"THEN TRY_CAST(try_strptime({given}, '%Y%m%d') AS DATE) "
        f"WHEN {given} LIKE '__/__/____' THEN TRY_CAST(try_strptime({given}, '%d/%m/%Y') AS DATE) {_odd(given)} END"
    )


def _odd(given: str) -> str:
    """Cases of the value as it stands, then of what is left of it without what says no day."""
    tidied = _tidied(given)
    found = f"TRY_CAST(try_strptime({tidied}, [{', '.join(map(literal, TIDY_FORMATS))}]) AS DATE)"
    in_utc = f"timezone('Europe/London', TRY_CAST(regexp_replace({given}, ' ?(UTC|GMT)$', 'Z', 'i') AS TIMESTAMPTZ))"
    return (
        f"{_forms(given)} WHEN regexp_matches({given}, '^[0-9-]{{10}}[T ][0-9:.]+ ?(UTC|GMT)$', 'i') "
        f"THEN TRY_CAST({in_utc} AS DATE) WHEN regexp_matches({given}, '[0-9]{{4}}') THEN {found}"
    )


def _tidied(given: str) -> str:
    """A value with plain hyphens and single blanks, without weekdays, the ending of 1st, commas and a time."""
    found = f"translate({given}, {literal(HYPHENS)}, {literal('-' * len(HYPHENS[:-1]))})"
    for pattern, by in TIDIED:
        found = f"regexp_replace({found}, {literal(pattern)}, {literal(by)}, 'gi')"
    return found


def _forms(given: str) -> str:
    zero, first, last = SERIALS
    serial = f"TRY_CAST(split_part({given}, '.', 1) AS INTEGER)"
    cases = [
        (f"regexp_matches({given}, '{MOMENT}')", f"timezone('Europe/London', TRY_CAST({given} AS TIMESTAMPTZ))"),
        (f"regexp_full_match({given}, '20[0-9]{{10}}([0-9]{{2}})?')", f"try_strptime(left({given}, 8), '%Y%m%d')"),
        (
            f"regexp_full_match({given}, '[0-9]{{5}}([.][0-9]+)?') AND {serial} BETWEEN {first} AND {last}",
            f"DATE '{zero}' + {serial}",
        ),
    ]
    # One expression for every form: each regular expression takes the engine longer to plan than to read many values.
    part = f"regexp_extract({given}, '^({'|'.join(FORMS)}){TIME}{ZONE}$', 1)"
    spaced = f"trim(regexp_replace(replace({part}, ',', ''), '[ -]?([A-Za-z]+)[ -]?', ' \\1 '))"
    cases.append((f"{part} <> ''", f"try_strptime({spaced}, [{', '.join(map(literal, FORMATS))}])"))
    return " ".join(f"WHEN {condition} THEN TRY_CAST({found} AS DATE)" for condition, found in cases)


def known(day: str, latest: date) -> str:
    """What `day` made of a value, NULL where it is a stand-in for no date or later than any that can be meant."""
    return f"CASE WHEN NOT {_is_stand_in(day)} AND {day} <= DATE '{latest}' THEN {day} END"


def dropped(given: str, day: str, latest: date) -> str:
    """Why a date is dropped that a line can do without, `day` being what was read of it; NULL where it is not."""
    return (
        f"CASE WHEN {given} IS NULL THEN NULL WHEN {day} IS NULL THEN 'not a date' "
        f"WHEN {_is_stand_in(day)} THEN 'a stand-in for no date' "
        f"WHEN {day} > DATE '{latest}' THEN 'later than the file''s day' END"
    )


def _is_stand_in(day: str) -> str:
    return "(" + " OR ".join(f"{day} = DATE '{one}'" for one in STAND_INS) + ")"


def no_day(given: str, day: str) -> Case:
    """A value that is no date. `day` is what `day` made of it."""
    return f"({day} IS NULL AND {given} IS NOT NULL)", f"{given} || ' is not a date.'"


def missing_day(given: str) -> Case:
    """No value where a date is needed."""
    return f"{given} IS NULL", "'The line has no effective from date.'"
