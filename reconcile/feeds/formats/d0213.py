"""D0213, Advice from MPAS of Changed Metering Point Details: changes for a supplier.

In: what its lines tell. Out: flag rows of the changes that speak of the flag, a delta. Called through FEEDS.
"""

from reconcile.domain.tables import Table

from ..files.groups import Flow, groups
from ..files.user_files import UserFileFeed
from .flag_updates import changes

FLOW = Flow(
    "D0213",
    "002",
    "Advice from MPAS of Changed Metering Point Details",
    groups("""
        753
            480 3:mpxn 6:energisation 7:energisation_from 30:flag 31:flag_from
                57M
    """),
    record="480",
    speaks=("flag", "flag_from"),
)
FEED = UserFileFeed("d0213", Table.FLAGS, "delta", flow=FLOW, sql=changes)
