"""SMETS1 or SMETS2: the generation of a smart meter, by what the inventory says of it.

In: a version and a CSP region as the inventory writes them. Out: a Generation. Called by all that tells them apart.
"""

import re
from enum import StrEnum
from functools import lru_cache


class Generation(StrEnum):
    """Every Meter Point is of exactly one, so that figures add up."""

    SMETS1 = "SMETS1"
    SMETS2 = "SMETS2"
    NOT_KNOWN = "not_known"
    """A smart meter of which nobody says it."""
    NO_METER = "no_meter"


GENERATION_NAMES = {
    Generation.SMETS1: "SMETS1",
    Generation.SMETS2: "SMETS2",
    Generation.NOT_KNOWN: "Not known",
    Generation.NO_METER: "No smart meter",
}
TOLD = (Generation.SMETS1, Generation.SMETS2)
"""Those that a meter is told to be of."""
SMETS1_REGION = "SMETS1"
"""The CSP region of every enrolled SMETS1 device (DUIS 8.2)."""
VERSIONS = {
    Generation.SMETS1: r"^\s*(SMETS)?[ _-]*V?[ _-]*1([^0-9]|$)",
    Generation.SMETS2: r"^\s*(SMETS)?[ _-]*V?[ _-]*([2-9]|[1-9][0-9])([^0-9]|$)",
}
"""How versions of each are written, in any case: `SMETS V1.2`, `SMETS1`, `V4.2`, `SMETS2+`. Any database reads them."""


@lru_cache(maxsize=4_096)
def generation(version: str | None, csp_region: str | None) -> Generation:
    """Of a smart meter; the region decides where it names SMETS1, for no other device has it."""
    if (csp_region or "").strip().upper() == SMETS1_REGION:
        return Generation.SMETS1
    for one, pattern in VERSIONS.items():
        if re.search(pattern, version or "", re.IGNORECASE):
            return one
    return Generation.NOT_KNOWN
