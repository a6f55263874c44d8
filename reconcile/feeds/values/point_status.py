"""What registration says of a Meter Point as such: disconnected, terminated or de-energised.

In: values (see texts), or texts. Out: SQL, or the status. Called by registration.
"""

from .texts import capitals

DISCONNECTED, TERMINATED, DE_ENERGISED = "disconnected", "terminated", "de-energised"


MEANT = {
    ("trading_status", "D"): DISCONNECTED,
    ("trading_status", "DISCONNECTED"): DISCONNECTED,
    ("rmp_state", "DISCONNECTED"): DISCONNECTED,
    ("rmp_state", "TERMINATED"): TERMINATED,
    ("energisation_status", "D"): DE_ENERGISED,
    ("energisation_status", "DE-ENERGISED"): DE_ENERGISED,
    ("energisation_status", "DEENERGISED"): DE_ENERGISED,
}
"""What a value in capitals says, the strongest first."""


def point_status(trading_status: str, rmp_state: str, energisation_status: str) -> str:
    """The status of a Meter Point; NULL where it is in use, or where the file does not say."""
    given = {"trading_status": trading_status, "rmp_state": rmp_state, "energisation_status": energisation_status}
    cases = " ".join(f"WHEN upper({given[name]}) = '{word}' THEN '{status}'" for (name, word), status in MEANT.items())
    return f"CASE {cases} END"


def point_status_of(**texts: str) -> str | None:
    """As `point_status`, of texts by their meaning. Raises ValueError where only SQL can tell."""
    given = {name: capitals(text) for name, text in texts.items()}
    return next((status for (name, word), status in MEANT.items() if given.get(name) == word), None)
