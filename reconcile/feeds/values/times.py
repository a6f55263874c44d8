"""Moments in SQL: when something was, in UTC, and if nobody can tell, why in words.

In: a value (see texts). Out: SQL fragments. Called by the formats of alerts.
"""

from ..sql import Case, first_reason, literal, of

TIME = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
ZONE = "(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)"
ISO = f"[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}[T ]+{TIME}"
BRITISH = f"[0-9]{{1,2}}/[0-9]{{1,2}}/[0-9]{{4}}[T ]+{TIME}"
WORDS = f"[0-9]{{1,2}}[ -][A-Za-z]{{3,9}}[ -][0-9]{{4}}[ T,]+{TIME}"
DIGITS = "20[0-9]{12}"
NAMED = (("UTC|GMT", "Z"), ("BST", "+01:00"))
"""Zones in words, and how they are written otherwise."""


def moment(given: str) -> str:
    """The moment of a value as a TIMESTAMP in UTC, in any spelling with day and time; NULL where it is none.

    One without a zone is in UTC, as everything is that does not say otherwise.
    """
    told = _zoned(given)
    parts = literal(f"^([0-9]+)/([0-9]+)/([0-9]+)[T ]+({TIME})")
    day = f"regexp_extract({told}, {parts}, ['d', 'm', 'y', 't'])"
    clock = _clock(f"regexp_extract({told}, {literal(TIME)})")
    iso = f"concat(left({told}, 10), ' ', {clock})"
    british = f"concat({day}.y, '-', lpad({day}.m, 2, '0'), '-', lpad({day}.d, 2, '0'), ' ', {_clock(f'{day}.t')})"
    written = f"regexp_extract({told}, '^[0-9]+[ -][A-Za-z]+[ -][0-9]+')"
    named = f"try_strptime(replace({written}, '-', ' '), ['%d %b %Y', '%d %B %Y'])"
    words = f"concat(strftime({named}, '%Y-%m-%d'), ' ', {clock})"
    # Most are written as a computer would write them, and take no regular expression.
    return first_reason(
        (f"{given} LIKE '____-__-__T__:__:__Z'", f"TRY_CAST(left({given}, 19) AS TIMESTAMP)"),
        (_is(given, DIGITS), f"TRY_CAST(try_strptime({given}, '%Y%m%d%H%M%S') AS TIMESTAMP)"),
        (_is(told, f"{ISO} ?{ZONE}?"), _in_utc(iso, told)),
        (_is(told, f"{BRITISH} ?{ZONE}?"), _in_utc(british, told)),
        (_is(told, f"{WORDS} ?{ZONE}?"), _in_utc(words, told)),
    )


def _is(text: str, pattern: str) -> str:
    return f"regexp_full_match({text}, {literal(pattern)})"


def _zoned(given: str) -> str:
    """A value with its zone as ISO 8601 has it."""
    found = given
    for names, zone in NAMED:
        found = f"regexp_replace({found}, {literal(f' ?({names})$')}, {literal(zone)}, 'i')"
    return found


def _clock(time: str) -> str:
    """A time of day with two digits of the hour."""
    return f"replace(if(instr({time}, ':') = 2, concat('0', {time}), {time}), ',', '.')"


def _in_utc(local: str, told: str) -> str:
    """What the clock says less its zone."""
    zone = f"regexp_extract({told}, {literal(f'{ZONE}$')})"
    digits = f"replace({zone}, ':', '')"
    minutes = (
        f"(CASE WHEN {zone} IN ('', 'Z') THEN 0 ELSE if({digits}[1] = '-', -1, 1) * "
        f"(CAST({digits}[2:3] AS INTEGER) * 60 + coalesce(TRY_CAST(nullif({digits}[4:5], '') AS INTEGER), 0)) END)"
    )
    return f"TRY_CAST({local} AS TIMESTAMP) - to_minutes({minutes})"


def on_day(given: str, day: str) -> str:
    """A value that is a time of day alone, with the value of its day before it; else the value as it stands."""
    alone = _is(_zoned(given), f"{TIME} ?{ZONE}?")
    # A spreadsheet may hold a day as its midnight.
    whole = f"regexp_replace({day}, '[T ]+0?0:00(:00([.]0+)?)?Z?$', '')"
    return first_reason(
        (f"{_is(given, '[0-9]{6}')} AND {_is(day, '20[0-9]{6}')}", f"concat({day}, {given})"),
        (f"{alone} AND {_is(whole, '20[0-9]{6}')}", _of_digits(whole, given)),
        (f"{alone} AND {day} IS NOT NULL", f"concat({whole}, ' ', {given})"),
        ("TRUE", given),
    )


def _of_digits(day: str, time: str) -> str:
    return f"concat({day}[1:4], '-', {day}[5:6], '-', {day}[7:8], ' ', {time})"


def without_zone(given: str) -> str:
    """Whether a value that is a moment states no zone."""
    return f"NOT regexp_matches({given}, {literal(f'({ZONE}|UTC|GMT|BST)$')}, 'i')"


def no_moment(given: str, found: str) -> list[Case]:
    """A value that is no moment. `found` is what `moment` made of it."""
    return [
        (f"{given} IS NULL", "'The alert has no time.'"),
        (f"{found} IS NULL", of(given, "is not a day with a time, such as 2026-11-20T09:30:00Z.")),
    ]
