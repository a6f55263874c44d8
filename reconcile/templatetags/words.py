"""The words and links of pages as template filters and tags. What they say is in web.words and web.links."""

from django import template

from reconcile.domain.vocabulary import mpxn_text
from reconcile.web import facet_lists, links, words, work_words
from reconcile.web.tables import alerts as alert_columns
from reconcile.web.tables import stacked

register = template.Library()
register.filter("mpxn", mpxn_text)
register.tag("stacked", stacked.tag)
for write in (
    words.plain,
    words.day,
    words.moment,
    words.amount,
    words.expected,
    words.lift,
    words.change,
    words.size,
    words.per_1000,
    words.actor,
    words.others,
    words.seconds,
    words.flag_words,
    words.flag_code,
    words.flag_to_expected,
    words.rule_title,
    words.shows_words,
    words.statuses,
    work_words.linked,
    work_words.said,
    work_words.work_tag,
    work_words.details,
):
    register.filter(write.__name__, write)
for write_tag in (
    words.figure,
    words.of_party,
    words.severity_tag,
    words.state_tag,
    words.job_tag,
    words.verdict_mark,
    words.grouped,
    words.rate,
    words.wrong_since,
    facet_lists.facet_list,
):
    register.simple_tag(write_tag)
register.simple_tag(alert_columns.class_tag, name="alert_class")
register.simple_tag(alert_columns.line_words, name="alert_line")
register.simple_tag(links.discrepancies, name="discrepancies_url")
register.filter("cell_url", links.cell)
register.filter("view_url", links.view)
register.simple_tag(links.cohort, name="cohort_url")
register.simple_tag(links.mismatches, name="mismatches_url")
