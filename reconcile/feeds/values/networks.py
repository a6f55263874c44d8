"""Networks in SQL: whose a Meter Point is, by its number or by the name that a file gives.

In: a Meter Point, and a value (see texts). Out: SQL fragments. Called by the formats; held to the domain by tests.
"""

from reconcile.domain.vocabulary import FIRST_MPAN, GAS_NETWORKS, LDZ_NETWORK, LONGEST_CODE, UNKNOWN_GAS

from ..sql import exactly, keyed, literal
from .texts import capitals

GAS_NAMES = {
    "CADENT GAS": "CADENT",
    # What became Cadent in 2017; since 2005 it had no other networks of distribution.
    "NATIONAL GRID GAS": "CADENT",
    "NATIONAL GRID GAS DISTRIBUTION": "CADENT",
    "NORTHERN GAS NETWORK": "NGN",
    "NORTHERN GAS": "NGN",
    "SCOTIA GAS NETWORKS": "SGN",
    "SCOTLAND GAS NETWORKS": "SGN",
    "SOUTHERN GAS NETWORKS": "SGN",
    "WALES AND WEST UTILITIES": "WWU",
    "WALES AND WEST": "WWU",
    "WALES & WEST": "WWU",
}
"""Names of companies that are certain, in capitals, without what follows a company's name."""
COMPANY = "( GROUP)?( LIMITED| LTD[.]?| PLC)?$"
GAS_NETWORK_CODES = {
    **GAS_NAMES,
    **{network.name.upper(): code for code, network in GAS_NETWORKS.items()},
    **{code.upper(): code for code in GAS_NETWORKS},
    **LDZ_NETWORK,
}
"""What an extract may call a gas network, in capitals."""


def network(mpxn: str, given: str, ldz: str = "NULL::VARCHAR") -> str:
    """The network's code: from the number for an MPAN; for an MPRN from its LDZ, else from the name that is given."""
    electricity = f"CAST({mpxn} // {FIRST_MPAN // 10} AS VARCHAR)"
    named = f"regexp_replace(upper({given}), {literal(COMPANY)}, '')"
    known = f"{keyed(ldz, LDZ_NETWORK)}, {keyed(given, GAS_NETWORK_CODES)}, {keyed(named, GAS_NETWORK_CODES)}"
    unknown = f"left(upper(coalesce({given}, {ldz})), {LONGEST_CODE})"
    other = f"coalesce({known}, {unknown}, {literal(UNKNOWN_GAS)})"
    gas = (
        other
        if ldz != "NULL::VARCHAR"
        else exactly(given, {one.name: one.code for one in GAS_NETWORKS.values()}, other)
    )
    return f"CASE WHEN {mpxn} >= {FIRST_MPAN} THEN {electricity} ELSE {gas} END"


def gas_network_of(ldz: str, name: str) -> str:
    """As `network` of an MPRN, of texts. Raises ValueError where only SQL can tell."""
    area, found = capitals(ldz), capitals(name)
    given = LDZ_NETWORK.get(area or "") or GAS_NETWORK_CODES.get(found or "")
    if not given and (area or found):
        raise ValueError(name)
    return given or UNKNOWN_GAS
