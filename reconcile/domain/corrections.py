"""Which discrepancies a file to registration can mend, and why others cannot be sent.

In: nothing. Out: LEFT_OUT, KINDS. Called by ledger.corrections and the pages.
"""

from enum import StrEnum


class LeftOut(StrEnum):
    """Why a Meter Point is in no file, the first that holds."""

    RESOLVED = "resolved already"
    ABSENT = "absent from the newest run"
    NOT_REGISTERED = "registration does not hold the Meter Point"
    UNDETERMINED = "the code leaves open which flag is right"
    RIGHT = "the flag itself is right"
    NO_FLAG = "no flag is expected, and none can be sent"
    IN_FLIGHT = "a change is in flight"
    OUT_OF_USE = "disconnected or terminated, and registration takes no update"
    NO_SUPPLIER = "no supplier is known, whom a D0350 has to name"
    SENT = "the same correction was sent and waits for an answer"


D0350, DXI = "d0350", "dxi"
SENDABLE = ("A", "N", "I")
"""The flags that the code still knows."""
