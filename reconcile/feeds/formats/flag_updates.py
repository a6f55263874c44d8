"""A flag update, which electricity's flows, E45 and E46 hold alike: a Meter Point, its new DCC Service Flag, from when.

In: lines with the values given_mpxn, given_flag and given_flag_from. Out: SQL of checked lines and of flag rows.
Called by the formats of updates and of responses to them.
"""

from datetime import date

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import Fuel

from ..contract import Parsed
from ..files.framed import checked
from ..files.told import CHECKED, Told
from ..sql import Case, canonical, of
from ..values import dates, flags, networks, numbers

DE_ENERGISED = "CASE WHEN upper(given_energisation) = 'D' THEN 'de-energised' END"
"""The point status that an energisation status stands for."""


def checked_updates(lines: str, needed: int, *cases: Case) -> str:
    """Every line with its mpxn, flag and flag_from, and a reason where it cannot be loaded. `cases` come first."""
    parsed = f"""
        SELECT *, {numbers.number("given_mpxn")} AS mpxn, {flags.flag("given_flag")} AS flag,
            {dates.day("given_flag_from")} AS flag_from
        FROM ({lines})
    """
    of_flag = flags.missing_flag("given_flag"), flags.no_flag("given_flag", "flag")
    of_day = dates.missing_day("given_flag_from"), dates.no_day("given_flag_from", "flag_from")
    return checked(parsed, needed, *cases, *of_flag, *of_day)


NO_MPAN: tuple[Case, ...] = (
    (numbers.is_mprn("mpxn"), of("given_mpxn", "is not an MPAN: it must have 13 digits.")),
    (f"{numbers.is_mpan('mpxn')} IS NOT TRUE", numbers.why_no_mpxn("given_mpxn", "MPAN")),
)
NO_MPRN: tuple[Case, ...] = (
    (numbers.is_mpan("mpxn"), of("given_mpxn", "is an MPAN; an MPRN has 1 to 10 digits.")),
    (f"{numbers.is_mprn('mpxn')} IS NOT TRUE", numbers.why_no_mpxn("given_mpxn", "MPRN")),
)


UNREAD_MPAN = (numbers.unread("given_mpxn", "mpxn", of=Fuel.ELECTRICITY),)
UNREAD_MPRN = (numbers.unread("given_mpxn", "mpxn", of=Fuel.GAS),)
"""The texts of numbers that cannot be read; see Parsed."""


def dropped(latest: date) -> dict[str, str]:
    """Why a line is kept without its date; see Parsed."""
    return {"flag_from": f"CASE WHEN flag_from > DATE '{latest}' THEN 'later than the file''s day' END"}


def flag_rows(checked: str, latest: date, **told: str) -> str:
    """The rows of the good lines. An update names no network; an MPAN has its network in it.

    A date after `latest` is none: it would outrank every real update. `told`: what the format tells besides, name of
    the column -> SQL.
    """
    accepted = f"({checked}) WHERE is_detail AND reason IS NULL"
    told |= {
        "flag_from": f"CASE WHEN flag_from <= DATE '{latest}' THEN flag_from END",
        "network": networks.network("mpxn", "NULL::VARCHAR"),
    }
    return canonical(Table.FLAGS, accepted, "mpxn", "flag", **told)


def changes(told: Told) -> Parsed:
    """Changes of a Meter Point's record that speak of the flag; see Flow.speaks."""
    group = told.flow.groups[told.flow.record]
    needed = group.items["flag"] + 1
    checked = checked_updates(told.lines(), needed, told.unknown, told.misplaced, *NO_MPAN)
    rows = flag_rows(f"FROM {CHECKED}", told.latest, point_status=DE_ENERGISED)
    return Parsed(checked, rows, unread=UNREAD_MPAN, statuses=_statuses(told), dropped=dropped(told.latest))


def _statuses(told: Told) -> str:
    """What the changes say of supply, whatever they say of the flag: de-energised, or nothing where it is on."""
    dated = "energisation_from" in told.flow.names
    since = dates.day("given_energisation_from") if dated else "NULL::DATE"
    return f"""
        SELECT mpxn, {DE_ENERGISED} AS point_status
        FROM (
            SELECT *, {numbers.number("given_mpxn")} AS mpxn, {since} AS since
            FROM ({told.group(told.flow.record)})
        )
        WHERE {numbers.is_mpan("mpxn")} AND upper(given_energisation) IN ('D', 'E')
            AND (since IS NULL OR since <= DATE '{told.day}')
        QUALIFY row_number() OVER (PARTITION BY mpxn ORDER BY line DESC) = 1
    """
