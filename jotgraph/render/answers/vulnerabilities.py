"""Vulnerabilities of an image as cells of a table."""

from __future__ import annotations

from jotgraph.analysis.vulnerabilities.model import Vulnerabilities

COLUMNS = ("critical", "high", "scanned_at", "scan_unknown")


def scan_cells(scan: Vulnerabilities | None) -> tuple[object, ...]:
    """Return cells of CSV, by ``COLUMNS``: empty without counts, and the reason."""
    if scan is None:
        return (None,) * len(COLUMNS)
    return (scan.count("CRITICAL"), scan.count("HIGH"), scan.scanned_at, scan.unknown or None)
