"""The cast for every test of the web, and a browser of each person."""

from collections.abc import Callable

import pytest
from django.test import Client

from .cast import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def browse(cast: Cast) -> Callable[[str], Client]:
    """A logged-in browser by the person's part."""

    def as_person(part: str) -> Client:
        client = Client()
        client.force_login(getattr(cast, part))
        return client

    return as_person
