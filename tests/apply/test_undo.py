"""Back up, delete, undo: the same digests, and what cannot come back is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from msgspec.structs import replace

from jotgraph.apply import Receipt
from jotgraph.apply.backup.images import media_type
from jotgraph.apply.backup.paths import layout_path
from jotgraph.apply.undo import MAKERS, undo
from jotgraph.apply.undo.identity import left_by_quarantine
from jotgraph.errors import ApplyError
from jotgraph.plan import Plan, seal
from jotgraph.plan.outcome import UndoReceipt
from jotgraph.records import Kind, ecr_repo_id, media_types
from jotgraph.records.quarantine import DENY_ALL
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.apply.estate import OLD, Estate
from tests.apply.runs import IGNORED, applied, connect, planned, scan, statuses
from tests.factories import ecr_image, function, role


def undone(result: UndoReceipt) -> dict[str, tuple[str, str]]:
    return {
        outcome.id.replace("123456789012/us-east-1/", "").replace("123456789012/", ""): (
            outcome.status,
            outcome.because,
        )
        for outcome in result.outcomes
    }


def images(aws: Sandbox, repository: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Digest -> exact manifest and tags."""
    ecr = aws.client("ecr")
    details = ecr.describe_images(repositoryName=repository)["imageDetails"]
    ids = [{"imageDigest": detail["imageDigest"]} for detail in details]
    texts = {
        image["imageId"]["imageDigest"]: image["imageManifest"]
        for image in ecr.batch_get_image(repositoryName=repository, imageIds=ids)["images"]
    }
    return {
        detail["imageDigest"]: (
            texts[detail["imageDigest"]],
            tuple(sorted(detail.get("imageTags") or ())),
        )
        for detail in details
    }


def test_a_manifest_that_does_not_say_its_type_comes_back_as_what_it_was(
    aws_environment: Sandbox,
) -> None:
    """The image specification lets it out, and several builders do; who pulls is told by ECR."""
    aws = aws_environment
    seed.repository(aws, "bare", created=OLD)
    bare = json.loads(seed.manifest(b"{}"))
    del bare["mediaType"]
    text = json.dumps(bare)
    child = seed.image(
        aws, "bare", text=text, config=b"{}", media_type=media_types.DOCKER_MANIFEST, pushed=OLD
    )
    listed = {"schemaVersion": 2, "manifests": [{**bare["config"], "digest": child}]}
    index = seed.image(
        aws, "bare", "v1", text=json.dumps(listed), media_type=media_types.OCI_INDEX, pushed=OLD
    )

    def types() -> dict[str, str]:
        details = aws.client("ecr").describe_images(repositoryName="bare")["imageDetails"]
        return {detail["imageDigest"]: detail["imageManifestMediaType"] for detail in details}

    before = types(), images(aws, "bare")
    options = replace(IGNORED, ignore=(*IGNORED.ignore, "pulled"))
    receipt = applied(planned(f"bare@{index}", options=options), backup=True)
    assert receipt.proven, statuses(receipt)
    undo(receipt.run, connect())
    assert (types(), images(aws, "bare")) == before
    assert media_type(listed, media_types.OCI_MANIFEST) == media_types.OCI_INDEX  # earlier copies


