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


ACCEPTED, REJECTED = "accepted", "rejected"
"""What an answer says of a line; of one that is not answered nothing."""
REASON = "Update on its way"
"""What a row is explained with while its correction waits for an answer (domain.work.REASONS)."""


class Standing(StrEnum):
    """How far a correction that was sent is, as lists filter by it."""

    YES = "yes"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNANSWERED = "unanswered"
    NO = "no"


STANDING_WORDS = {
    Standing.YES: "Sent",
    Standing.WAITING: "Sent, waiting for an answer",
    Standing.ACCEPTED: "Accepted",
    Standing.REJECTED: "Rejected",
    Standing.UNANSWERED: "Not answered in time",
    Standing.NO: "Not sent",
}
D0350, DXI = "d0350", "dxi"
SENDABLE = ("A", "N", "I")
"""The flags that the code still knows."""
