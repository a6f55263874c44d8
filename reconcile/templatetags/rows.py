"""The body of a table.

In: a django_tables2 table. Out: its rows as HTML. Called by templates/reconcile/table.html.
"""

import django_tables2
from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def body_rows(table: django_tables2.Table) -> SafeString:
    """The rows of the page that is shown; what a column asks of its cells is asked once, and not for every row."""
    opening = {column.name: format_html("<td {}>", column.attrs["td"].as_html()) for column in table.columns}
    return format_html_join(
        "\n",
        "<tr>{}</tr>",
        (
            (format_html_join("", "{}{}</td>", ((opening[column.name], cell) for column, cell in row.items())),)
            for row in table.paginated_rows
        ),
    )
