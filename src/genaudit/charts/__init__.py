"""The charts: each a function from an audit's frame to an Altair chart, for notebooks and for the report page."""

from altair import LayerChart as Chart

from genaudit.charts.chains import MOST_DRAWN, broken_chains
from genaudit.charts.counts import causes, classes, findings_by_code, link_states
from genaudit.charts.fields import completeness
from genaudit.charts.interactive import brushable, clickable
from genaudit.charts.kin import kin
from genaudit.charts.lengths import lengths
from genaudit.charts.migration import exclusions, planned_renames
from genaudit.charts.quotes import quotes_by_kind
from genaudit.charts.rebuild import rebuild_costs, rebuild_matrix
from genaudit.charts.scores import scores

__all__ = [
    "MOST_DRAWN",
    "Chart",
    "broken_chains",
    "brushable",
    "causes",
    "classes",
    "clickable",
    "completeness",
    "exclusions",
    "findings_by_code",
    "kin",
    "lengths",
    "link_states",
    "planned_renames",
    "quotes_by_kind",
    "rebuild_costs",
    "rebuild_matrix",
    "scores",
]
