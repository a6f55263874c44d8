"""A lake of its own for each test of alerts."""

import pytest


@pytest.fixture(autouse=True)
def own_folders(lake_dir, settings, tmp_path_factory):
    """Nothing of the test before."""
    settings.VAR_DIR = tmp_path_factory.mktemp("var")
