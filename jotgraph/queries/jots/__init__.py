"""The table of deployments (jots): one row for each code that a function runs, and unused images on
request."""

from jotgraph.queries.jots.filters import Only, Whereabouts
from jotgraph.queries.jots.table import jots

__all__ = ["Only", "Whereabouts", "jots"]
