"""The canonical tables: whatever a file is called and however it is written, its rows are rows of one of these.

In: nothing. Out: Table. Called by every other layer.
"""

from enum import StrEnum


class Table(StrEnum):
    """What the rows of an extract say."""

    FLAGS = "flags"
    """The DCC Service Flag that registration holds for a Meter Point."""
    DEVICES = "devices"
    """A device of the Smart Metering Inventory, once for each Meter Point that it is associated with."""
    RESPONSES = "responses"
    """What registration answered to a flag update."""
