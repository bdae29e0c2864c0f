"""What the marks in the account say of how a thing was, where its run's journal is not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from jotgraph.apply.session import Session
from jotgraph.errors import ApplyError
from jotgraph.records import EcrImage, Function, Kind, ResourceId, Role, Trigger, kind_of, place_of
from jotgraph.records.quarantine import QUARANTINED, before_of
from jotgraph.store.holdings import hold

_ORDER = (Kind.TRIGGER, Kind.FUNCTION, Kind.ECR_IMAGE, Kind.ROLE)
"""How a quarantine sets things aside; a release goes the other way."""


def take_over(session: Session, run: str, named: Collection[ResourceId]) -> None:
    """Write into the journal how named resources were before ``run`` set them aside, by the tags
    that it left on functions and roles. Of an archived image and a disabled trigger, which carry
    none, the name is taken for it.

    Raises ApplyError, with nothing written, for one that the run did not mark, or that is gone.
    """
    in_order = sorted(named, key=lambda resource: (_ORDER.index(kind_of(resource)), resource))
    before = {resource: _before(session, run, resource) for resource in in_order}
    for resource, facts in before.items():
        hold(session.journal, resource, facts)


def _before(session: Session, run: str, resource: ResourceId) -> Mapping[str, Any]:
    record = session.read(resource)
    if record is None:
        raise ApplyError(f"{resource} is gone")
    if isinstance(record, Function | Role):
        return _marked(session, run, record)
    if isinstance(record, Trigger) and record.state == "Disabled":
        return {"state": "Enabled", "function": record.function_arn}
    if isinstance(record, EcrImage) and record.status == "ARCHIVED":
        return {"status": "ACTIVE"}
    raise ApplyError(f"{resource} is not in quarantine")


def _marked(session: Session, run: str, record: Function | Role) -> Mapping[str, Any]:
    tags = record.tags or ()
    mark, found = dict(tags).get(QUARANTINED, ""), before_of(tags)
    if mark.partition(" ")[0] != run:
        raise ApplyError(f"{record.id} is not marked by run {run}{f', but {mark}' if mark else ''}")
    wanted = {"trust", "role-id"} if isinstance(record, Role) else {"reserved"}
    if not wanted <= found.keys():
        raise ApplyError(f"the tags of {record.id} do not say how it was before")
    if isinstance(record, Role):
        return {**found, "mark": mark}
    account, region = place_of(record.id)
    partition = session.client(record.id).aws.session.get_partition_for_region(region)
    arn = f"arn:{partition}:lambda:{region}:{account}:function:{record.name}"
    return {"reserved": found["reserved"], "arn": arn, "mark": mark}
