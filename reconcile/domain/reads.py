"""Read responses: which of them prove that a meter lives (SECMP0015).

In: nothing. Out: the words of sources and clocks, and which prove life. Called by the format, the lake and look-ups.
"""

from .vocabulary import DeviceType

SOURCES = {str(one): str(one) for one in (DeviceType.ESME, DeviceType.GSME, DeviceType.GPF)}
"""Whose clock stamped a reading. A gas proxy mirrors what the meter said last, and stamps it by its own clock."""
CLOCKS = {"RELIABLE": "reliable", "UNRELIABLE": "unreliable", "NOT RELIABLE": "unreliable", "INVALID": "invalid"}
RELIABLE = CLOCKS["RELIABLE"]
METERS = (DeviceType.ESME, DeviceType.GSME)
"""Sources whose time proves life, where it is reliable: the meters themselves."""
