"""What an examination found, by id."""

from __future__ import annotations

from jotgraph.queries.answers.diagnosis import Assumption, Diagnosis, ExaminationResult

UNTRIED = {
    "trigger-of-a-lost-function": "only a deletion would show it",
    "delete-by-digest": "only a deletion would show it",
    "replicas-stay": "only a deletion would show it",
    "archived-repository": "only a deletion would show it",
    "own-pull-recorded": "it reads a manifest, which ECR counts as a pull: ask for it with --pulls",
}


def by_id(diagnosis: Diagnosis) -> dict[str, Assumption]:
    return {assumption.id: assumption for assumption in diagnosis.assumptions}


def failing(diagnosis: Diagnosis) -> set[str]:
    return {
        assumption.id
        for assumption in diagnosis.assumptions
        if assumption.result is ExaminationResult.FAILS
    }
