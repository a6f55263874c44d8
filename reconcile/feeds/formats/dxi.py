"""The gas DCC Status File (DXI): A00, then one E45 record a flag update, then Z99 (RDIS section 3.29).

In: an Intake. Out: a Reading of flag rows, a delta. Called through FEEDS.
"""

from datetime import date

from reconcile.domain.tables import Table

from ..contract import Intake, Parsed
from ..files.framed import fields
from ..files.uk_link import SHAPE, UkLinkFeed
from ..sql import of
from .flag_updates import NO_MPRN, UNREAD_MPRN, checked_updates, dropped, flag_rows

PLACES = {"mpxn": 2, "flag": 3, "flag_from": 4}


def _sql(intake: Intake, latest: date) -> Parsed:
    other = of("code", "is not E45.", "Record type ")
    why = f"if(code = 'E46', 'This is an E46 response: load it as kind e46.', {other})"
    checked = checked_updates(fields(intake, SHAPE, PLACES), max(PLACES.values()), ("code <> 'E45'", why), *NO_MPRN)
    return Parsed(checked, flag_rows(checked, latest), unread=UNREAD_MPRN, dropped=dropped(latest))


FEED = UkLinkFeed("dxi", Table.FLAGS, "delta", record="E45", file_type="DXI", holds="updates", sql=_sql)
