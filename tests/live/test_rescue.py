"""An image that runs is gone from ECR and left on the engine: the printed commands are run, with
the real engine and registry, and what they are said to do is what they do."""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import jotgraph.clients
from jotgraph.analysis.health import Code
from jotgraph.graph import build
from jotgraph.queries.answers.rescue import Lost
from jotgraph.queries.jots import jots
from jotgraph.queries.rescue import rescue
from jotgraph.sandbox.server import Sandbox
from jotgraph.sources import ScanOptions, collect
from tests.live.chain import (
    FUNCTION,
    FUNCTION_ID,
    REPOSITORY,
    SOURCE,
    TAG,
    Aws,
    Build,
    deploy,
    open_registry,
    release,
)
from tests.rig.bridge import copy_to_ecr
from tests.rig.engine import DOCKER
from tests.rig.fixtures import NewRepository
from tests.rig.live import ECR_HOST, REGION, Rig
from tests.strength import MANY_PLACES

AWS = f"""#!{sys.executable}
import sys
words = sys.argv[3:]
given = dict(zip(words[::2], words[1::2]))
match sys.argv[1:3]:
    case ["ecr", "get-login-password"]:
        print("password")
    case ["ecr", "describe-images"]:
        import boto3
        found = boto3.client("ecr").describe_images(
            registryId=given["--registry-id"], repositoryName=given["--repository-name"],
            imageIds=[dict([given["--image-ids"].split("=")])])
        print(found["imageDetails"][0]["imageDigest"])
    case ["lambda", "update-function-code"]:
        import boto3
        boto3.client("lambda").update_function_code(
            FunctionName=given["--function-name"], ImageUri=given["--image-uri"])
"""
"""What the commands need of the AWS command line, which is not among what tests need."""

Shell = Callable[[str], str]


@pytest.fixture
def clients(aws_environment: Sandbox) -> Aws:
    return open_registry(aws_environment)


@pytest.fixture
def shell(ecr_named: Rig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Run a line as a person would who has pasted it."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "aws").write_text(AWS)
    (programs / "aws").chmod(0o755)
    (programs / "docker").symlink_to(DOCKER)
    monkeypatch.setenv("DOCKER_HOST", ecr_named.docker_host)
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.setenv("PATH", f"{programs}:{os.environ['PATH']}")

    def run(line: str) -> str:
        done = subprocess.run(["sh", "-c", line], capture_output=True, text=True, check=False)
        assert done.returncode == 0, (line, done.stderr)
        return done.stdout

    return run


def lose(rig: Rig, aws: Aws, digest: str) -> None:
    """The image is deleted, and garbage collected: no blob of it is left in the registry."""
    aws.ecr.batch_delete_image(repositoryName=REPOSITORY, imageIds=[{"imageDigest": digest}])
    shutil.rmtree(rig.folder / "registry" / "docker")


def scanned(git: str) -> tuple[Lost | None, tuple[Code, ...]]:
    """What is lost, and the states of the function."""
    graph = build(collect(ScanOptions(), jotgraph.clients.connect(git=(git,), regions=(REGION,))))
    lost = rescue(graph).lost
    (jot,) = jots(graph).jots
    return (lost[0] if lost else None), jot.states


def pushed(rig: Rig, aws: Aws, shell: Shell, lost: Lost) -> str:
    """Run the commands, ECR receiving what the registry was pushed; the digest they print."""
    login, tag, push, ask = lost.saved[0].commands
    for line in (login, tag, push):
        shell(line)
    copy_to_ecr(rig, aws.ecr, REPOSITORY, tag.rpartition(":")[2])
    return shell(ask).strip()


def pushed_by_this_engine(
    ecr_named: Rig, clients: Aws, git_repository: NewRepository, shell: Shell
) -> None:
    """It comes back under its digest, and the function is well again."""
    repository = git_repository()
    made = release(repository, ecr_named, clients, "print(1)\n" * 99, buildkit=True)
    deploy(ecr_named, clients)
    lose(ecr_named, clients, made.stored)
    lost, states = scanned(str(repository.path))
    assert lost is not None
    assert (lost.id, lost.runners) == (made.ecr_id, (FUNCTION_ID,))
    assert [saved.id for saved in lost.saved] == [made.local_id]
    assert Code.BROKEN in states

    assert pushed(ecr_named, clients, shell, lost) == made.stored
    lost, states = scanned(str(repository.path))
    assert lost is None
    assert Code.BROKEN not in states


def packed_anew(rig: Rig, made: Build) -> str:
    """The same image as another program packs it: other gzip bytes, another digest. Put into the
    registry under the tag, and pulled in place of the first. Returns the digest."""
    manifest = json.loads(made.manifest)
    for layer in manifest["layers"]:
        plain = gzip.decompress(rig.blob(REPOSITORY, layer["digest"]))
        blob = gzip.compress(plain, 1, mtime=0)
        layer["digest"] = f"sha256:{hashlib.sha256(blob).hexdigest()}"
        layer["size"] = len(blob)
        rig.registry.put_blob(REPOSITORY, blob, layer["digest"])
    content = json.dumps(manifest).encode()
    digest = rig.registry.put_manifest(REPOSITORY, TAG, content, manifest["mediaType"])
    rig.docker.api.remove_image(made.image, force=True)
    rig.docker.images.pull(f"{ECR_HOST}/{REPOSITORY}", tag=digest)
    return digest


def packed_by_another_program(
    ecr_named: Rig, clients: Aws, git_repository: NewRepository, shell: Shell
) -> None:
    """It comes back under another digest, and the function is pointed to that."""
    repository = git_repository()
    repository.remote(f"{SOURCE}.git")
    made = release(repository, ecr_named, clients, "print(2)\n" * 99, buildkit=False)
    digest = packed_anew(ecr_named, made)
    assert digest != made.stored
    assert copy_to_ecr(ecr_named, clients.ecr, REPOSITORY, TAG) == digest
    deploy(ecr_named, clients)
    lose(ecr_named, clients, digest)
    lost, states = scanned(str(repository.path))
    assert lost is not None
    assert Code.BROKEN in states

    came_to = pushed(ecr_named, clients, shell, lost)
    assert came_to != digest
    assert "may differ although the files are the same" in lost.saved[0].because
    lost, states = scanned(str(repository.path))
    assert lost is not None
    for line in lost.saved[0].otherwise:
        shell(line)
    runs = clients.functions.get_function(FunctionName=FUNCTION)["Code"]
    assert runs["ResolvedImageUri"].endswith(came_to)
    lost, states = scanned(str(repository.path))
    assert lost is None
    assert Code.BROKEN not in states


CASES = [pushed_by_this_engine, *([packed_by_another_program] if MANY_PLACES else [])]


@pytest.mark.parametrize("case", CASES)
def test_the_commands_save_what_runs(
    case: Callable[..., None],
    ecr_named: Rig,
    clients: Aws,
    git_repository: NewRepository,
    shell: Shell,
) -> None:
    case(ecr_named, clients, git_repository, shell)
