"""Records grouped by kind; within a kind by id, in sorted order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import chain
from typing import Any, NamedTuple

from jotgraph.links.ecr_images import EcrImages, indexed
from jotgraph.records import (
    KINDS,
    RECORDS,
    EcrImage,
    Function,
    Inventory,
    Kind,
    Record,
    ResourceId,
    Version,
)

_KINDS = sorted(KINDS, key=lambda kind: f"{kind.value}:")
"""The kinds in the order in which their ids sort."""


class ByKind(NamedTuple):
    """The records of an inventory, grouped by kind."""

    others: Mapping[type[Record], dict[ResourceId, Any]]
    """Records of every kind but ECR images, by the record's class."""
    ecr: EcrImages

    def of(self, kind: Kind) -> Iterable[tuple[ResourceId, Any]]:
        """Ids and records of one kind, sorted by id."""
        return self.ecr.items() if kind is Kind.ECR_IMAGE else self.others[RECORDS[kind]].items()

    def ids(self, kind: Kind) -> Iterable[ResourceId]:
        """Ids of one kind, sorted."""
        if kind is Kind.ECR_IMAGE:
            return chain.from_iterable(self.ecr.in_repositories.values())
        return self.others[RECORDS[kind]]

    def by_id(self) -> dict[ResourceId, Record]:
        """Every record by its id, sorted by id."""
        records: dict[ResourceId, Record] = {}
        for kind in _KINDS:
            if kind is Kind.ECR_IMAGE:
                for images in self.ecr.in_repositories.values():
                    records.update(images)
            else:
                records.update(self.others[RECORDS[kind]])
        return records


def of_inventory(inventory: Inventory) -> ByKind:
    """Group the records of an inventory."""
    return _by_kind({RECORDS[kind]: inventory.of_kind(kind) for kind in KINDS})


def of_records(records: Iterable[Record]) -> ByKind:
    """Group records of any kinds."""
    lists: dict[type[Record], list[Record]] = {record: [] for record in RECORDS.values()}
    for record in records:
        lists[type(record)].append(record)
    return _by_kind(lists)


def _by_kind(lists: Mapping[type[Record], Iterable[Any]]) -> ByKind:
    return ByKind(
        {kind: _in_order(records) for kind, records in lists.items() if kind is not EcrImage},
        indexed(lists[EcrImage], chain[Function | Version](lists[Function], lists[Version])),
    )


def _in_order(records: Iterable[Record]) -> dict[ResourceId, Record]:
    known = {record.id: record for record in records}
    ids = list(known)
    in_order = sorted(ids)
    return known if ids == in_order else {resource: known[resource] for resource in in_order}
