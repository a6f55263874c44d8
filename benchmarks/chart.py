"""A chart of cost a Meter Point against size, as an SVG that stands alone.

In: results. Out: SVG text. Called by report.
"""

from html import escape
from itertools import pairwise
from math import log10
from typing import Any

WIDTH, HEIGHT = 860, 440
LEFT, RIGHT, TOP, BOTTOM = 64, 250, 44, 52
COLOURS = ("#0b5cad", "#d1495b", "#3a3a3a", "#8a8a8a", "#2e8b57", "#b8860b", "#7b4ea3", "#00838f")
Points = list[tuple[float, float]]


def cost_per_point(results: list[dict[str, Any]]) -> str:
    """Microseconds a Meter Point against millions of points; both axes are logarithmic."""
    lines = gathered(results)
    costs = [cost for points in lines.values() for _, cost in points] or [1.0]
    sizes = [size for points in lines.values() for size, _ in points] or [1.0]
    across = Axis(min(sizes) / 1.3, max(sizes) * 1.3, LEFT, WIDTH - RIGHT)
    up = Axis(min(costs) / 1.3, max(costs) * 1.3, HEIGHT - BOTTOM, TOP)
    parts = [frame(across, up, sorted(set(sizes)))]
    labels = spaced({title: up.at(points[-1][1]) for title, points in lines.items()})
    for number, (title, points) in enumerate(lines.items()):
        places = [(across.at(size), up.at(cost)) for size, cost in points]
        name = f"{title} {points[-1][1]:.2g}"
        parts.append(line(name, places, colour=COLOURS[number % len(COLOURS)], label=labels[title]))
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        f'font-size="13" role="img" aria-label="Cost a Meter Point against size">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n{body}\n</svg>\n'
    )


def gathered(results: list[dict[str, Any]]) -> dict[str, Points]:
    """Title -> (size, cost), the newest result of each size."""
    newest = {result["size"]: result for result in results}
    lines: dict[str, Points] = {}
    for size, result in sorted(newest.items()):
        for row in result["rows"]:
            lines.setdefault(row["title"], []).append((size, row["seconds"] / result["points"] * 1e6))
    return lines


class Axis:
    """A logarithmic scale between two places."""

    def __init__(self, low: float, high: float, start: float, end: float) -> None:
        self.low, self.high, self.start, self.end = low, high, start, end

    def at(self, value: float) -> float:
        """Where a value is."""
        share = (log10(value) - log10(self.low)) / (log10(self.high) - log10(self.low))
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self) -> list[float]:
        """1, 2 and 5 of each power of ten within the scale."""
        candidates = [step * 10.0**power for power in range(-3, 4) for step in (1, 2, 5)]
        return [value for value in candidates if self.low <= value <= self.high]


def frame(across: Axis, up: Axis, sizes: list[float]) -> str:
    """Axes, grid and words."""
    parts = [f'<text x="{LEFT}" y="24" font-size="15">Microseconds a Meter Point, from files to result</text>']
    for value in up.ticks():
        y = up.at(value)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y}" y2="{y}" stroke="#ddd"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4}" text-anchor="end">{value:g}</text>')
    for size in sizes:
        x = across.at(size)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{TOP}" y2="{HEIGHT - BOTTOM}" stroke="#eee"/>')
        parts.append(f'<text x="{x}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{size:g}</text>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text x="{middle}" y="{HEIGHT - 12}" text-anchor="middle">millions of Meter Points</text>')
    return "\n".join(parts)


def spaced(places: dict[str, float], gap: float = 17) -> dict[str, float]:
    """Labels moved down until none covers another."""
    ordered = sorted(places, key=places.__getitem__)
    moved = dict(places)
    for above, below in pairwise(ordered):
        moved[below] = max(moved[below], moved[above] + gap)
    return moved


def line(name: str, places: Points, *, colour: str, label: float) -> str:
    """One way to do it, with its name where it ends."""
    width = 3 if name.startswith("the product") else 1.5
    path = " ".join(f"{x},{y}" for x, y in places)
    dots = "".join(f'<circle cx="{x}" cy="{y}" r="3.5" fill="{colour}"/>' for x, y in places)
    words = f'<text x="{WIDTH - RIGHT + 14}" y="{label + 4}" fill="{colour}">{escape(name)}</text>'
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>{dots}{words}'
