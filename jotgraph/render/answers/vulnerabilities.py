"""Vulnerabilities of an image as cells of a table."""

from __future__ import annotations

from jotgraph.analysis.vulnerabilities.model import Vulnerabilities

COLUMNS = ("critical", "high", "scanned_at", "scan_unknown")


def scan_cells(found: Vulnerabilities | None) -> tuple[object, ...]:
    """Cells of CSV, by ``COLUMNS``: empty where nobody counted, and why nobody knows."""
    if found is None:
        return (None,) * len(COLUMNS)
    return (found.count("CRITICAL"), found.count("HIGH"), found.scanned_at, found.unknown or None)
