"""A VAR_DIR and a lake for each test of the ledger: rows are rolled back after a test, and files would stay."""

import pytest


@pytest.fixture(autouse=True)
def own_folders(lake_dir, settings, tmp_path_factory):
    """Nothing of the test before."""
    settings.VAR_DIR = tmp_path_factory.mktemp("var")
    (settings.VAR_DIR / "incoming").mkdir()
