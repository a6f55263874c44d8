"""What a run reads is settled at one moment, whatever is loaded in the meantime."""

from datetime import date

import pytest

from reconcile.domain.tables import Table
from reconcile.ledger import inputs

from .market import put

DAY, LATER = date(2025, 3, 3), date(2025, 3, 4)
POINT = 1000000000012
FLAG = {"mpxn": POINT, "flag": "A", "flag_from": date(2021, 1, 1), "network": "10"}
METER = {"device_id": "00-DB-12-34-56-78-90-A0", "device_type": "ESME", "status": "Commissioned", "mpxn": POINT}
FILES = {
    "full": (Table.FLAGS, "full", [FLAG]),
    "update": (Table.FLAGS, "delta", [FLAG]),
    "inventory": (Table.DEVICES, "full", [METER]),
}


@pytest.mark.django_db
@pytest.mark.parametrize("kind", FILES)
def test_a_file_that_is_loaded_while_a_run_chooses_is_none_of_its_files(monkeypatch, kind):
    kept = [put(Table.FLAGS, "full", DAY, [FLAG]).pk, put(Table.DEVICES, "full", DAY, [METER]).pk]
    ordered = inputs.data_order
    table, coverage, rows = FILES[kind]

    def data_order(extracts):
        order = ordered(extracts)
        put(table, coverage, LATER, rows)
        return order

    monkeypatch.setattr(inputs, "data_order", data_order)

    assert [pk for pk, _ in inputs.select(LATER).sources] == kept
