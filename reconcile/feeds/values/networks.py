"""Networks in SQL: whose a Meter Point is, by its number or by the name that a file gives.

In: the name of a text column. Out: SQL fragments. Called by the formats; held to domain.vocabulary by tests.
"""

from reconcile.domain.vocabulary import FIRST_MPAN, GAS_NETWORKS, LDZ_NETWORK, UNKNOWN_GAS

from ..sql import exactly, keyed, literal
from .texts import text

GAS_NETWORK_CODES = {
    **{network.name.upper(): code for code, network in GAS_NETWORKS.items()},
    **{code.upper(): code for code in GAS_NETWORKS},
    **LDZ_NETWORK,
}
"""What an extract may call a gas network, in capitals."""


def network(mpxn: str, column: str | None) -> str:
    """The network's code: from the number for an MPAN, from the name or LDZ in `column` for an MPRN."""
    electricity = f"CAST({mpxn} // {FIRST_MPAN // 10} AS VARCHAR)"
    gas = literal(UNKNOWN_GAS)
    if column:
        other = f"coalesce({keyed(f'trim({column})', GAS_NETWORK_CODES)}, left(upper({text(column)}), 40), {gas})"
        gas = exactly(column, {one.name: one.code for one in GAS_NETWORKS.values()}, other)
    return f"CASE WHEN {mpxn} >= {FIRST_MPAN} THEN {electricity} ELSE {gas} END"
