"""DCC Service Status as the DSP itself holds it (CSV): a Meter Point, its status, from when, and whether registration
was notified.

In: an Intake. Out: a Reading of DSP statuses, a delta. Called through FEEDS.
"""

from datetime import date

from reconcile.domain.tables import Table

from ..contract import Intake, Parsed
from ..files.headings import Names, Sheet, heading_line, headings_of, places_of
from ..plain.tables import TableFeed
from ..sql import canonical, first_reason, keyed, of
from ..values import dates, flags, numbers
from . import registration

ALIASES = {
    "mpxn": registration.ALIASES["mpxn"],
    "status": Names(
        (
            *("dcc_service_status", "service_status", "dsp_status", "dsp_service_status", "internal_status"),
            *("internal_flag", "dsp_flag", "dcc_internal_status", "dcc_status", "status_value", "current_status"),
            *("dsp_dcc_service_status", "dsp_dcc_service_flag", "dcc_service_status_code", "service_status_code"),
        ),
        ("status", *registration.ALIASES["flag"].exact, "flag", "service_flag", "status_code"),
    ),
    "status_from": Names(
        (
            *("dcc_service_status_efd", "service_status_efd", "status_effective_date", "status_effective_from"),
            *("status_effective_from_date", "status_from", "status_date", "service_status_from", "status_efd"),
            *("dcc_service_status_effective_from", "dcc_service_status_effective_from_date"),
            *("dcc_service_status_date", "service_status_effective_from", "service_status_date"),
        ),
        (
            *("effective_from", "effective_from_date", "effective_date", "efd", "from", "from_date", "since"),
            *registration.ALIASES["flag_from"].exact,
        ),
    ),
    "notified": Names(
        (
            *("notified", "notified_to_registration", "registration_notified", "rdp_notified", "notified_to_rdp"),
            *("notified_yes_no", "notified_y_n", "is_notified", "notification_sent", "sent_to_registration"),
            *("notified_flag", "notified_indicator", "notification_status", "notification_recorded", "was_notified"),
            *("registration_was_notified", "rdp_was_notified", "sent_to_rdp", "registration_informed"),
        ),
        ("sent", "told", "notification", "informed", "reported"),
    ),
}
NEEDED = ("mpxn", "status", "notified")
MISSED = {"status_from": "of two lines about one Meter Point that differ neither can be told to be the newer"}
SAYS = (
    (("Y", "YES", "TRUE", "T", "1", "1.0", "NOTIFIED", "SENT"), "true"),
    (("N", "NO", "FALSE", "F", "0", "0.0", "NOT NOTIFIED", "NOT SENT", "UNNOTIFIED", "NOT_NOTIFIED"), "false"),
)
ANSWERS = {spelling: answer for spellings, answer in SAYS for spelling in spellings}
"""What may stand under *notified*, in capitals."""


def _sql(sheet: Sheet, given: str, latest: date) -> Parsed:
    heading = sheet.headings["mpxn"]
    read = f"""
        SELECT *, {numbers.number("given_mpxn")} AS mpxn, {flags.flag("given_status")} AS status,
            {dates.day("given_status_from")} AS read_status_from,
            CAST({keyed("given_notified", ANSWERS)} AS BOOLEAN) AS notified
        FROM ({given})
    """
    parsed = f"SELECT *, {dates.known('read_status_from', latest)} AS status_from FROM ({read})"
    reason = first_reason(
        numbers.wrong_fuel("given_mpxn", "mpxn", heading),
        (f"{numbers.is_mpxn('mpxn')} IS NOT TRUE", numbers.why_no_mpxn("given_mpxn", heading=heading)),
        flags.no_flag("given_status", "status"),
        (
            "(notified IS NULL AND given_notified IS NOT NULL)",
            of("given_notified", "does not say whether registration was notified (yes or no)."),
        ),
    )
    checked = f"SELECT *, {reason} AS reason FROM ({parsed})"
    accepted = f"({checked}) WHERE reason IS NULL"
    rows = canonical(Table.DSP_STATUSES, accepted, "mpxn", "status", "status_from", "notified")
    unread = numbers.unread("given_mpxn", "mpxn", of=numbers.fuel_of_heading(heading))
    dropped = {"status_from": dates.dropped("given_status_from", "read_status_from", latest)}
    return Parsed(checked, rows, unread=(unread,), dropped=dropped)


class DspStatuses(TableFeed):
    """A table of what the DSP holds; registration and inventories name Meter Points and statuses too."""

    def recognises(self, intake: Intake) -> bool:
        """A heading line with a status, a Meter Point, and whether it was notified."""
        headings = headings_of(intake, heading_line(intake, self.aliases))
        return places_of(headings, self.aliases).keys() >= set(self.needed)


FEED = DspStatuses(
    "dsp_status",
    Table.DSP_STATUSES,
    "delta",
    aliases=ALIASES,
    needed=NEEDED,
    known_by=NEEDED,
    sql=_sql,
    missed=MISSED,
)
