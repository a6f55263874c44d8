"""What every test may use. The settings of a session (its own VAR_DIR) are in tests/settings.py."""

import shutil

import pytest
from django.conf import settings as django_settings


def pytest_unconfigure(config):
    """The session's VAR_DIR ends with it."""
    if "VAR_DIR" in dir(django_settings) and "dccflags-test-" in str(django_settings.VAR_DIR):
        shutil.rmtree(django_settings.VAR_DIR, ignore_errors=True)


@pytest.fixture
def lake_dir(tmp_path, settings):
    """An empty lake for one test."""
    settings.LAKE_DIR = tmp_path / "lake"
    settings.LAKE_DIR.mkdir()
    return settings.LAKE_DIR