def test_a_round_trip(aws_environment: Sandbox, estate: Estate) -> None:
    aws = aws_environment
    role = aws.client("iam").get_role(RoleName="app-role")["Role"]
    before = images(aws, "app")  # reading a manifest counts as a pull
    plan = planned("function:app", options=replace(IGNORED, ignore=(*IGNORED.ignore, "pulled")))
    receipt = applied(plan, backup=True)
    assert receipt.proven, statuses(receipt)
    assert aws.client("ecr").describe_repositories()["repositories"][0]["repositoryName"] != "app"
    result = undone(undo(receipt.run, connect()))
    assert images(aws, "app") == before
    made = aws.client("lambda").get_function(FunctionName="app")
    assert made["Code"]["ResolvedImageUri"].endswith(estate.child)
    assert made["Configuration"]["Role"] == role["Arn"]
    assert aws.age_functions() == 0  # its image is there: it goes on running
    again = aws.client("iam").get_role(RoleName="app-role")["Role"]
    assert again["AssumeRolePolicyDocument"] == role["AssumeRolePolicyDocument"]
    assert aws.client("iam").list_role_policies(RoleName="app-role")["PolicyNames"] == ["logs"]
    assert [key for key, (status, _) in result.items() if status != "restored"] == ["version:app:1"]
    assert role["RoleId"] in result["role:app-role"][1]
    assert result["version:app:1"] == (
        "cannot",
        "version numbers are not reused; the same code and configuration are now version 2",
    )
    assert result["alias:app:live"][1] == "on version 2, which is what 1 was"
    assert {status for status, _ in undone(undo(receipt.run, connect())).values()} == {
        "there",
        "cannot",
    }


def test_the_backup_is_an_oci_layout_of_the_owner_alone(
    aws_environment: Sandbox, estate: Estate, deleted: Receipt
) -> None:
    folder = Path(deleted.journal).parent
    root = layout_path(folder, ecr_repo_id("123456789012", "us-east-1", "app"))
    assert json.loads((root / "oci-layout").read_text()) == {"imageLayoutVersion": "1.0.0"}
    index = json.loads((root / "index.json").read_text())
    assert {manifest["digest"] for manifest in index["manifests"]} == {
        estate.index,
        estate.child,
        estate.proof,
        estate.old,
    }
    for path in (folder, *(path for path in folder.rglob("*") if path.is_file())):
        assert path.stat().st_mode & 0o077 == 0, path


def test_what_cannot_be_backed_up_is_not_deleted(
    aws_environment: Sandbox, estate: Estate, plan: Plan
) -> None:
    aws_environment.faults.deny("ecr", "BatchGetImage")
    receipt = applied(plan, backup=True)
    outcomes = statuses(receipt)
    assert outcomes[f"ecr-image:app@{estate.old}"][0] == "failed"
    assert {record.id for record in scan().records()} >= _images(plan)
    assert outcomes["role:app-role"][0] == "done"


def _images(plan: Plan) -> set[str]:
    return {step.id for step in plan.steps if step.id.startswith("ecr-image:")}


