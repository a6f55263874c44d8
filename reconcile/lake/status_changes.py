"""Alerts of changes of status as updates of their devices: the inventory's devices with what was told of them since.

In: an engine that knows inventory and alerts, and Inputs. Out: the table device_changes, and views of devices that it
changes. Called by lake.named.
"""

from datetime import timedelta

from reconcile.domain.alerts import COMMISSIONED_CODE, STATUS_FORMS
from reconcile.domain.tables import TABLES, Table
from reconcile.feeds.sql import literal

from .contract import Inputs
from .naming import Naming

TOLD = "told_"
"""Before the name of what the inventory tells of devices, where alerts change it."""
NO_CHANGE = """
    SELECT NULL::UBIGINT AS device_id, '' AS status, NULL::TIMESTAMP AS sent_at, '' AS code, 0 AS extract_order
    WHERE false
"""
"""The columns of device_changes: one row a device."""
UPDATED = ", told.as_of, told.extract_order"
"""What an update has beside the columns of its table."""


CHANGED = {
    "status": "coalesce(change.status, told.status) AS status",
    "status_from": "coalesce(change.sent_at::DATE, told.status_from) AS status_from",
}
"""The columns of a device that a change is about, with it."""


def name(to: Naming, inputs: Inputs) -> None:
    """Make `device_changes`, and the views of devices that are changed by it."""
    to.made("device_changes", _newest(inputs) if inputs.changes_until else NO_CHANGE)
    columns = ", ".join(CHANGED.get(column, f"told.{column}") for column in TABLES[Table.DEVICES].columns)
    for view, more in (("full_devices", ""), ("device_updates", UPDATED)) if inputs.changes_until else ():
        changed = "LEFT JOIN device_changes AS change ON change.device_id = told.device_id"
        to.view(view, f"SELECT {columns}{more} FROM {TOLD}{view} AS told {changed}")


def _newest(inputs: Inputs) -> str:
    """The newest change of each device since the inventory that shows it; one back to its old status is none."""
    day = literal(inputs.inventory.as_of.isoformat())
    until = literal(((inputs.changes_until or inputs.as_of) + timedelta(days=1)).isoformat())
    forms = ", ".join(f"({literal(form)}, {literal(status or '')})" for form, status in STATUS_FORMS.items())
    return f"""
        WITH newest AS (
            SELECT device_id, forms.status, sent_at, code, extract_order
            FROM alerts
            JOIN (VALUES {forms}) AS forms (form, status)
                ON form = CASE WHEN code = {literal(COMMISSIONED_CODE)} THEN code ELSE change END
            WHERE device_id IS NOT NULL AND sent_at >= DATE {day} AND sent_at < DATE {until}
            QUALIFY 1 = row_number() OVER (
                PARTITION BY device_id ORDER BY sent_at DESC, forms.status, code, extract_order
            )
        )
        SELECT newest.*
        FROM newest
        LEFT JOIN (
            SELECT device_id, max(as_of) AS as_of
            FROM {TOLD}device_updates SEMI JOIN newest USING (device_id)
            GROUP BY device_id
        ) AS updated USING (device_id)
        WHERE status <> '' AND (as_of IS NULL OR sent_at >= as_of)
    """
