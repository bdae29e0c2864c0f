"""The verdicts that an engine wrote beside a dataset, and how many the whole has."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pyarrow.parquet

from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.scale.tallies import Tally


def written_verdicts(folder: Path, scan: str) -> tuple[Judgement, ...]:
    """Every judgement in the files of a scan's verdicts, in the order of the ids."""
    written = [
        row
        for file in (folder / "verdicts" / scan).iterdir()
        for row in pyarrow.parquet.read_table(file).to_pylist()
    ]
    judgements = [msgspec.json.decode(row["judgement"], type=Judgement) for row in written]
    return tuple(sorted(judgements, key=lambda judgement: judgement.id))


def tally_of(answer: Orphans) -> Tally:
    """The counts that an engine tells of these verdicts."""
    return Tally(
        len(answer.in_use),
        len(answer.orphans),
        len(answer.unknown),
        answer.freed.ecr,
        answer.freed.ecr_at_most,
    )
