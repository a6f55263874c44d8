"""Networks in SQL: whose a Meter Point is, by its number or by the name that a file gives.

In: a Meter Point, and a value (see texts). Out: SQL fragments. Called by the formats; held to the domain by tests.
"""

from reconcile.domain.vocabulary import FIRST_MPAN, GAS_NETWORKS, LDZ_NETWORK, LONGEST_CODE, UNKNOWN_GAS

from ..sql import exactly, keyed, literal
from .texts import capitals

GAS_NETWORK_CODES = {
    **{network.name.upper(): code for code, network in GAS_NETWORKS.items()},
    **{code.upper(): code for code in GAS_NETWORKS},
    **LDZ_NETWORK,
}
"""What an extract may call a gas network, in capitals."""


def network(mpxn: str, given: str) -> str:
    """The network's code: from the number for an MPAN, from the name or LDZ that is given for an MPRN."""
    electricity = f"CAST({mpxn} // {FIRST_MPAN // 10} AS VARCHAR)"
    other = f"coalesce({keyed(given, GAS_NETWORK_CODES)}, left(upper({given}), {LONGEST_CODE}), {literal(UNKNOWN_GAS)})"
    gas = exactly(given, {one.name: one.code for one in GAS_NETWORKS.values()}, other)
    return f"CASE WHEN {mpxn} >= {FIRST_MPAN} THEN {electricity} ELSE {gas} END"


def gas_network_of(text: str) -> str:
    """As `network` of an MPRN, of a text. Raises ValueError where only SQL can tell."""
    found = capitals(text)
    return GAS_NETWORK_CODES.get(found, found[:LONGEST_CODE]) if found else UNKNOWN_GAS
