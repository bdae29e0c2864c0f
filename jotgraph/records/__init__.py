"""What was read of the world: kinds, ids, records, gaps, and the inventory that holds them.

Frozen data only: no client, no behaviour but the id and plain views of a record's own fields.
``None`` always means *the source does not say, or it was not read*; an empty tuple means *read,
and there are none*. Every ``datetime`` is aware (UTC).
"""

from __future__ import annotations

from jotgraph.records.content import BuildInput, ContentMatch, ContentVerdict, FileFact, Touched
from jotgraph.records.docker import Container, LocalImage
from jotgraph.records.ecr import (
    Child,
    EcrImage,
    EcrRepository,
    ImageType,
    Layer,
    Registry,
    Statement,
)
from jotgraph.records.fields import Pairs, pairs
from jotgraph.records.gaps import Gap, Missing
from jotgraph.records.git import Commit, GitRepository
from jotgraph.records.iam import Role
from jotgraph.records.ids import (
    Kind,
    ResourceId,
    alias_id,
    commit_id,
    container_id,
    ecr_image_id,
    ecr_repo_id,
    function_id,
    key_of,
    kind_of,
    local_image_id,
    name_of,
    role_id,
    shortened,
    trigger_id,
    version_id,
)
from jotgraph.records.inventory import Inventory, Node, Record, Scope
from jotgraph.records.lambda_ import Alias, Function, Trigger, Version

__all__ = [
    "Alias",
    "BuildInput",
    "Child",
    "Commit",
    "Container",
    "ContentMatch",
    "ContentVerdict",
    "EcrImage",
    "EcrRepository",
    "FileFact",
    "Function",
    "Gap",
    "GitRepository",
    "ImageType",
    "Inventory",
    "Kind",
    "Layer",
    "LocalImage",
    "Missing",
    "Node",
    "Pairs",
    "Record",
    "Registry",
    "ResourceId",
    "Role",
    "Scope",
    "Statement",
    "Touched",
    "Trigger",
    "Version",
    "alias_id",
    "commit_id",
    "container_id",
    "ecr_image_id",
    "ecr_repo_id",
    "function_id",
    "key_of",
    "kind_of",
    "local_image_id",
    "name_of",
    "pairs",
    "role_id",
    "shortened",
    "trigger_id",
    "version_id",
]