def test_what_goes_wrong_with_one_resource_leaves_no_other_gone(
    aws_environment: Sandbox, deleted: Receipt, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody thought of it, and the next undo would end there again."""

    def break_off(_: object) -> str:
        raise KeyError("tags")

    with monkeypatch.context() as patch:
        patch.setitem(MAKERS, Kind.ROLE, break_off)
        result = undone(undo(deleted.run, connect(), patience=0.3))
    assert result["role:app-role"] == ("failed", "internal error (KeyError: 'tags'); report it")
    assert result["ecr-repo:app"][0] == "restored"
    assert {status for key, (status, _) in result.items() if "image" in key} == {"restored"}
    assert undone(undo(deleted.run, connect()))["role:app-role"][0] == "restored"


def test_a_run_that_is_not_known(aws_environment: Sandbox) -> None:
    for name in ("nothing", "../runs"):
        with pytest.raises(ApplyError, match="there is no run"):
            undo(name, connect())


def test_undo_twice_finds_it_there(aws_environment: Sandbox, estate: Estate) -> None:
    receipt = applied(planned("function:other"), backup=True)
    assert undo(receipt.run, connect()).whole
    assert {status for status, _ in undone(undo(receipt.run, connect())).values()} == {"there"}


def tag(aws: Sandbox, digest: str, name: str) -> None:
    """Push an image again under another tag, as a pipeline does."""
    ecr = aws.client("ecr")
    found = ecr.batch_get_image(repositoryName="solo", imageIds=[{"imageDigest": digest}])
    text = found["images"][0]["imageManifest"]
    ecr.put_image(repositoryName="solo", imageManifest=text, imageTag=name)


def solo(aws: Sandbox, *tags: str) -> str:
    """An image in a repository that stays, and what it is called; pushed again if it is gone."""
    layers, config = (b"solo",), b'{"n":7}'
    digest = seed.image(aws, "solo", tags[0], config=config, layers=layers, pushed=OLD)
    for name in tags[1:]:
        tag(aws, digest, name)
    return digest


@pytest.mark.parametrize("from_backup", [False, True])
def test_an_image_that_was_pushed_again_gets_its_tags_back(
    aws_environment: Sandbox, from_backup: bool
) -> None:
    aws = aws_environment
    seed.repository(aws, "solo", created=OLD)
    seed.image(aws, "solo", "other", config=b'{"n":8}', pushed=OLD)
    digest = solo(aws, "v1", "v1.2", "moved")
    receipt = applied(planned(f"solo@{digest}"), backup=True)
    assert receipt.proven, statuses(receipt)
    solo(aws, "latest")
    seed.image(aws, "solo", "moved", config=b'{"n":9}')
    result = undone(undo(receipt.run, connect(), from_backup=from_backup))
    because = (
        "it exists, pushed again since, and has its tags v1, v1.2 again; "
        "tag moved now names another image and was not moved"
    )
    assert result[f"ecr-image:solo@{digest}"] == ("there", because)
    assert images(aws, "solo")[digest][1] == ("latest", "v1", "v1.2")
    assert undone(undo(receipt.run, connect()))[f"ecr-image:solo@{digest}"][0] == "there"
    assert images(aws, "solo")[digest][1] == ("latest", "v1", "v1.2")


def test_an_image_that_was_not_deleted_keeps_the_tags_that_it_has(
    aws_environment: Sandbox,
) -> None:
    """ECR refused, and somebody took a tag away since."""
    aws = aws_environment
    seed.repository(aws, "solo", created=OLD)
    digest = solo(aws, "v1", "v1.2")
    aws.faults.deny("ecr", "BatchDeleteImage")
    receipt = applied(planned(f"solo@{digest}"), backup=True)
    assert not receipt.proven
    aws.faults.clear()
    aws.client("ecr").batch_delete_image(repositoryName="solo", imageIds=[{"imageTag": "v1.2"}])
    result = undone(undo(receipt.run, connect()))
    assert result[f"ecr-image:solo@{digest}"] == ("there", "it exists: it was not deleted")
    assert images(aws, "solo")[digest][1] == ("v1",)


def test_a_role_that_a_run_left_crippled_is_made_whole(
    aws_environment: Sandbox, plan: Plan
) -> None:
    faults = aws_environment.faults
    faults.error("iam", "DeleteRole", nth=2)
    faults.error("iam", "PutRolePolicy")
    receipt = applied(plan, backup=True)
    assert "could not be made complete" in statuses(receipt)["role:app-role"][1]
    faults.clear()
    assert "role:app-role" in undone(undo(receipt.run, connect()))
    policies = aws_environment.client("iam").list_role_policies(RoleName="app-role")["PolicyNames"]
    assert policies == ["logs"]


def test_a_trigger_of_nothing_cannot_be_made(aws_environment: Sandbox) -> None:
    queue = "arn:aws:sqs:us-east-1:123456789012:q"
    uuid = seed.trigger(aws_environment, "nobody", queue, modified=OLD)
    receipt = applied(planned(f"trigger:123456789012/us-east-1/{uuid}"), backup=True)
    assert len(receipt.outcomes) == 1
    ((status, because),) = undone(undo(receipt.run, connect())).values()
    assert (status, "function:nobody, which is not there" in because) == ("cannot", True)


def test_what_came_back_is_not_deleted_by_the_old_plan(
    aws_environment: Sandbox, estate: Estate
) -> None:
    plan = planned("function:other")
    receipt = applied(plan, backup=True)
    aws_environment.advance(60)
    assert undo(receipt.run, connect()).whole
    again = applied(plan, backup=True)
    assert {outcome.status.value for outcome in again.outcomes} == {"refused", "skipped"}
    assert {step.id for step in plan.steps} <= {record.id for record in scan().records()}


def test_an_archived_image_cannot_be_kept_and_the_others_go(aws_environment: Sandbox) -> None:
    seed.repository(aws_environment, "old", created=OLD)
    first = seed.image(aws_environment, "old", config=b'{"n":1}', pushed=OLD)
    second = seed.image(aws_environment, "old", config=b'{"n":2}', pushed=OLD, archived=True)
    plan = planned("ecr-repo:123456789012/us-east-1/old")
    outcomes = statuses(applied(plan, backup=True))
    assert outcomes[f"ecr-image:old@{first}"] == ("done", "deleted")
    assert (
        f"--image-id imageDigest={second} --target-storage-class STANDARD"
        in (outcomes[f"ecr-image:old@{second}"][1])
    )
    assert outcomes["ecr-repo:old"][0] == "skipped"
    assert applied(plan).proven  # --no-backup


def test_an_archived_image_that_was_named_goes_without_a_copy(aws_environment: Sandbox) -> None:
    """And no other does."""
    seed.repository(aws_environment, "old", created=OLD)
    first = seed.image(aws_environment, "old", config=b'{"n":1}', pushed=OLD)
    second = seed.image(aws_environment, "old", config=b'{"n":2}', pushed=OLD, archived=True)
    third = seed.image(aws_environment, "old", config=b'{"n":3}', pushed=OLD, archived=True)
    plan = planned("ecr-repo:123456789012/us-east-1/old")
    named = tuple(step.id for step in plan.steps if step.id.endswith(second))
    receipt = applied(seal(replace(plan, without_copy=named)), backup=True)
    outcomes = {resource: status for resource, (status, _) in statuses(receipt).items()}
    assert outcomes == {
        f"ecr-image:old@{first}": "done",
        f"ecr-image:old@{second}": "done",
        f"ecr-image:old@{third}": "failed",
        "ecr-repo:old": "skipped",
    }
    back = undone(undo(receipt.run, connect()))
    assert back[f"ecr-image:old@{first}"][0] == "restored"
    assert back[f"ecr-image:old@{second}"] == ("cannot", "it has no backup")


def test_an_archived_image_that_was_restored_is_kept_and_comes_back(
    aws_environment: Sandbox,
) -> None:
    seed.repository(aws_environment, "old", created=OLD)
    digest = seed.image(aws_environment, "old", config=b'{"n":1}', pushed=OLD, archived=True)
    aws_environment.client("ecr").update_image_storage_class(
        repositoryName="old", imageId={"imageDigest": digest}, targetStorageClass="STANDARD"
    )
    receipt = applied(planned("ecr-repo:123456789012/us-east-1/old"), backup=True)
    assert (receipt.proven, len(receipt.outcomes)) == (True, 2)
    assert undo(receipt.run, connect()).whole
    assert set(images(aws_environment, "old")) == {digest}


def test_what_a_quarantine_left_is_never_called_restored() -> None:
    """A machine that does not know how it was before could only make it again as it found it."""
    mark = (("jotgraph:quarantined", "0123abcd 2026-01-02T03:04:05+00:00"),)
    known = "it exists as the quarantine of run 0123abcd left it; how it was before is in the "
    for record in (role("r", tags=mark), function("f", tags=mark)):
        assert left_by_quarantine(record).startswith(known)
    denied = role(
        "r", trust=json.dumps(json.loads(DENY_ALL), sort_keys=True, separators=(",", ":"))
    )
    assert left_by_quarantine(denied).startswith("it exists as the quarantine left it; how it was")
    others = (role("r"), function("f"), ecr_image(1, status="ARCHIVED"))
    assert [left_by_quarantine(record) for record in others] == ["", "", ""]
