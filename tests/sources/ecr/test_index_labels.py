"""Labels and variables of configs, and of the images in an index that something runs."""

from __future__ import annotations

from pathlib import Path

from git import Repo

from jotgraph.records import Carrier, Pairs
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from tests.factories import convention
from tests.rig.fixtures import NewRepository
from tests.sources.conftest import Scan

REVISION = "org.opencontainers.image.revision"


def test_an_index_that_a_workload_runs_is_read_down_to_its_images(
    aws: Sandbox, scan: Scan, one_commit: str
) -> None:
    seed.repository(aws, "app")
    children = {}
    for name in ("amd64", "arm64", "proof", "unused"):
        config = seed.image_config({REVISION: "a" * 40, "n": name})
        children[name] = seed.image(aws, "app", config=config)
    platforms = {children[name]: f"linux/{name}" for name in ("amd64", "arm64")}
    attests = {children["proof"]: children["amd64"]}
    live = seed.index(aws, "app", platforms, "live", attests=attests)
    seed.index(aws, "app", {children["unused"]: "linux/amd64"}, "other")
    seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web")
    found = scan(git=(one_commit,))
    labelled = {image.digest for image in found.ecr_images if image.config_read}
    assert labelled - {live} == {children["amd64"], children["arm64"]}
    aws.calls.clear()
    assert scan(found, git=(one_commit,)).ecr_images == found.ecr_images
    assert aws.calls.count("GetDownloadUrlForLayer") == 0


def test_a_layer_that_manifests_have_in_common_is_held_once(aws: Sandbox, scan: Scan) -> None:
    seed.repository(aws, "app")
    contents = {"amd64": [b"base", b"one"], "arm64": [b"base", b"two"]}
    children = {
        seed.image(aws, "app", config=seed.image_config({"n": name}), layers=layers): name
        for name, layers in contents.items()
    }
    seed.index(aws, "app", {digest: f"linux/{name}" for digest, name in children.items()})
    images = {image.digest: image for image in scan().ecr_images if image.digest in children}
    (base, one), (same, two) = (images[digest].layers for digest in children)
    assert [layer.size for layer in (base, one, two)] == [4, 3, 3]
    assert base is same
    assert one != two


def test_a_variable_that_a_team_names_is_kept_where_it_begins_a_commit(
    aws: Sandbox, scan: Scan, one_commit: str, git_repository: NewRepository, tmp_path: Path
) -> None:
    other = git_repository()
    other.commit({"a": "other\n"})
    own, foreign = (Repo(path).head.commit.hexsha for path in (one_commit, str(other.path)))
    secret = "0123456789abcdef" * 2
    seed.repository(aws, "app")
    env = (f"ACME_REV={own}", f"ACME_OTHER={foreign}", f"ACME_TOKEN={secret}")
    digest = seed.image(aws, "app", "live", config=seed.image_config(env=env))
    seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web")

    def kept(names: tuple[str, ...], *git: str) -> tuple[Pairs, int]:
        evidence = tuple(
            convention(name=name.lower(), carrier=Carrier.ENV, pattern=name) for name in names
        )
        aws.calls.clear()
        images = scan(git=git, evidence=evidence).ecr_images
        (image,) = (image for image in images if image.digest == digest)
        return image.env, aws.calls.count("GetDownloadUrlForLayer")

    names = ("ACME_REV", "ACME_OTHER", "ACME_TOKEN")
    told = (("ACME_REV", own),)
    assert kept((), one_commit) == ((), 1)
    assert kept(names, one_commit) == (told, 1)  # what was not asked for is not in the cache
    assert kept(names, one_commit) == (told, 0)
    assert kept(names, one_commit, str(other.path)) == ((("ACME_OTHER", foreign), *told), 1)
    assert kept(names[:1], one_commit) == (told, 0)
    assert kept((), one_commit) == ((), 0)
    cached = [file.read_bytes() for file in (tmp_path / "cache").rglob("*") if file.is_file()]
    assert any(own.encode() in content for content in cached)
    assert not any(secret.encode() in content for content in cached)


def test_without_a_repository_nothing_is_read_of_them(aws: Sandbox, scan: Scan) -> None:
    seed.repository(aws, "app")
    child = seed.image(aws, "app", config=seed.image_config({REVISION: "a" * 40}))
    seed.index(aws, "app", {child: "linux/amd64"}, "live")
    seed.task_definition(aws, "web", "app:live")
    seed.ecs_service(aws, "web", "web")
    assert not any(image.config_read for image in scan().ecr_images)
