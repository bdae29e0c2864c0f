"""The mark of a resource that is put in quarantine, and the proof that it is."""

from __future__ import annotations

from datetime import UTC, datetime

from jotgraph.apply.quarantine.tagging import mark_facts
from jotgraph.apply.run import Run
from jotgraph.apply.session import Session
from jotgraph.errors import NotProvenError
from jotgraph.plan import Step
from jotgraph.plan.held import facts_of
from jotgraph.records import Function, Trigger
from jotgraph.sources.quarantine import surroundings


def new_mark(session: Session) -> str:
    """Return the mark of a run from now on, which is the tag's value: the run and the time."""
    return f"{session.run} {datetime.now(UTC).isoformat(timespec='seconds')}"


def write_proof(run: Run, step: Step) -> None:
    """Write the state of a resource in quarantine: to its tags, and to the journal."""
    record, facts = _facts(run, step)
    mark_facts(run.session, step.id, record.tags or (), facts)
    run.journal.add("held", steps=(step.id,), params=_facts(run, step)[1])


def _facts(run: Run, step: Step) -> tuple[Function | Trigger, dict[str, str]]:
    record = run.session.read(step.id)
    if not isinstance(record, Function | Trigger):
        raise NotProvenError("it is gone")
    return record, facts_of(record) | surroundings(run.connections, record)
