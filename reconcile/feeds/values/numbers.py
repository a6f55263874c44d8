"""Meter Point numbers in SQL: is it good, what is its value, and if not, why in words.

In: a value (see texts). Out: SQL fragments. Called by the formats; held to domain.vocabulary by tests.
"""

import re

from reconcile.domain.vocabulary import FIRST_MPAN, MPAN_WEIGHTS, MPRN_LIMIT, Fuel, mpan_is_valid, mprn_is_valid

from ..sql import Case, first_reason, literal, of

END_OF_MPANS = 10 * FIRST_MPAN
BETWEEN_DIGITS = " \u00a0\u2007\u202f\u2010\u2011\u2012\u2013\u2014-"
"""Blanks and hyphens that people put between the digits of an MPAN."""
NUMBER = re.compile(r"(?<![0-9A-Za-z.:/-])[0-9]{6,14}(?![0-9A-Za-z.:/-])")
SPACE_IN_NUMBER = re.compile("(?<=[0-9]) (?=[0-9])")
LOOKS_LIKE_A_DATE = re.compile("(?:19|20)[0-9]{6}")
SCIENTIFIC = "^[0-9.,]+[eE][+]?[0-9]+$"
ROUNDED = "is a number in scientific notation: a spreadsheet has rounded it. Export the column as text."


def number(given: str) -> str:
    """The digits of a value as BIGINT; NULL where it is anything but a number of 1 to 13 digits, however written.

    Read are blanks, hyphens or commas between digits, `.0` after them, an `S` before them, and the 13 last of the 21
    characters of a full MPAN (profile class, time switch, line loss factor, core).
    """
    # Most numbers are written as a computer would write them, and comparing with that is the cheapest proof.
    # A plain TRY_CAST would take 1e12, 0x1F and 1_000 for numbers.
    cast = f"TRY_CAST({given} AS BIGINT)"
    plain = f"regexp_full_match({given}, '[0-9]{{1,10}}|[1-9][0-9]{{12}}')"
    odd = f"TRY_CAST({_odd(given)} AS BIGINT)"
    return f"CASE WHEN CAST({cast} AS VARCHAR) = {given} THEN {cast} WHEN {plain} THEN {cast} ELSE {odd} END"


def _odd(given: str) -> str:
    """The digits of a number in an odd spelling, NULL where it is none. Few digits prove nothing, nor does a date."""
    joined = f"upper(translate({given}, {literal(BETWEEN_DIGITS)}, ''))"
    spaced = f"translate({given}, ' \u00a0', '')"
    ten, thirteen = "[0-9]{6,10}", "[1-9][0-9]{12}"
    grouped = "[0-9]{1,3}(?:,[0-9]{3}){2,}"
    cases = (
        (f"NOT regexp_full_match({given}, '(?s)[0-9Ss].*[0-9]')", "NULL"),
        (f"regexp_full_match({joined}, '(?:S:?)?(?:[0-9]{{5}}[0-9A-Z]{{3}})?{thirteen}')", f"right({joined}, 13)"),
        (f"regexp_full_match({joined}, '{thirteen}[.]0+')", f"left({joined}, 13)"),
        (f"regexp_full_match({spaced}, '{ten}(?:[.]0+)?')", f"split_part({spaced}, '.', 1)"),
        (f"regexp_full_match({spaced}, '{grouped}(?:[.]0+)?')", f"replace(split_part({spaced}, '.', 1), ',', '')"),
    )
    return first_reason(*cases)


def mpan_check_digit(mpan: str) -> str:
    """The check digit that an MPAN, as a BIGINT expression, should have: (weighted sum mod 11) mod 10."""
    # A digit is q[i] - 10 q[i-1], where q[i] is the number cut after its i-th digit, and -10 is 1 mod 11.
    # So the weighted sum is the sum of (w[i] + w[i+1]) q[i]: one division a digit in place of two.
    following = (*MPAN_WEIGHTS[1:], 0)
    terms = [
        f"{(weight + after) % 11} * ({mpan} // {10 ** (12 - at)})"
        for at, (weight, after) in enumerate(zip(MPAN_WEIGHTS, following, strict=True))
        if (weight + after) % 11
    ]
    return f"(({' + '.join(terms)}) % 11 % 10)"


