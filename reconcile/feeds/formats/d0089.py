"""D0089, Notification from MPAS of Changed Metering Point Details: changes for a supplier.

In: what its lines tell. Out: flag rows of the changes that speak of the flag, a delta. Called through FEEDS.
"""

from reconcile.domain.tables import Table

from ..files.groups import Flow, groups
from ..files.user_files import UserFileFeed
from .flag_updates import changes

FLOW = Flow(
    "D0089",
    "002",
    "Notification from MPAS of Changed Metering Point Details",
    groups("""
        743
            201 3:mpxn 20:energisation 26:flag 27:flag_from
                23M
    """),
    record="201",
    speaks=("flag", "flag_from"),
)
FEED = UserFileFeed("d0089", Table.FLAGS, "delta", flow=FLOW, sql=changes)
