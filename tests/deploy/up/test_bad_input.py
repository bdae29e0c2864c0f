"""What ``up`` says of what cannot work, before or while it is done, and what it made by then."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from jotgraph.deploy.build import BuildOptions, Built, InvalidFolderError
from jotgraph.deploy.push import PackedImage
from jotgraph.deploy.up import CasesFailedError, StageError, UpOptions
from jotgraph.deploy.up.preview import preview
from jotgraph.errors import NotThereError, OptionError
from jotgraph.queries.answers.up import Result, Stage, UpPlan
from jotgraph.sandbox import seed
from jotgraph.sandbox.seed.ecr import INDEX, MANIFEST
from jotgraph.sandbox.workshop import SandboxWorkshop
from tests.deploy.up.bench import Bench

ROLE = "arn:aws:iam::123456789012:role/app"


def planned(bench: Bench) -> UpPlan:
    return preview(
        bench.project.path,
        "quote.app.handler",
        "quote",
        bench.wire.clients,
        bench.options(),
    )


def result(plan: UpPlan, stage: Stage) -> tuple[Result, str]:
    return next((done.result, done.statement) for done in plan.stages if done.stage is stage)


def refused(bench: Bench) -> str:
    """Why ``up`` fails; the preview has said that it will."""
    with pytest.raises(StageError) as caught:
        bench.up()
    return f"{caught.value.stage}: {caught.value.reason}"


def test_neither_a_dockerfile_nor_a_handler(bench: Bench) -> None:
    with pytest.raises(OptionError, match="has no Dockerfile that names a handler"):
        bench.make("", UpOptions(build=BuildOptions()))
    assert bench.world() == {}


def test_a_dockerfile_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(OptionError, match=r"Dockerfile\.none"):
        bench.make("quote.app.handler", UpOptions(build=BuildOptions(dockerfile="Dockerfile.none")))
    assert bench.world() == {}


def test_a_syntax_error_in_the_handler(bench: Bench) -> None:
    bench.project.commit({"quote/app.py": "def handler(event, context:\n"})
    with pytest.raises(InvalidFolderError, match=r"^quote/app.py:1: .* was never closed"):
        bench.up()
    assert (bench.world(), bench.wire.names) == ({}, [])


def test_changes_that_are_in_no_commit(bench: Bench) -> None:
    bench.project.write({"shared/prices.py": "CENTS = {}\n"})
    with pytest.raises(InvalidFolderError, match="differ from commit"):
        bench.up()
    assert (bench.world(), bench.wire.names) == ({}, [])


def test_a_wrong_answer_stops_before_the_push(bench: Bench) -> None:
    bench.project.commit({"cases/quote/two-coffees.expect.json": '{"total": "1.00 EUR"}\n'})
    with pytest.raises(CasesFailedError, match="test: 1 of 2 cases failed") as caught:
        bench.up()
    (case,) = [case for case in caught.value.report.results if not case.passed]
    assert [
        (difference.path, difference.expected, difference.answered)
        for difference in case.differences
    ] == [("total", '"1.00 EUR"', '"6.40 EUR"')]
    assert bench.world() == {}


def test_a_tag_that_may_not_move(bench: Bench) -> None:
    seed.repository(bench.aws, "quote", mutability="IMMUTABLE")
    seed.image(bench.aws, "quote", bench.first[:12], config=seed.image_config())
    before = bench.world()
    assert result(planned(bench), Stage.PUSH)[0] is Result.REFUSED
    assert refused(bench).startswith("push: ")
    assert "tags of this repository do not move (immutable)" in refused(bench)
    assert bench.world() == before


def test_a_function_of_another_package_type(bench: Bench) -> None:
    seed.role(bench.aws, "app")
    seed.function(bench.aws, "quote", role=ROLE)
    before = bench.world()
    because = (
        "quote is a function of package type Zip, and a function never changes it: deploy the "
        "image as another function"
    )
    assert result(planned(bench), Stage.DEPLOY) == (Result.REFUSED, because)
    assert refused(bench) == f"deploy: {because}"
    assert bench.world() == before, "it is refused before anything is pushed"


def test_a_function_for_another_processor(bench: Bench) -> None:
    bench.deployed()
    arm = bench.options()
    options = type(arm)(
        build=BuildOptions(dockerfile="Dockerfile.quote", platform="linux/arm64"), cases=arm.cases
    )
    before = bench.world()
    with pytest.raises(StageError) as caught:
        bench.make("quote.app.handler", options)
    assert (caught.value.stage, caught.value.reason, caught.value.made) == (
        Stage.DEPLOY,
        "the image is for arm64 and quote runs on x86_64: build it for x86_64, or pass "
        "--architecture arm64 to change the function",
        False,
    )
    assert bench.world() == before


def test_a_role_that_is_not_there(bench: Bench) -> None:
    with pytest.raises(NotThereError, match="there is no role nobody in account"):
        bench.make("quote.app.handler", bench.options(role="nobody"))
    assert bench.world() == {}


def test_an_alias_that_somebody_else_weighs(bench: Bench) -> None:
    bench.deployed()
    bench.change()
    client = bench.aws.client("lambda")
    client.publish_version(FunctionName="quote")
    client.update_function_configuration(FunctionName="quote", Timeout=9)
    client.publish_version(FunctionName="quote")
    client.update_alias(
        FunctionName="quote",
        Name="live",
        RoutingConfig={"AdditionalVersionWeights": {"2": 0.2}},
    )
    before = bench.world()
    because = (
        "somebody else already splits the calls of alias live (20% for version 2): jotgraph "
        "promote quote --alias live finishes that, jotgraph rollback undoes it"
    )
    assert result(planned(bench), Stage.DEPLOY) == (Result.REFUSED, because)
    assert refused(bench) == f"deploy: {because}"
    assert bench.world() == before


def test_a_share_of_an_alias_that_is_not_there(bench: Bench) -> None:
    options = bench.options(weight=0.1)
    because = "there is no alias live yet, so there is nothing to share its calls with"
    with pytest.raises(StageError, match=f"deploy: {because}"):
        bench.up(options=options)
    assert bench.world() == {}


class Indexing(SandboxWorkshop):
    """A builder that makes an index, as BuildKit does with attestations."""

    def image(self, built: Built) -> PackedImage:
        packed = super().image(built)
        blobs: Mapping[str, bytes] = {**packed.blobs, packed.digest: packed.manifest}
        listed = {"mediaType": MANIFEST, "digest": packed.digest, "size": len(packed.manifest)}
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [listed]}
        return PackedImage(manifest=json.dumps(index).encode(), media_type=INDEX, blobs=blobs)


def test_an_index_is_explained_before_anything_is_pushed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench, "workshop", Indexing(bench.aws))
    assert refused(bench) == (
        "push: it is an image index, and Lambda refuses an index: build one platform without "
        "attestations: docker buildx build --platform linux/amd64 --provenance=false --sbom=false"
    )
    assert bench.world() == {}
