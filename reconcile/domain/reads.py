"""What proves that a meter lives: a read with its own reliable clock (SECMP0015), and an alert of its own.

In: nothing. Out: the words of sources and clocks, and which prove life. Called by the format, the lake and look-ups.
"""

from datetime import datetime

from .vocabulary import DeviceType

SOURCES = {str(one): str(one) for one in (DeviceType.ESME, DeviceType.GSME, DeviceType.GPF)}
"""Whose clock stamped a reading. A gas proxy mirrors what the meter said last, and stamps it by its own clock."""
CLOCKS = {"RELIABLE": "reliable", "UNRELIABLE": "unreliable", "NOT RELIABLE": "unreliable", "INVALID": "invalid"}
RELIABLE = CLOCKS["RELIABLE"]
METERS = (DeviceType.ESME, DeviceType.GSME)
"""Sources whose time proves life, where it is reliable: the meters themselves."""


def proof_words(at: datetime, source: str) -> str:
    """A proof of life with its time (UTC) and its source: one of METERS, or the code of an alert."""
    by = "its own clock" if source in METERS else f"its alert {source}"
    return f"{at:%-d %b %Y %H:%M} UTC by {by}"
