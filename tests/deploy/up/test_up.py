"""``up`` on the example: from a folder to a function that answers, again, and with a change."""

from __future__ import annotations

import pytest

from jotgraph.queries.answers.up import Result, Stage
from jotgraph.records import Kind, kind_of, name_of
from tests.deploy.up.bench import Bench, Killed

NEW = {
    Stage.VALIDATE: Result.PASSED,
    Stage.BUILD: Result.CREATED,
    Stage.TEST: Result.PASSED,
    Stage.PUSH: Result.CREATED,
    Stage.DEPLOY: Result.CREATED,
    Stage.INVOKE: Result.PASSED,
}
CHANGING = ("Create", "Put", "Update", "Publish", "Delete", "Upload", "Initiate", "Complete", "Tag")


def results(made: object) -> dict[Stage, Result]:
    return {done.stage: done.result for done in made.stages}  # type: ignore[attr-defined]


def changing(bench: Bench) -> list[str]:
    return [name for name in bench.wire.names if name.partition(":")[2].startswith(CHANGING)]


def test_a_folder_becomes_a_function_that_answers(bench: Bench) -> None:
    made = bench.up()
    assert {**results(made), Stage.BUILD: Result.CREATED} == NEW
    assert made.test is not None
    assert made.invocation is not None
    assert (made.test.passed, made.invocation.passed) == (True, True)
    (path,) = [path for path in made.lineage.paths if kind_of(path.ids[-2]) is Kind.ALIAS]
    assert [kind_of(resource) for resource in path.ids] == [
        Kind.COMMIT,
        Kind.ECR_REPO,
        Kind.ECR_IMAGE,
        Kind.FUNCTION,
        Kind.VERSION,
        Kind.ALIAS,
        Kind.ROLE,
    ]
    assert path.commits == (bench.first,)
    assert name_of(path.ids[-1]) == "jotgraph-quote-us-east-1"


def test_the_same_again_makes_nothing(bench: Bench) -> None:
    first = bench.deployed()
    world = bench.world()
    again = bench.up()
    assert bench.world() == world
    assert changing(bench) == ["lambda:PublishVersion"], "which publishes nothing anew"
    assert results(again) == {
        **NEW,
        Stage.BUILD: Result.THERE,
        Stage.PUSH: Result.THERE,
        Stage.DEPLOY: Result.THERE,
    }
    assert again.run == f"{first.run}-2"
    assert again.lineage.paths == first.lineage.paths


def test_a_changed_line_is_another_version_behind_the_alias(bench: Bench) -> None:
    first = bench.deployed()
    sha = bench.change()
    second = bench.up()
    assert second.run != first.run
    assert results(second)[Stage.DEPLOY] is Result.CHANGED
    assert second.deployment.versions == ("version:123456789012/us-east-1/quote:2",)
    assert second.deployment.commits == (f"commit:{sha}",)
    images = [resource for resource in bench.world() if resource.startswith("ecr-image:")]
    assert len(images) == 2


def test_two_functions_of_one_repository(bench: Bench) -> None:
    quote, receipt = bench.deployed("quote"), bench.up("receipt")
    assert quote.deployment.commits == receipt.deployment.commits
    assert set(quote.deployment.images).isdisjoint(receipt.deployment.images)
    assert set(quote.deployment.roles).isdisjoint(receipt.deployment.roles)


def test_an_interrupted_run_that_asked_for_something_else_is_named(bench: Bench) -> None:
    def kill(number: int, name: str, after: bool) -> None:
        if name == "lambda:CreateFunction":
            bench.killed()()

    bench.wire.at = kill
    with pytest.raises(Killed):
        bench.up()
    (name,) = {entry.params["identity"].partition(".")[0] for entry in bench.entries()[:1]}
    bench.wire.restart()
    messages: list[str] = []
    made = bench.up(options=bench.options(memory=512), tell=messages.append)
    assert made.run.partition("-")[0] != name
    notice = "which asked for something else, was interrupted"
    assert [words for words in messages if notice in words] == [
        f"run {name} of up, {notice}: jotgraph undo {name} takes back what it made"
    ]
