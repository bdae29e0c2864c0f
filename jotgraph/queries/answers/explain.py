"""The answers of ``show`` and ``why``: one resource, and the evidence for its links."""

from __future__ import annotations

import msgspec

from jotgraph.analysis.health import Finding
from jotgraph.analysis.lag.model import Source, Standing
from jotgraph.analysis.provenance.model import Claims
from jotgraph.graph import About
from jotgraph.links import Evidence
from jotgraph.records import Node, ResourceId


class ExplainedLink(msgspec.Struct, frozen=True):
    """One edge with all its evidence, strongest first."""

    source: ResourceId
    target: ResourceId
    evidence: tuple[Evidence, ...]


class Why(msgspec.Struct, frozen=True):
    """The edges between two resources (or around one), in the order of the path."""

    about: About
    ends: tuple[ResourceId, ...]
    links: tuple[ExplainedLink, ...]
    claims: Claims
    """For an image, or what runs one: all claims about its commits."""


class Shown(msgspec.Struct, frozen=True):
    """One resource: its record, its commits and its edges."""

    about: About
    node: Node
    claims: Claims
    standing: Standing
    source: Source
    findings: tuple[Finding, ...]
    """Its findings and unread facts, worst first."""
    dependencies: tuple[ExplainedLink, ...]
    dependents: tuple[ExplainedLink, ...]
