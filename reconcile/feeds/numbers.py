"""Identifiers, flags and dates in SQL: is it good, what is its value, and if not, why in words.

In: the name of a text column. Out: SQL fragments. Called by the format modules; held to domain.vocabulary by tests.
"""

from reconcile.domain.vocabulary import (
    FIRST_MPAN,
    GAS_NETWORKS,
    LDZ_NETWORK,
    MPAN_WEIGHTS,
    MPRN_LIMIT,
    UNKNOWN_GAS,
    Flag,
)

from .base import exactly, first_reason, keyed, literal, plainly_filled, text, word

GAS_NETWORK_CODES = {
    **{network.name.upper(): code for code, network in GAS_NETWORKS.items()},
    **{code.upper(): code for code in GAS_NETWORKS},
    **LDZ_NETWORK,
}
"""What an extract may call a gas network, in capitals."""
END_OF_MPANS = 10 * FIRST_MPAN
FLAG_WORDS = "DCC Service Flag (A, N, I, S, W or empty)"
SCIENTIFIC = "^[0-9.,]+[eE][+]?[0-9]+$"
DATE_FORMS = (
    ("^[0-9]{8}$", "%Y%m%d", 8),
    ("^[0-9]{4}-[0-9]{2}-[0-9]{2}($|Z$|[+-][0-9]{2}:?[0-9]{2}$|[T ][0-9])", "%Y-%m-%d", 10),
    ("^[0-9]{2}/[0-9]{2}/[0-9]{4}($|[T ][0-9])", "%d/%m/%Y", 10),
)


def number(column: str) -> str:
    """The digits of a text as BIGINT; NULL where it is anything but 1 to 13 digits, blanks around them aside."""
    # Most numbers are written as a computer would write them, and comparing with that is the cheapest proof.
    # A plain TRY_CAST would take 1e12, 0x1F and 1_000 for numbers.
    cast = f"TRY_CAST({column} AS BIGINT)"
    plain = f"regexp_full_match(trim({column}), '[0-9]{{1,10}}|[1-9][0-9]{{12}}')"
    return f"CASE WHEN CAST({cast} AS VARCHAR) = {column} THEN {cast} WHEN {plain} THEN {cast} END"


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


def why_no_mpxn(column: str, what: str = "meter point number", heading: str = "") -> str:
    """Why a text is no Meter Point number, in words. `heading` is the heading of its column."""
    words = f"trim({column})"
    mpan = f"CAST({words} AS BIGINT)"
    return first_reason(
        (f"coalesce({words}, '') = ''", literal(f"The line has no {what}.")),
        (f"upper({words}) = upper({literal(heading)})", literal("The heading line is repeated here.")),
        (
            f"regexp_matches({words}, '{SCIENTIFIC}')",
            f"'''' || {words} || ''' is a number in scientific notation: a spreadsheet has rounded it. "
            "Export the column as text.'",
        ),
        (
            f"NOT regexp_full_match({words}, '[0-9]+')",
            f"'''' || {words} || ''' is no {what}: it must have digits only.'",
        ),
        (f"regexp_full_match({words}, '0{{1,10}}')", f"'''' || {words} || ''' is no {what}: it is zero.'"),
        (
            f"length({words}) NOT BETWEEN 1 AND 10 AND length({words}) <> 13",
            f"'''' || {words} || ''' has ' || length({words}) || ' digits: an MPAN has 13, an MPRN 1 to 10.'",
        ),
        (
            f"length({words}) = 13 AND {words} LIKE '0%'",
            f"'MPAN ' || {words} || ' begins with 0: no network has such numbers.'",
        ),
        (
            f"length({words}) = 13",
            f"'MPAN ' || {words} || ' has a wrong check digit (expected ' || {mpan_check_digit(mpan)} || ').'",
        ),
        ("true", f"'''' || {words} || ''' is no {what}.'"),
    )


def flag(column: str) -> str:
    """The DCC Service Flag in a text; NULL where there is none, or none that is known."""
    return word(column, Flag, f"upper(trim({column}))")


def no_flag(column: str, value: str) -> str:
    """Whether a text is meant as a flag and `value`, what `flag` made of it, is none. No flag at all is one."""
    return f"({value} IS NULL AND {has_value(column)})"


def why_no_flag(column: str) -> str:
    """The reason that goes with `no_flag`, from the text as it stands in the file."""
    return f"'''' || trim({column}) || ''' is not a {FLAG_WORDS}.'"


def has_value(column: str) -> str:
    """Whether a text is a value at all: not blank, not NULL."""
    return (
        f"CASE WHEN {plainly_filled(column)} THEN true "
        f"ELSE coalesce(upper(trim({column})) NOT IN ('', 'NULL'), false) END"
    )


def as_date(column: str) -> str:
    """The date in a text: YYYYMMDD, YYYY-MM-DD (also with a time or a zone after it) or DD/MM/YYYY; else NULL."""
    # The first cases are the common ones and take no regular expression. strptime wants eight digits, or 'infinity'.
    quick = (
        f"WHEN {column} LIKE '____-__-__' THEN TRY_CAST({column} AS DATE) "
        f"WHEN strlen({column}) = 8 AND {column} < ':' THEN TRY_CAST(try_strptime({column}, '%Y%m%d') AS DATE) "
        f"WHEN {column} LIKE '__/__/____' THEN TRY_CAST(try_strptime({column}, '%d/%m/%Y') AS DATE)"
    )
    slow = " ".join(
        f"WHEN regexp_matches(trim({column}), '{pattern}') "
        f"THEN TRY_CAST(try_strptime(left(trim({column}), {length}), '{form}') AS DATE)"
        for pattern, form, length in DATE_FORMS
    )
    return f"CASE {quick} {slow} END"


def no_date(column: str, value: str) -> str:
    """Whether a text is meant as a date and `value`, what `as_date` made of it, is none."""
    return f"({value} IS NULL AND {has_value(column)})"


def why_no_date(column: str) -> str:
    """The reason that goes with `no_date`."""
    return f"trim({column}) || ' is not a date.'"


def needed_flag(column: str, value: str) -> list[tuple[str, str]]:
    """Cases for a flag that may not be missing. `value` is what `flag` made of `column`."""
    missing = (f"NOT {has_value(column)}", "'The line has no DCC Service Flag.'")
    return [missing, (no_flag(column, value), why_no_flag(column))]


def needed_date(column: str, value: str) -> list[tuple[str, str]]:
    """Cases for a date that may not be missing. `value` is what `as_date` made of `column`."""
    missing = (f"NOT {has_value(column)}", "'The line has no effective from date.'")
    return [missing, (no_date(column, value), why_no_date(column))]


def network(mpxn: str, column: str | None) -> str:
    """The network's code: from the number for an MPAN, from the name or LDZ in `column` for an MPRN."""
    electricity = f"CAST({mpxn} // {FIRST_MPAN // 10} AS VARCHAR)"
    gas = literal(UNKNOWN_GAS)
    if column:
        other = f"coalesce({keyed(f'trim({column})', GAS_NETWORK_CODES)}, left(upper({text(column)}), 40), {gas})"
        gas = exactly(column, {one.name: one.code for one in GAS_NETWORKS.values()}, other)
    return f"CASE WHEN {mpxn} >= {FIRST_MPAN} THEN {electricity} ELSE {gas} END"
