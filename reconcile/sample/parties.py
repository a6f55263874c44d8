"""Who the sample market is made of: shares of networks, made-up suppliers, makers of meters.

In: nothing. Out: literal tables. Called by market.py. Suppliers (birds) and makers (trees) are inventions.
"""

from reconcile.domain.vocabulary import DISTRIBUTORS, GAS_NETWORKS

DISTRIBUTOR_SHARES = {
    "10": 12.2,
    "11": 9.0,
    "12": 7.9,
    "13": 5.2,
    "14": 8.5,
    "15": 5.5,
    "16": 8.2,
    "17": 2.7,
    "18": 6.8,
    "19": 7.7,
    "20": 10.3,
    "21": 3.9,
    "22": 5.6,
    "23": 7.9,
}
"""The fourteen DNOs, in parts: about 8 million customers for the largest group, 2.4 million for the North West."""
INDEPENDENT_SHARE = 3.0
"""All IDNOs together, in per cent."""
LDZ_SHARES = {
    "EA": 8.1,
    "EM": 10.1,
    "NT": 11.0,
    "NW": 12.0,
    "WM": 8.9,
    "NE": 6.6,
    "NO": 5.4,
    "SC": 8.2,
    "SE": 8.3,
    "SO": 6.9,
    "WN": 1.1,
    "WS": 3.8,
    "SW": 6.6,
}
POSTCODE_AREAS = {
    "10": "CB", "11": "NG", "12": "SW", "13": "CH", "14": "WS", "15": "NE", "16": "LA", "17": "IV", "18": "EH",
    "19": "TN", "20": "RG", "21": "SA", "22": "EX", "23": "LS",
    "EA": "IP", "EM": "LE", "NT": "HA", "NW": "PR", "WM": "DY", "NE": "HU", "NO": "DH", "SC": "PA", "SE": "ME",
    "SO": "BN", "WN": "LL", "WS": "CF", "SW": "TA",
}  # fmt: skip
ANY_POSTCODE_AREA = "MK"
SUPPLIERS = (
    "WREN", "ROOK", "TERN", "SWAN", "IBIS", "KITE", "CROW", "DUCK", "HAWK", "LARK", "COOT", "EMUS", "FINK", "GULL",
    "JAYS", "LOON", "NENE", "OWLS", "RHEA", "RUFF", "SKUA", "SMEW", "SORA", "TEAL", "WEKA",
)  # fmt: skip
"""Birds of four letters, the largest supplier first."""
MAKERS = ("Alder Metering", "Birch Instruments", "Cedar Devices", "Hazel Controls", "Rowan Meters")


def areas() -> list[tuple[str, str, str, str, float]]:
    """(fuel, code, gas network's name, postcode area, per cent): distributor ids and LDZs, the DNOs first."""
    dno_total = sum(DISTRIBUTOR_SHARES.values())
    independents = [code for code in DISTRIBUTORS if code not in DISTRIBUTOR_SHARES]
    rows = [
        ("electricity", code, "", POSTCODE_AREAS[code], share / dno_total * (100 - INDEPENDENT_SHARE))
        for code, share in DISTRIBUTOR_SHARES.items()
    ]
    each = INDEPENDENT_SHARE / len(independents)
    rows += [("electricity", code, "", ANY_POSTCODE_AREA, each) for code in independents]
    names = {ldz: network.name for network in GAS_NETWORKS.values() for ldz in network.ldzs}
    ldz_total = sum(LDZ_SHARES.values())
    rows += [
        ("gas", ldz, names[ldz], POSTCODE_AREAS[ldz], share / ldz_total * 100) for ldz, share in LDZ_SHARES.items()
    ]
    return rows


def supplier_weights() -> list[float]:
    """A few large suppliers and a long tail."""
    return [1 / (rank + 2) for rank in range(len(SUPPLIERS))]
