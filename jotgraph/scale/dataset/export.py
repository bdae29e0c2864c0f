"""Writes an inventory to a dataset, and reports what was written."""

from __future__ import annotations

from jotgraph.queries.answers.dataset import Exported, TableWritten
from jotgraph.records import Inventory
from jotgraph.scale.dataset.places import dataset
from jotgraph.scale.dataset.tables import TABLES
from jotgraph.scale.dataset.writing import write


def export_to(location: str, inventory: Inventory) -> Exported:
    """Write an inventory to a folder or a bucket. Raises ExtraError and DatasetError."""
    manifest = write(inventory, dataset(location))
    tables = []
    for table in TABLES:
        files = [file for file in manifest.files if file.table == table.name]
        rows, size = sum(file.rows for file in files), sum(file.bytes for file in files)
        tables.append(TableWritten(table.name, len(files), rows, size))
    return Exported(location, manifest.scan, tuple(tables))
