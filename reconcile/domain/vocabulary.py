"""The industry's words: DCC Service Flags, SMI device statuses, identifiers and networks.

In: nothing of ours. Out: closed vocabularies and the identifier rules. Called by every other layer.
"""

from dataclasses import dataclass
from enum import StrEnum

from .blanks import unspaced

FIRST_MPAN = 10**12
"""The smallest number that is read as an MPAN (13 digits)."""
LAST_MPAN = 10 * FIRST_MPAN - 1
MPRN_LIMIT = 10**10
"""Every MPRN (1 to 10 digits) is below this number."""
MPAN_WEIGHTS = (3, 5, 7, 13, 17, 19, 23, 29, 31, 37, 41, 43)
"""Weights of the first twelve digits of an MPAN; the thirteenth is (sum mod 11) mod 10."""

LONGEST_CODE = 40
"""Characters that the code of a party may have: a supplier's MPID has four, a gas network may go by a name."""


class Fuel(StrEnum):
    """What a Meter Point carries; it follows from the size of its number."""

    ELECTRICITY = "electricity"
    GAS = "gas"


class Flag(StrEnum):
    """DCC Service Flag (SEC Appendix X as changed by MP077). No flag at all is `None`."""

    A = "A"
    N = "N"
    I = "I"  # noqa: E741 - the industry's own letter
    S = "S"
    W = "W"


FLAGS: tuple[Flag | None, ...] = (Flag.A, Flag.I, Flag.N, None, Flag.S, Flag.W)
"""Every flag, in the order in which people read them."""
FLAG_NAMES: dict[Flag | None, str] = {
    None: "no flag",
    Flag.A: "Active",
    Flag.N: "Non-Active",
    Flag.I: "Installed not commissioned",
    Flag.S: "Suspended (legacy)",
    Flag.W: "Withdrawn (legacy)",
}


class Status(StrEnum):
    """SMI device status, in the order of the SMI and spelt as in the DUIS schema."""

    PENDING = "Pending"
    WHITELISTED = "Whitelisted"
    INSTALLED = "InstalledNotCommissioned"
    COMMISSIONED = "Commissioned"
    DECOMMISSIONED = "Decommissioned"
    WITHDRAWN = "Withdrawn"
    SUSPENDED = "Suspended"
    RECOVERY = "Recovery"
    RECOVERED = "Recovered"

    @property
    def bit(self) -> int:
        """Its bit in a status mask: Pending 1, Whitelisted 2, ... Recovered 256."""
        return _BITS[self]


_BITS = {status: 1 << place for place, status in enumerate(Status)}
ALL_MASKS = range(1 << len(Status))


def statuses_in(mask: int) -> frozenset[Status]:
    """The set of statuses that one small integer, 0 to 511, holds by their bits."""
    return frozenset(status for status in Status if mask & status.bit)


def statuses_text(mask: int) -> str:
    """Statuses joined with `+` in SMI order; empty for no meter."""
    return "+".join(status for status in Status if mask & status.bit)


class Shows(StrEnum):
    """What the inventory shows at a Meter Point: the columns of the rule table."""

    NO_METER = "no_meter"
    NOT_INSTALLED = "not_installed"
    INSTALLED = "installed"
    COMMISSIONED = "commissioned"
    REMOVED = "removed"
    SUSPENDED = "suspended"


SHOWS_NAMES: dict[Shows, str] = {
    Shows.NO_METER: "No smart meter",
    Shows.NOT_INSTALLED: "Only Pending or Whitelisted",
    Shows.INSTALLED: "Installed, not commissioned",
    Shows.COMMISSIONED: "Commissioned",
    Shows.REMOVED: "Only Decommissioned or Withdrawn",
    Shows.SUSPENDED: "Suspended or in Recovery",
}

NEVER_INSTALLED = frozenset({Status.PENDING, Status.WHITELISTED})
LIVE = frozenset({Status.INSTALLED, Status.COMMISSIONED})
GONE = frozenset({Status.DECOMMISSIONED, Status.WITHDRAWN})
PAUSED = frozenset({Status.SUSPENDED, Status.RECOVERY, Status.RECOVERED})


