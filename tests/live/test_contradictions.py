"""Real builds whose labels say one commit and whose files another: every view shows it, says why,
and lag is counted from the files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import jotgraph.clients
from jotgraph import store
from jotgraph.cli import cli
from jotgraph.content.inventory import with_content
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions, collect
from tests.live.chain import REPOSITORY, ROLE, SOURCE, TRUST, Aws, open_registry
from tests.rig.bridge import copy_to_ecr
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository
from tests.rig.images import recipe
from tests.rig.live import REGION, Rig

DOCKERFILE = "FROM scratch\nCOPY fn /var/task\n"
FILES = {f"fn/{name}.py": f"{name} = 1\n" * 20 for name in ("app", "db", "log")}


def labels(revision: str, source: str = SOURCE) -> dict[str, str]:
    return {
        "org.opencontainers.image.revision": revision,
        "org.opencontainers.image.source": source,
    }


def release(rig: Rig, aws: Aws, context: Path, name: str, built_with: dict[str, str]) -> None:
    """Build, push and deploy a function of this name."""
    rig.build(context, rig.name(REPOSITORY, name), labels=built_with, buildkit=True)
    rig.push(REPOSITORY, name)
    copy_to_ecr(rig, aws.ecr, REPOSITORY, name)
    role = aws.iam.get_role(RoleName=ROLE)["Role"]["Arn"]
    aws.functions.create_function(
        FunctionName=name,
        PackageType="Image",
        Code={"ImageUri": rig.name(REPOSITORY, name)},
        Role=role,
    )


def build_all(
    rig: Rig, aws: Aws, repository: Repository, base_repository: Repository
) -> dict[str, str]:
    """Five images of one history, and the commits that the test speaks of."""
    first = repository.commit({**FILES, **recipe(DOCKERFILE)})
    built = repository.commit({"fn/app.py": "app = 2\n" * 20})
    release(rig, aws, repository.path, "true", labels(built))
    # A build argument nobody raised; the label of a base of another repository; of a known one.
    release(rig, aws, repository.path, "stale", labels(first))
    release(
        rig,
        aws,
        repository.path,
        "foreign",
        labels(base_repository.head, "https://example.com/base"),
    )
    base = repository.path.parent / "base"
    base.mkdir()
    (base / "Dockerfile").write_text("FROM scratch\nCOPY base.txt /etc/base.txt\n")
    (base / "base.txt").write_text("what all functions share\n" * 9)
    rig.build(base, "base:1", labels=labels(first))
    repository.write({"Dockerfile": DOCKERFILE.replace("scratch", "base:1")})
    release(rig, aws, repository.path, "inherited", {})
    repository.write({"Dockerfile": DOCKERFILE, "fn/db.py": "db = 'edited'\n" * 20})
    release(rig, aws, repository.path, "dirty", labels(built))
    repository.git("checkout", "--", ".")
    docs = repository.commit({"docs/read.md": "nothing of it is in the image\n"}, "Write docs")
    touches = repository.commit({"fn/log.py": "log = 2\n" * 20}, "Log more")
    builds = repository.commit({"Dockerfile": DOCKERFILE + 'CMD ["app"]\n'}, "Start app")
    return {"first": first, "built": built, "docs": docs, "touches": touches, "builds": builds}


@pytest.fixture
def world(
    ecr_named: Rig,
    aws_environment: Sandbox,
    git_repository: NewRepository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, str]:
    """The estate, scanned with content into ``world.jsonl``."""
    aws = open_registry(aws_environment)
    aws.iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=TRUST)
    repository, base_repository = git_repository("shop"), git_repository("base-images")
    repository.remote(SOURCE)
    base_repository.remote("https://example.com/base")
    base_repository.commit({"base.txt": "base\n"})
    shas = build_all(ecr_named, aws, repository, base_repository)
    monkeypatch.setenv("DOCKER_HOST", ecr_named.docker_host)
    monkeypatch.setenv("COLUMNS", "300")
    monkeypatch.chdir(tmp_path)
    paths = (str(repository.path), str(base_repository.path))
    clients = jotgraph.clients.connect(git=paths, regions=(REGION,))
    inventory = with_content(collect(ScanOptions(), clients), clients, cache=tmp_path / "cache")
    assert {gap.service for gap in inventory.gaps} <= {"cloudwatch", "lambda"}
    store.save(inventory, tmp_path / "world.jsonl")
    return shas


def said(*words: str) -> str:
    result = CliRunner().invoke(cli, [*words, "--from", "world.jsonl"], prog_name="jotgraph")
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def asked(*words: str) -> Any:
    result = CliRunner().invoke(cli, [*words, "--format", "json", "--from", "world.jsonl"])
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_real_builds_that_contradict_their_labels(world: dict[str, str]) -> None:
    first, built, docs, touches, builds = world.values()
    kinds = {"stale": "stale-label", "foreign": "inherited-label", "dirty": "dirty-build"}
    jots = {jot["function"]: jot["commit"] for jot in asked("ls")["jots"]}
    assert {name: jot["conflict_kind"] for name, jot in jots.items() if jot["conflict"]} == kinds
    drawn = said("ls")
    CliRunner().invoke(cli, ["render", "-o", "world.svg", "--from", "world.jsonl"])
    picture = Path("world.svg").read_text()
    for name, kind in kinds.items():
        words = kind.replace("-", " ")
        assert f"conflict: {words}" in drawn
        assert f"CONFLICT {words}: " in said("why", name)
        assert f"conflict: {words}" in picture
        (reason,) = [e["statement"] for e in asked("why", name)["explanations"] if e["conflict"]]
        assert reason.split(":")[0][:40] in picture
    assert "a stale label (build cache, build argument)" in said("why", "stale")
    assert "1 file differs (var/task/db.py) in the image: a dirty build at" in said("why", "dirty")

    # The label of a known base is no claim about this image: told, and no conflict.
    (note,) = asked("why", "inherited")["explanations"]
    assert (note["kind"], note["conflict"]) == ("inherited-label", False)
    assert f"says {first[:9]}, as the label of its base image does: inherited" in note["statement"]
    assert asked("show", "inherited")["believed"]["candidates"] == [docs, built]

    stale = {
        function["id"].rpartition("/")[2]: function for function in asked("stale")["functions"]
    }
    # Only the true label tells that the image was built before the docs.
    for name, behind in (("true", 3), ("stale", 2), ("foreign", 2), ("inherited", 2)):
        lag = stale[name]["lag"]
        assert (lag["behind"], lag["touching"], lag["bound"]) == (behind, 1, "exact"), name
        assert lag["touches"] == [touches]
    for name in ("true", "stale", "foreign"):
        assert stale[name]["lag"]["inputs"] == [{"path": "Dockerfile", "commits": [builds]}]
    assert stale["dirty"]["lag"]["touches"] == [touches]
    assert stale["true"]["lag_says"] == (
        "3 commits behind main; 1 changes files in the image; 1 changes a build input (Dockerfile)"
    )
    assert f"{touches[:9]} Log more (touches its files)" in said("show", "true")
    assert f"{builds[:9]} Start app (Dockerfile)" in said("show", "true")
