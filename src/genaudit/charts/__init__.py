"""The charts: each a function from an audit's frame to an Altair chart, for notebooks and for the report page."""

from genaudit.charts.chains import MOST_DRAWN, broken_chains
from genaudit.charts.counts import causes, classes, findings_by_code, link_states
from genaudit.charts.fields import completeness
from genaudit.charts.lengths import lengths
from genaudit.charts.quotes import quotes_by_kind

__all__ = [
    "MOST_DRAWN",
    "broken_chains",
    "causes",
    "classes",
    "completeness",
    "findings_by_code",
    "lengths",
    "link_states",
    "quotes_by_kind",
]
