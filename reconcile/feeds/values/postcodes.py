"""The area of a postcode: the one or two letters that it begins with.

In: a value (see texts), or the first two characters of a text. Out: SQL, or the area. Called by registration formats.
"""

from ..sql import literal

AREAS = frozenset(
    """
    AB AL B BA BB BD BH BL BN BR BS CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX FK FY G GL
    GU HA HD HG HP HR HS HU HX IG IP IV KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE
    PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS
    WV YO ZE
    """.split()
)
"""Those of Great Britain (Royal Mail, Postcode Address File)."""
_AREAS = ", ".join(map(literal, sorted(AREAS)))


def area(given: str) -> str:
    """The area of a postcode; NULL where there is none of Great Britain."""
    head = f"upper(left({given}, 2))"
    found = f"if({head}[2] BETWEEN '0' AND '9', {head}[1], {head})"
    return f"CASE WHEN {found} IN ({_AREAS}) AND strlen({head}) = 2 THEN {found} END"


def area_of(head: str) -> str | None:
    """As `area`, of the first two characters of a text. Raises ValueError where only SQL can tell."""
    if head and not (head.isascii() and head[0].isalnum()):
        raise ValueError(head)
    found = head[:1] if head[1:].isdigit() else head
    return found.upper() if len(head) == 2 and found.upper() in AREAS else None
