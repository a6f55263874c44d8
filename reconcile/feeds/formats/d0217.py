"""D0217, Confirmation of the Registration of a Metering Point: changes for a supplier.

In: what its lines tell. Out: flag rows of the changes that speak of the flag, a delta. Called through FEEDS.
"""

from reconcile.domain.tables import Table

from ..files.groups import Flow, groups
from ..files.user_files import UserFileFeed
from .flag_updates import changes

FLOW = Flow(
    "D0217",
    "002",
    "Confirmation of the Registration of a Metering Point",
    groups("""
        754
            492 3:mpxn 18:energisation 34:flag 35:flag_from
                58M
    """),
    record="492",
    speaks=("flag", "flag_from"),
)
FEED = UserFileFeed("d0217", Table.FLAGS, "delta", flow=FLOW, sql=changes)