def shows(statuses: frozenset[Status]) -> Shows:
    """The one column of the rule table that a set of meter statuses falls in."""
    if Status.COMMISSIONED in statuses:
        return Shows.COMMISSIONED
    if Status.INSTALLED in statuses:
        return Shows.INSTALLED
    if statuses & PAUSED:
        return Shows.SUSPENDED
    if statuses & GONE:
        return Shows.REMOVED
    return Shows.NOT_INSTALLED if statuses else Shows.NO_METER


class DeviceType(StrEnum):
    """Device types of the SMI (DUIS 8.2). Only ESME and GSME are smart meters."""

    ESME = "ESME"
    GSME = "GSME"
    GPF = "GPF"
    CHF = "CHF"
    HCALCS = "HCALCS"
    PPMID = "PPMID"
    IHD = "IHD"
    CAD = "CAD"


METER_FUEL = {DeviceType.ESME: Fuel.ELECTRICITY, DeviceType.GSME: Fuel.GAS}


class PointStatus(StrEnum):
    """Why registration itself says that a Meter Point takes no supply; a point in use has none of these."""

    DISCONNECTED = "disconnected"
    TERMINATED = "terminated"
    DE_ENERGISED = "de-energised"


POINT_STATUS_ADVICE = {
    PointStatus.DISCONNECTED: "A D0350 cannot mend the flag of a disconnected Meter Point: registration refuses it.",
    PointStatus.TERMINATED: "A D0350 cannot mend the flag of a terminated Meter Point: registration refuses it.",
    PointStatus.DE_ENERGISED: "The Meter Point is de-energised: do not expect its meter to answer.",
}
"""What each means for whoever would mend a flag."""


class Role(StrEnum):
    """Which of its elements associates a device with a Meter Point."""

    IMPORT = "import"
    SECONDARY = "secondary"
    EXPORT = "export"


def fuel_of(mpxn: int) -> Fuel:
    """Electricity for an MPAN, gas for an MPRN."""
    return Fuel.ELECTRICITY if mpxn >= FIRST_MPAN else Fuel.GAS


def mpxn_text(mpxn: int) -> str:
    """The number as people write it: an MPAN has 13 digits, an MPRN no leading zeros."""
    return str(mpxn)


def parse_mpxn(text: str) -> int:
    """The Meter Point number in a person's words: blanks are ignored. Raises ValueError."""
    digits = unspaced(text)
    if not (digits.isascii() and digits.isdigit()):
        raise ValueError("A Meter Point number has digits only: 13 for an MPAN, up to 10 for an MPRN.")
    if len(digits) != 13 and not 1 <= len(digits) <= 10:
        raise ValueError(f"{len(digits)} digits: an MPAN has 13 and an MPRN 1 to 10.")
    number = int(digits)
    if number == 0 or (len(digits) == 13 and number < FIRST_MPAN):
        raise ValueError("This number cannot belong to a Meter Point.")
    return number


def mpan_check_digit(first_twelve: str) -> int:
    """The thirteenth digit of an MPAN: the weighted sum mod 11, mod 10."""
    weighted = zip(first_twelve, MPAN_WEIGHTS, strict=True)
    return sum(int(digit) * weight for digit, weight in weighted) % 11 % 10


def mpan_is_valid(mpan: str) -> bool:
    """Thirteen digits with a right check digit."""
    return len(mpan) == 13 and mpan.isdigit() and int(mpan[-1]) == mpan_check_digit(mpan[:12])


def mprn_check_digits(stem: str) -> str:
    """The last two digits of an MPRN: weights n, n-1, ... 1, mod 11 (one public source, so a warning only)."""
    size = len(stem)
    return f"{sum(int(digit) * (size - place) for place, digit in enumerate(stem)) % 11:02d}"


