"""The resource that a rule judges, with everything it is compared with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import NamedTuple, TypeAlias

from jotgraph.analysis.health.commands import NO_COMMAND, Command, ours
from jotgraph.analysis.health.model import Code, Fact, Finding, Severity
from jotgraph.analysis.health.names import argument
from jotgraph.analysis.health.table import READS, TABLE, UNREAD
from jotgraph.analysis.lag.model import Standing
from jotgraph.analysis.usage import Options
from jotgraph.analysis.usage.verdicts import Verdicts, verdicts
from jotgraph.graph import ResourceGraph, about
from jotgraph.records import Node, Place, ResourceId

_EVERY_ACCOUNT = ours(
    "scan",
    ("--accounts", "organization"),
    ("--role-arn", "arn:aws:iam::{account}:role/jotgraph"),
)
_HERE, _EVERY_REGION = ours("scan"), ours("scan", ("--region", "all"))


class Subject(NamedTuple):
    """One resource under judgement, and what it is compared with."""

    graph: ResourceGraph
    id: ResourceId
    node: Node
    ref: str | None
    """Branch or tag to compare commits with; None is each repository's HEAD."""
    options: Options
    """The options that decide what is an orphan."""

    @property
    def now(self) -> datetime:
        """The time of the scan, when the facts were true."""
        return about(self.graph).taken_at

    @property
    def verdicts(self) -> Verdicts:
        """The verdicts on use."""
        return verdicts(self.graph, self.options, self.now)

    def command(self, name: str, resource: ResourceId | None = None) -> Command:
        """Return a command about this resource or another one."""
        return ours(name, argument(self.graph, resource or self.id))

    def scan_of(self, place: Place) -> Command:
        """Return the scan that also reads a place: another region, or another account."""
        scope = about(self.graph).scope
        if place.account and place.account not in scope.accounts:
            return _EVERY_ACCOUNT
        read = place in scope.places or (not place.region and self._reads_everywhere)
        return _HERE if read else _EVERY_REGION

    @property
    def _reads_everywhere(self) -> bool:
        """Whether every region that is known to be enabled was read."""
        scope = about(self.graph).scope
        return set(scope.enabled) <= set(scope.places)

    def finding(
        self,
        code: Code,
        statement: str,
        next: Command = NO_COMMAND,
        *,
        fault: ResourceId | None = None,
        word: str = "",
        unread: Fact | None = None,
        label: str = "",
        lag: Standing | None = None,
    ) -> Finding:
        """Create a finding with the severity from the table, and its word unless another is given.
        ``label`` is the word without details; ``fault`` is where the cause lies, if not here."""
        return Finding(
            resource=self.id,
            code=code,
            severity=TABLE[code].severity,
            word=word or TABLE[code].word,
            statement=statement,
            next=next,
            about=fault or self.id,
            unread=unread,
            label=label,
            lag=lag,
        )

    def unknown(
        self, code: Code, fact: Fact, statement: str, next: Command | None = None
    ) -> Finding:
        """Create a finding that a fact was not read, so that nobody can tell. The recommended
        command is the scan that reads it, unless another is given."""
        return Finding(
            resource=self.id,
            code=code,
            severity=Severity.UNKNOWN,
            word=UNREAD[fact],
            statement=statement,
            next=READS[fact] if next is None else next,
            about=self.id,
            unread=fact,
        )


Rule: TypeAlias = Callable[[Subject], Iterator[Finding]]
