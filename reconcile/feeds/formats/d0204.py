"""D0204, Selective or Full Refresh of MPAS Details: a supplier's own registration extract, from one distributor.

In: what its lines tell. Out: flag rows, and every flag that a Meter Point had. Called through FEEDS.
Whether it is full or selective is not in the file.
"""

from reconcile.domain.tables import Table
from reconcile.domain.vocabulary import FIRST_MPAN, LONGEST_CODE, Flag

from ..contract import Parsed
from ..files.groups import Flow, groups
from ..files.told import CHECKED, TABLE, Told
from ..files.user_files import UserFileFeed
from ..sql import canonical, first_reason, literal
from ..values import dates, flags, networks, numbers, postcodes
from .flag_updates import DE_ENERGISED, NO_MPAN, UNREAD_MPAN

FLOW = Flow(
    "D0204",
    "002",
    "Selective or Full Refresh of MPAS Details",
    groups("""
        751
            763
                440 1:mpxn 11:postcode
                    451
                    450 2:distributor
                    441
                        669
                        670
                    445 1:energisation 2:energisation_from
                    447
                    448
                    449
                    446
                    764
                    443
                    444
                    90H 1:flag 2:flag_from
                    91H
                    92H
                    93H
                    47M
                        48M
    """),
    record="440",
)
EPOCH = "DATE '0001-01-01'"
NO_DATE = f"coalesce(flag_from, {EPOCH})"


def _history(told: Told) -> str:
    """Every flag of the 90H groups, and why one cannot be read."""
    reason = first_reason(flags.no_flag("given_flag", "flag"), dates.no_day("given_flag_from", "flag_from"))
    return f"""
        SELECT *, {reason} AS reason FROM (
            SELECT record, line, given_flag, given_flag_from, {flags.flag("given_flag")}::VARCHAR AS flag,
                {dates.day("given_flag_from")} AS flag_from
            FROM ({told.group("90H")})
        )
    """


def _in_force(told: Told) -> str:
    """The flag of each record that is in force on the file's day: the latest whose date is not after it.

    Of two flags of one date A counts before I before N before none; `contradicted` says that there were two.
    """
    preferred = " ".join(f"WHEN '{flag}' THEN {len(Flag) - at}" for at, flag in enumerate(sorted(Flag)))
    order = f"CASE flag {preferred} ELSE 0 END"
    key = f"date_diff('day', {EPOCH}, {NO_DATE}) * 10"
    return f"""
        SELECT record, arg_max_null(flag, {key} + {order}) AS flag, arg_max_null(flag_from, {key}) AS flag_from,
            arg_max_null(flag, {key} - {order}) IS DISTINCT FROM arg_max_null(flag, {key} + {order}) AS contradicted
        FROM ({_history(told)}) WHERE reason IS NULL AND {NO_DATE} <= DATE '{told.day}' GROUP BY record
    """


def _energisation(told: Told) -> str:
    """The energisation status of each record on the file's day."""
    return f"""
        SELECT record, arg_max(given_energisation, coalesce(since, {EPOCH})) AS given_energisation
        FROM (SELECT *, {dates.day("given_energisation_from")} AS since FROM ({told.group("445")}))
        WHERE since IS NULL OR since <= DATE '{told.day}' GROUP BY record
    """


def _checked(told: Told) -> str:
    """Every 440 with what holds of its Meter Point, and why it cannot be loaded, with the line where that stands."""
    own = first_reason(told.unknown, told.misplaced, *NO_MPAN)
    wrong = f"""
        SELECT record, min(line) AS stands_at, arg_min(reason, line) AS why
        FROM ({_history(told)}) WHERE reason IS NOT NULL GROUP BY record
    """
    broken = "'Line ' || breaks_at || ' within this Meter Point cannot be read: its flag is not known.'"
    return f"""
        WITH held AS (
            SELECT *, {own} AS own
            FROM (SELECT *, {numbers.number("given_mpxn")} AS mpxn FROM ({told.lines()}))
        )
        SELECT if(own IS NULL, coalesce(stands_at, line), line) AS line, held.mpxn, given_mpxn,
            flag, flag_from, contradicted, energised.given_energisation, given_postcode,
            coalesce(own, why, {broken}) AS reason
        FROM (SELECT line, mpxn, given_mpxn, given_postcode, own FROM held) AS held
        LEFT JOIN ({_in_force(told)}) AS in_force ON in_force.record = held.line
        LEFT JOIN ({_energisation(told)}) AS energised ON energised.record = held.line
        LEFT JOIN ({wrong}) AS wrong ON wrong.record = held.line
        LEFT JOIN ({told.spoilt}) AS spoilt ON spoilt.record = held.line
    """


def _sql(told: Told) -> Parsed:
    supplier = told.addressee.upper()[:LONGEST_CODE]
    told_of = {
        "network": networks.network("mpxn", "NULL::VARCHAR"),
        "supplier": f"{literal(supplier) if supplier else 'NULL'}::VARCHAR",
        "point_status": DE_ENERGISED,
        "postcode_area": postcodes.area("given_postcode"),
        "postcode": postcodes.of_point("mpxn", "flag", "given_postcode"),
    }
    accepted = f"{CHECKED} WHERE reason IS NULL"
    rows = canonical(Table.FLAGS, accepted, "mpxn", "flag", "flag_from", **told_of)
    history = f"""
        SELECT mpxn, flag, flag_from FROM ({_history(told)}) AS held
        JOIN (SELECT line AS record, mpxn FROM {CHECKED} WHERE reason IS NULL) USING (record)
    """
    return Parsed(
        _checked(told),
        rows,
        unread=UNREAD_MPAN,
        history=history,
        contradicted=_contradicted(told),
        notes=_notes(told),
    )


def _contradicted(told: Told) -> str:
    """The Meter Points that have two flags from one day, the one that is in force."""
    flag = "coalesce(flag, 'none')"
    return f"""
        SELECT mpxn, {networks.network("mpxn", "NULL::VARCHAR")}::VARCHAR AS network, flags
        FROM (SELECT line AS record, mpxn FROM {CHECKED} WHERE reason IS NULL AND contradicted)
        JOIN (
            SELECT record, array_to_string(list(DISTINCT {flag} ORDER BY {flag}), ', ') AS flags
            FROM (
                FROM ({_history(told)}) WHERE reason IS NULL AND {NO_DATE} <= DATE '{told.day}'
                QUALIFY {NO_DATE} = max({NO_DATE}) OVER (PARTITION BY record)
            ) GROUP BY record
        ) USING (record)
    """


def _notes(told: Told) -> tuple[tuple[str, str], ...]:
    elsewhere = f"""
        SELECT count(DISTINCT place.record) FROM ({told.group("450")}) AS place
        JOIN (SELECT line AS record, mpxn FROM {CHECKED} WHERE reason IS NULL) AS held USING (record)
        WHERE given_distributor <> CAST(mpxn // {FIRST_MPAN // 10} AS VARCHAR)
    """
    return (
        (
            elsewhere,
            "{count} Meter Points name another distributor (450) than their MPAN does; that of the MPAN is used.",
        ),
        (
            f"SELECT count(*) FROM {CHECKED} WHERE reason IS NULL AND contradicted",
            "{count} Meter Points have two flags from one day (90H); A counts before I, N and none.",
        ),
        (
            "SELECT 1" if not told.addressee else f"SELECT 0 FROM {TABLE} LIMIT 0",
            "The header names no addressee, so the supplier of its Meter Points is not known.",
        ),
    )


FEED = UserFileFeed("d0204", Table.FLAGS, None, flow=FLOW, sql=_sql)
