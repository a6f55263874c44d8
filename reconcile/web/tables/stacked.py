"""Tables whose rows are a few lines on a phone: each value then says its column, with or without a script.

In: a table as HTML, or the titles of its columns. Out: the titles as the style of the table, which site.css writes
before the values. Called by web.tables, and by templates through the tag `stacked`.
"""

import re
from collections.abc import Iterable
from html import unescape

from django.template import Context, Node, NodeList
from django.template.base import Parser, Token
from django.utils.html import format_html, strip_tags
from django.utils.safestring import SafeString, mark_safe

from .. import words

MOST = 20
"""So many columns site.css names."""
HEAD = re.compile(r"<thead.*?</thead>", re.DOTALL)
CELL = re.compile(r"<t[hd]\b[^>]*>(.*?)</t[hd]>", re.DOTALL)
ARROWS = re.compile("[▲▼]")
NOTHING = {
    f"<td>{words.NONE}</td>": f'<td class="none">{words.NONE}</td>',
    f'<td class="number">{words.NONE}</td>': f'<td class="number none">{words.NONE}</td>',
}
"""Cells with a dash for a value, of which a phone shows neither the column nor the dash."""


def style_of(titles: Iterable[str]) -> SafeString:
    """The titles of columns as attributes of a table: each a string of CSS, by its place."""
    said = (re.sub(r'[\\"]', "", " ".join(one.split())) for one in titles)
    parts = [f'--h{place}:"{title} "' for place, title in enumerate(said, start=1) if title and place <= MOST]
    return format_html('data-stacked style="{}"', ";".join(parts))


def stacked(table: str) -> str:
    """A table with one row of heads, which are named beside its values where there is no room for columns."""
    head = HEAD.search(table)
    titles = CELL.findall(head.group()) if head else []
    style = style_of(ARROWS.sub("", unescape(strip_tags(one))) for one in titles)
    for dash, marked in NOTHING.items():
        table = table.replace(dash, marked)
    return table.replace("<table", f"<table {style}", 1)


class Stacked(Node):
    """What stands between the tags, stacked."""

    def __init__(self, nodes: NodeList) -> None:
        self.nodelist = nodes

    def render(self, context: Context) -> SafeString:
        """The table; its parts are escaped already."""
        return mark_safe(stacked(self.nodelist.render(context)))  # noqa: S308 # nosec B308, B703


def tag(parser: Parser, token: Token) -> Stacked:
    """`{% stacked %}<table>...</table>{% endstacked %}`."""
    nodes = parser.parse(("endstacked",))
    parser.delete_first_token()
    return Stacked(nodes)
