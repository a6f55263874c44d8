"""Meter Point numbers in SQL: is it good, what is its value, and if not, why in words.

In: a value (see texts). Out: SQL fragments. Called by the formats; held to domain.vocabulary by tests.
"""

from reconcile.domain.vocabulary import FIRST_MPAN, MPAN_WEIGHTS, MPRN_LIMIT

from ..sql import first_reason, literal, of

END_OF_MPANS = 10 * FIRST_MPAN
SCIENTIFIC = "^[0-9.,]+[eE][+]?[0-9]+$"
ROUNDED = "is a number in scientific notation: a spreadsheet has rounded it. Export the column as text."


def number(given: str) -> str:
    """The digits of a value as BIGINT; NULL where it is anything but 1 to 13 digits."""
    # Most numbers are written as a computer would write them, and comparing with that is the cheapest proof.
    # A plain TRY_CAST would take 1e12, 0x1F and 1_000 for numbers.
    cast = f"TRY_CAST({given} AS BIGINT)"
    plain = f"regexp_full_match({given}, '[0-9]{{1,10}}|[1-9][0-9]{{12}}')"
    return f"CASE WHEN CAST({cast} AS VARCHAR) = {given} THEN {cast} WHEN {plain} THEN {cast} END"


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


def is_mpxn(value: str) -> str:
    """Whether a BIGINT expression can be a Meter Point."""
    return f"({is_mprn(value)} OR {is_mpan(value)})"


def why_no_mpxn(given: str, what: str = "meter point number", heading: str = "") -> str:
    """Why a value is no Meter Point number, in words. `heading` is the heading of its column."""
    digits, mpan = f"length({given})", f"CAST({given} AS BIGINT)"
    return first_reason(
        (f"{given} IS NULL", literal(f"The line has no {what}.")),
        (f"upper({given}) = upper({literal(heading)})", literal("The heading line is repeated here.")),
        (f"regexp_matches({given}, '{SCIENTIFIC}')", of(given, ROUNDED)),
        (f"NOT regexp_full_match({given}, '[0-9]+')", of(given, f"is no {what}: it must have digits only.")),
        (f"regexp_full_match({given}, '0{{1,10}}')", of(given, f"is no {what}: it is zero.")),
        (
            f"{digits} > 10 AND {digits} <> 13",
            f"'''' || {given} || ''' has ' || {digits} || ' digits: an MPAN has 13, an MPRN 1 to 10.'",
        ),
        (f"{digits} <> 13", of(given, f"is no {what}.")),
        (f"{given} LIKE '0%'", f"'MPAN ' || {given} || ' begins with 0: no network has such numbers.'"),
        ("true", f"'MPAN ' || {given} || ' has a wrong check digit (expected ' || {mpan_check_digit(mpan)} || ').'"),
    )
