"""The catalogue of rules that a Meter Point can break, in words that a person can act on.

In: nothing. Out: RULES by code. A policy names those of its truth table; the engine finds the others.
`number` is part of a discrepancy's identity: it is never changed and never used again. Numbers follow the codes'
alphabet, so that the order of identities is that of (mpxn, rule); the gaps are for rules to come.
"""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much harm a broken rule does. Watch rows are listed, and counted apart from mismatches."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    WATCH = "watch"


@dataclass(frozen=True)
class Rule:
    """One way in which registration and inventory disagree."""

    number: int
    code: str
    title: str
    explanation: str
    who_acts: str
    next_step: str
    reference: str
    severity: Severity


WHO_ACTS = {
    "supplier": "Supplier",
    "dcc": "DCC (DSP)",
    "registration": "Network operator's registration provider",
}
"""Who has to act, by the word that addresses use."""
MP077 = "SEC Appendix X (RDIS), flag definitions as changed by MP077"
SUPPLIER, DSP, REGISTRATION = WHO_ACTS.values()

# fmt: off
_CATALOGUE = (
    Rule(
        12, "A_NO_METER", "Active, but no smart meter",
        "The flag says Active, yet the inventory associates no smart meter with the Meter Point.",
        DSP,
        "Check whether the meter was removed or its association was deleted. If so, send N to registration.",
        MP077,
        Severity.HIGH,
    ),
    Rule(
        8, "A_NOT_INSTALLED", "Active, but no meter installed",
        "The flag says Active, yet every smart meter of the Meter Point is still Pending or Whitelisted.",
        DSP,
        "Ask the supplier whether the meter was installed. Clear the flag to none or N until one is commissioned.",
        MP077,
        Severity.HIGH,
    ),
    Rule(
        4, "A_NOT_COMMISSIONED", "Active, but not commissioned",
        "The flag says Active, yet the meter is installed and not commissioned: it cannot be operated as smart.",
        SUPPLIER,
        "Commission the meter (SRV 8.1.1), or ask the DCC to send I to registration.",
        MP077,
        Severity.HIGH,
    ),
    Rule(
        16, "A_REMOVED", "Active, but the meter has gone",
        "The flag still says Active, yet every smart meter of the Meter Point is Decommissioned or Withdrawn.",
        DSP,
        "Send N to registration. Network operators: do not expect this meter to answer.",
        MP077,
        Severity.HIGH,
    ),
    Rule(
        18, "A_SILENT", "Active and commissioned, but silent",
        "The flag says Active and the meter is commissioned, yet no read and no alert of its own proves that it has "
        "lived for a long time: its last proof is too old, or only a gas proxy or an unreliable clock speaks for it.",
        SUPPLIER,
        "Watch. Read the meter; if it does not answer, visit it. The flag needs no change.",
        "SECMP0015 (GPF timestamp): a reading is dated reliably by the meter's own clock alone",
        Severity.WATCH,
    ),
    Rule(
        3, "A_NEVER_ALERTS", "Active, but silent in an outage of its street",
        "The flag says Active and the meter is commissioned, yet no alert came from it when more than half of its "
        "postcode told of an outage within minutes, nor at any other time in the weeks before and since.",
        SUPPLIER,
        "Watch. Read the meter; if it does not answer, visit it. Network operators: do not count on its alerts.",
        "SEC Section H5: association of a meter with its MPAN; DUIS 5.4: DCC and device alerts (PowerOutageEvent)",
        Severity.WATCH,
    ),
    Rule(
        20, "A_SUSPENDED", "Active, meter suspended or in recovery",
        "The flag may stay Active while the meter is Suspended or in Recovery, but the meter may not answer.",
        SUPPLIER,
        "Watch. Restore the meter (firmware update or recovery); the flag needs no change.",
        "MP077 Modification Report v1.0, section 3: Suspended and Recovery do not update the flag",
        Severity.WATCH,
    ),
    Rule(
        40, "I_NO_METER", "Installed, but no smart meter",
        "The flag says Installed not commissioned, yet the inventory associates no smart meter with the Meter Point.",
        DSP,
        "Check whether the meter was removed. If so, send N to registration.",
        MP077,
        Severity.MEDIUM,
    ),
    Rule(
        36, "I_NOT_INSTALLED", "Installed, but no meter installed",
        "The flag says Installed not commissioned, yet every smart meter is still Pending or Whitelisted.",
        SUPPLIER,
        "Confirm the installation, or ask the DCC to correct the flag.",
        MP077,
        Severity.MEDIUM,
    ),
    Rule(
        32, "I_COMMISSIONED", "Installed, but the meter is commissioned",
        "A meter is commissioned, yet the flag still says Installed not commissioned: smart service is hidden.",
        DSP,
        "Send A to registration.",
        MP077,
        Severity.HIGH,
    ),
    Rule(
        44, "I_REMOVED", "Installed, but the meter has gone",
        "The flag says Installed not commissioned, yet every smart meter is Decommissioned or Withdrawn.",
        DSP,
        "Send N to registration.",
        MP077,
        Severity.MEDIUM,
    ),
    Rule(
        76, "N_INSTALLED", "Non-Active, but a meter is installed",
        "The flag says Non-Active, yet a meter is installed and waits to be commissioned.",
        DSP,
        "Send I to registration.",
        MP077,
        Severity.MEDIUM,
    ),
    Rule(
        72, "N_COMMISSIONED", "Non-Active, but a meter is commissioned",
        "A meter is commissioned, yet the flag says Non-Active: suppliers will offer the wrong tariff.",
        DSP,
        "Send A to registration.",
        MP077,
        Severity.HIGH,
    ),
    Rule(
        74, "N_HEARD", "Heard, although it should have gone",
        "A meter of the Meter Point was read by its own reliable clock, or sent an alert, after it was decommissioned "
        "or withdrawn, or after the flag became Non-Active: something lives there.",
        SUPPLIER,
        "Find out which meter stands there. If it is in service, correct its status (SRV 8.1.1), and the flag follows.",
        "SEC Section H5; SECMP0015 (GPF timestamp): only the meter's own clock proves a reading",
        Severity.MEDIUM,
    ),
    Rule(
        64, "NULL_INSTALLED", "No flag, meter installed (install and leave)",
        "A smart meter was installed and left without being commissioned, and registration carries no flag at all.",
        SUPPLIER,
        "Commission the meter when there is WAN coverage. The DCC is to send I to registration now.",
        MP077,
        Severity.MEDIUM,
    ),
    Rule(
        60, "NULL_COMMISSIONED", "No flag, but a meter is commissioned",
        "A meter is commissioned, yet registration carries no flag: a gaining supplier will not know that it is smart.",
        DSP,
        "Send A to registration.",
        MP077,
        Severity.HIGH,
    ),
    Rule(
        68, "NULL_REMOVED", "No flag, meter has gone",
        "A smart meter was here and has gone; the flag should say Non-Active, and registration carries none.",
        DSP,
        "Send N to registration.",
        MP077,
        Severity.LOW,
    ),
    Rule(
        48, "LEGACY_S", "Legacy flag S",
        "The flag S (Suspended) was removed from the code on 4 November 2021 and is no longer a valid value.",
        REGISTRATION,
        "Replace S by the expected flag.",
        "SEC Appendix X as changed by MP077: S removed",
        Severity.LOW,
    ),
    Rule(
        52, "LEGACY_W", "Legacy flag W",
        "The flag W (Withdrawn) was removed from the code on 4 November 2021 and is no longer a valid value.",
        REGISTRATION,
        "Replace W by the expected flag.",
        "SEC Appendix X as changed by MP077: W removed",
        Severity.LOW,
    ),
    Rule(
        80, "SMI_ONLY", "Smart meter at an unknown Meter Point",
        "The inventory associates a smart meter with an MPAN that no registration extract of its network holds.",
        SUPPLIER,
        "Check the MPAN that the meter was associated with (SRV 8.4 corrects it).",
        "SEC Section H5: association of a meter with its MPAN",
        Severity.MEDIUM,
    ),
    Rule(
        28, "FUEL_MISMATCH", "Meter of the other fuel",
        "An electricity meter is associated with an MPRN, or a gas meter with an MPAN. It does not count for the flag.",
        SUPPLIER,
        "Correct the association (SRV 8.4).",
        "SEC Section H5: association of a meter with its MPAN or MPRN",
        Severity.MEDIUM,
    ),
    Rule(
        56, "MANY_METERS", "More than one live meter",
        "More than one installed or commissioned meter is associated with the Meter Point as its import meter.",
        SUPPLIER,
        "Find the meter that is really there and remove the other association (SRV 8.4 or 8.3).",
        "SEC Section H5; consultation responses to MP077 (several devices linked to one MPAN in error)",
        Severity.MEDIUM,
    ),
    Rule(
        58, "METER_DIFFERS", "Registration holds another meter",
        "Registration names a smart meter for this MPAN, and the inventory has other meters there, but not that one.",
        SUPPLIER,
        "Find out which meter stands there. If it is the inventory's, the meter operator sends its details (D0312).",
        "Data Transfer Catalogue, D0312 v003: Electricity Smart Meter Equipment (ESME ID)",
        Severity.WATCH,
    ),
    Rule(
        59, "NOT_NOTIFIED", "Held by the DSP, never sent",
        "The DSP holds N or I and says that registration was never told, and registration holds another flag.",
        DSP,
        "Send the DSP's status to registration, once it agrees with the inventory.",
        "MP077 Modification Report v1.0: about 45,000 Meter Points at an N that registration was never sent",
        Severity.MEDIUM,
    ),
    Rule(
        22, "DSP_DIFFERS", "The DSP contradicts its inventory",
        "The DCC Service Status that the DSP holds is not one that the meters in its own inventory allow.",
        DSP,
        "Find out whether the status or the inventory is wrong, and correct it before anything is sent.",
        MP077,
        Severity.MEDIUM,
    ),
    Rule(
        2, "ALERT_ELSEWHERE", "Alerts from a meter that is elsewhere",
        "Alerts name the Meter Point, and come from a device that the inventory has at another Meter Point.",
        SUPPLIER,
        "Find out where the device stands, and correct its association (SRV 8.4).",
        "SEC Section H5: association of a meter with its MPAN or MPRN; DUIS 5.4: device alerts",
        Severity.WATCH,
    ),
    Rule(
        1, "ALERTS_UNFLAGGED", "Alerts, but Non-Active or no flag",
        "Alerts come from the Meter Point although its flag is N or there is none: somebody is live there.",
        DSP,
        "Look at the meter's status and its association. If it is commissioned, send A to registration.",
        "SEC Appendix X (RDIS), flag definitions as changed by MP077; DUIS 5.4: DCC and device alerts",
        Severity.HIGH,
    ),
    Rule(
        84, "UPDATE_REJECTED", "Flag update rejected",
        "The newest response of registration to a flag update for this Meter Point is a rejection.",
        DSP,
        "Read the reason on the Meter Point's page: it decides what to do. As a rule, mend the update and resend it.",
        "SEC Appendix X (RDIS) section 3.28: E46 responses; Data Transfer Catalogue, D0351: Rejection of Update",
        Severity.MEDIUM,
    ),
    Rule(
        24, "DUPLICATE_FLAG", "Two flags in one extract",
        "One registration extract gives the Meter Point two different flags. The one with the later date is used.",
        REGISTRATION,
        "Remove the superseded record from the extract.",
        "SEC Section E2: one registration record for a Meter Point",
        Severity.LOW,
    ),
)
# fmt: on

