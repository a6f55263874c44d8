"""What registration says of a Meter Point as such: disconnected, terminated or de-energised.

In: values (see texts), or texts. Out: SQL, or the status. Called by registration.
"""

from ..sql import literal
from .texts import capitals

DISCONNECTED, TERMINATED, DE_ENERGISED = "disconnected", "terminated", "de-energised"


BETWEEN = " -_()/:.,\u00a0\u2010\u2011\u2012\u2013\u2014"
"""What may stand between the words of a value."""
WORDS = {
    ("trading_status", DISCONNECTED): ("D", "DISCONNECTED", "DDISCONNECTED", "DISCONNECTEDD"),
    ("rmp_state", DISCONNECTED): ("DISCONNECTED",),
    ("rmp_state", TERMINATED): ("TERMINATED",),
    ("energisation_status", DE_ENERGISED): (
        *("D", "DEENERGISED", "DEENERGIZED", "DDEENERGISED", "DDEENERGIZED", "DEENERGISEDD", "DEENERGIZEDD"),
        *("NOTENERGISED", "NOTENERGIZED"),
    ),
}
MEANT = {(name, word): status for (name, status), words in WORDS.items() for word in words}
"""What the letters of a value in capitals say, the strongest first."""


GONE = dict.fromkeys(map(ord, BETWEEN))


def letters(given: str) -> str:
    """A value without what stands between its words."""
    return f"translate({given}, {literal(BETWEEN)}, '')"


def point_status(trading_status: str, rmp_state: str, energisation_status: str) -> str:
    """The status of a Meter Point; NULL where it is in use, or where the file does not say."""
    given = {"trading_status": trading_status, "rmp_state": rmp_state, "energisation_status": energisation_status}
    cases = " ".join(
        f"WHEN upper({letters(given[name])}) IN ({', '.join(map(literal, words))}) THEN '{status}'"
        for (name, status), words in WORDS.items()
    )
    return f"CASE {cases} END"


def point_status_of(**texts: str) -> str | None:
    """As `point_status`, of texts by their meaning. Raises ValueError where only SQL can tell."""
    given = {name: (capitals(text) or "").translate(GONE) for name, text in texts.items()}
    return next((status for (name, word), status in MEANT.items() if given.get(name) == word), None)