def is_mpan(value: str) -> str:
    """Whether a BIGINT expression is an MPAN with a right check digit."""
    return f"({value} >= {FIRST_MPAN} AND {value} < {END_OF_MPANS} AND {mpan_check_digit(value)} = {value} % 10)"


def is_mprn(value: str) -> str:
    """Whether a BIGINT expression can be an MPRN."""
    return f"({value} >= 1 AND {value} < {MPRN_LIMIT})"


def is_mpxn(value: str, fuel: Fuel | None = None) -> str:
    """Whether a BIGINT expression can be a Meter Point, of the fuel if one is given."""
    if fuel:
        return is_mpan(value) if fuel == Fuel.ELECTRICITY else is_mprn(value)
    return f"({is_mprn(value)} OR {is_mpan(value)})"


def fuel_of_heading(heading: str) -> Fuel | None:
    """The fuel that the heading of a column of numbers speaks of; None where it speaks of both or of none."""
    named = {Fuel.ELECTRICITY: "mpan", Fuel.GAS: "mprn"}
    spoken = [fuel for fuel, word in named.items() if word in heading.lower()]
    return spoken[0] if len(spoken) == 1 else None


def wrong_fuel(given: str, number: str, heading: str) -> Case:
    """A number of the other fuel than that which its heading speaks of. `number` is what `number` made of it."""
    fuel = fuel_of_heading(heading)
    where = f'stands under "{heading}", but'
    if fuel == Fuel.ELECTRICITY:
        return is_mprn(number), of(given, f"{where} an MPAN has 13 digits.")
    return is_mpan(number) if fuel else "false", of(given, f"{where} it is an MPAN; an MPRN has 1 to 10 digits.")


def why_no_mpxn(given: str, what: str = "meter point number", heading: str = "", found: str = "mpxn") -> str:
    """Why a value is no Meter Point number, in words. `heading` is its column's, `found` what `number` made of it."""
    digits = f"length({given})"
    wrong = f"'MPAN ' || {found} || ' has a wrong check digit (expected ' || {mpan_check_digit(found)} || ').'"
    return first_reason(
        (f"{given} IS NULL", literal(f"The line has no {what}.")),
        (f"upper({given}) = upper({literal(heading)})", literal("The heading line is repeated here.")),
        (f"regexp_matches({given}, '{SCIENTIFIC}')", of(given, ROUNDED)),
        (f"{found} >= {FIRST_MPAN}", wrong),
        (f"NOT regexp_full_match({given}, '[0-9]+')", of(given, f"is no {what}: it must have digits only.")),
        (f"regexp_full_match({given}, '0{{1,10}}')", of(given, f"is no {what}: it is zero.")),
        (
            f"{digits} > 10 AND {digits} <> 13",
            f"'''' || {given} || ''' has ' || {digits} || ' digits: an MPAN has 13, an MPRN 1 to 10.'",
        ),
        (f"{digits} <> 13", of(given, f"is no {what}.")),
        ("true", f"'MPAN ' || {given} || ' begins with 0: no network has such numbers.'"),
    )


def unread(given: str, found: str, *, needed: bool = True, of: Fuel | None = None) -> str:
    """The text of a value that is no number of a Meter Point (of a fuel), NULL where it is one.

    It is '' where the value is missing and `needed`. `found` is what `number` made of it.
    """
    text = f"coalesce({given}, '')" if needed else given
    return f"if({is_mpxn(found, of)} IS TRUE, NULL, {text})"


def points_named(text: str) -> tuple[int, ...]:
    """The Meter Points that a broken line names: numbers of its own with right check digits."""
    numbers = (digits.lstrip("0") for digits in NUMBER.findall(SPACE_IN_NUMBER.sub("", text)))
    return tuple(
        int(digits)
        for digits in dict.fromkeys(numbers)
        if mpan_is_valid(digits) or (mprn_is_valid(digits) and not LOOKS_LIKE_A_DATE.fullmatch(digits))
    )