RULES: dict[str, Rule] = {rule.code: rule for rule in _CATALOGUE}
INVENTORY_RULES = frozenset({"SMI_ONLY", "FUEL_MISMATCH", "MANY_METERS"})
"""Rules that the inventory alone can break: gone when the meter has gone, even at a point without a flag row."""
DSP_RULES = frozenset({"NOT_NOTIFIED", "DSP_DIFFERS"})
"""Rules that rest on the DSP's own view: not gone while that cannot be read."""
SILENCE_RULES = frozenset({"A_NEVER_ALERTS"})
"""Rules that rest on what was not heard at some time: not gone because that time is long ago."""
WATCHED = tuple(code for code, rule in RULES.items() if rule.severity == Severity.WATCH)
MISMATCHED = tuple(code for code in RULES if code not in WATCHED)
RULES_OF_ACTOR = {
    actor: tuple(code for code, rule in RULES.items() if rule.who_acts == words) for actor, words in WHO_ACTS.items()
}
IDENTITY_BASE = 100
"""A discrepancy's identity is its Meter Point's number this many times, and the rule's number."""


def discrepancy_id(mpxn: int, rule: str) -> int:
    """The identity of a discrepancy, for ever: the Meter Point's number and the rule's, as one integer."""
    return mpxn * IDENTITY_BASE + RULES[rule].number


def identities(first: int, last: int) -> range:
    """The identities of all discrepancies at the Meter Points of a range of numbers, both ends within."""
    return range(first * IDENTITY_BASE, (last + 1) * IDENTITY_BASE)