def mprn_is_valid(mprn: str) -> bool:
    """Three to ten digits whose last two are right."""
    return mprn.isdigit() and 3 <= len(mprn) <= 10 and mprn[-2:] == mprn_check_digits(mprn[:-2])


@dataclass(frozen=True)
class Network:
    """A Network Party: `code` is the distributor id (electricity) or a short name (gas)."""

    code: str
    name: str
    fuel: Fuel
    mpid: str = ""
    ldzs: tuple[str, ...] = ()


_DISTRIBUTORS = {
    "10": ("EELC", "UK Power Networks - Eastern"),
    "11": ("EMEB", "National Grid - East Midlands"),
    "12": ("LOND", "UK Power Networks - London"),
    "13": ("MANW", "SP Energy Networks - Merseyside and North Wales"),
    "14": ("MIDE", "National Grid - West Midlands"),
    "15": ("NEEB", "Northern Powergrid - North East"),
    "16": ("NORW", "Electricity North West"),
    "17": ("HYDE", "SSEN - North Scotland"),
    "18": ("SPOW", "SP Energy Networks - South and Central Scotland"),
    "19": ("SEEB", "UK Power Networks - South Eastern"),
    "20": ("SOUT", "SSEN - Southern England"),
    "21": ("SWAE", "National Grid - South Wales"),
    "22": ("SWEB", "National Grid - South West"),
    "23": ("YELG", "Northern Powergrid - Yorkshire"),
    "24": ("IPNL", "Independent Power Networks"),
    "25": ("LENG", "ESP Electricity"),
    "26": ("GUCL", "Last Mile Electricity"),
    "27": ("ETCL", "The Electricity Network Company"),
    "28": ("EDFI", "UK Power Networks (IDNO)"),
    "29": ("HARL", "Harlaxton Energy Networks"),
    "30": ("PENL", "Leep Electricity Networks"),
    "31": ("UKPD", "UK Power Distribution"),
    "32": ("UDNL", "Energy Assets Networks"),
    "33": ("GGEN", "Eclipse Power Networks"),
    "34": ("MPDL", "Murphy Power Distribution"),
    "35": ("FEAL", "Fulcrum Electricity Assets"),
    "36": ("VATT", "Vattenfall Networks"),
    "37": ("FORB", "Optimal Power Networks"),
    "38": ("INDI", "Indigo Power"),
}

DISTRIBUTORS: dict[str, Network] = {
    code: Network(code, name, Fuel.ELECTRICITY, mpid) for code, (mpid, name) in _DISTRIBUTORS.items()
}
"""Distributor id (the first two digits of an MPAN) -> network. 10 to 23 are the DNOs, 24 on the IDNOs."""

GAS_NETWORKS: dict[str, Network] = {
    network.code: network
    for network in (
        Network("CADENT", "Cadent", Fuel.GAS, ldzs=("EA", "EM", "NT", "NW", "WM")),
        Network("NGN", "Northern Gas Networks", Fuel.GAS, ldzs=("NE", "NO")),
        Network("SGN", "SGN", Fuel.GAS, ldzs=("SC", "SE", "SO")),
        Network("WWU", "Wales & West Utilities", Fuel.GAS, ldzs=("WN", "WS", "SW")),
    )
}
LDZ_NETWORK: dict[str, str] = {ldz: network.code for network in GAS_NETWORKS.values() for ldz in network.ldzs}
UNKNOWN_GAS = "GAS?"
"""The network of an MPRN whose extract names none."""

NETWORKS: dict[str, Network] = DISTRIBUTORS | GAS_NETWORKS


def network_named(code: str) -> Network:
    """The network of a code; one we do not know gets a name that says so."""
    known = NETWORKS.get(code)
    if known:
        return known
    fuel = Fuel.ELECTRICITY if len(code) == 2 and code.isdigit() else Fuel.GAS
    return Network(code, "Gas network not named" if code == UNKNOWN_GAS else f"Unknown network {code}", fuel)
