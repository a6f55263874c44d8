"""Where static files come from that no Django app ships: plotly.js, from the plotly wheel.

In: a path under STATIC_URL. Out: the file. Called by collectstatic and runserver.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import plotly
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

FOLDER = Path(plotly.__file__).parent / "package_data"
FILE = "plotly.min.js"
PREFIX = "plotly"


class PlotlyFinder(BaseFinder):
    """Gives `plotly/plotly.min.js` and nothing else of the wheel."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.storage = FileSystemStorage(location=FOLDER)
        self.storage.prefix = PREFIX  # type: ignore[attr-defined]  # collectstatic reads it

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        """The file's place, or nothing."""
        found = str(FOLDER / FILE) if path == f"{PREFIX}/{FILE}" else None
        return ([found] if found else []) if find_all else found or []

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        """The one file."""
        yield FILE, self.storage
