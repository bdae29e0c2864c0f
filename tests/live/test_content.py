"""Images built by a real engine, without labels, in nine ways: their bytes lead to their commit."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path

import pytest

from jotgraph.clients import Clients
from jotgraph.content.engine import Blobs, content_of, match_session
from jotgraph.content.inventory import with_content
from jotgraph.content.named import source_of
from jotgraph.content.origins import of_engine
from jotgraph.links import Relation, infer
from jotgraph.records import ContentMatch, ContentVerdict, local_image_id
from jotgraph.sources import ScanOptions, collect
from tests.content.histories import Commit, Synthetic, Tree, copied, monorepo
from tests.rig.images import static_program
from tests.rig.live import Rig
from tests.strength import MANY_PLACES, some

TOOL = r"""
#include <stdio.h>
#include <unistd.h>
int main(int n, char **words) {  /* tool remove NAME make NAME */
  for (int i = 1; i + 1 < n; i += 2) {
    if (words[i][0] == 'r') { unlink(words[i + 1]); continue; }
    FILE *made = fopen(words[i + 1], "w");
    if (!made) return 1;
    fprintf(made, "made by a step of the Dockerfile: %s\n", words[i + 1]);
    fclose(made);
  }
  return 0;
}
"""
Part = Callable[[Tree], object]


class Build:
    """A build context: a checkout, changed as a scenario wants it."""

    def __init__(self, folder: Path, commit: Commit, tool: Path) -> None:
        self.folder = folder
        self.tree: dict[str, bytes] = dict(commit.tree)
        self.tool = tool
        self.dockerfile = ""
        self.edited = ""
        """Where the image has a file that was edited and not committed."""

    def write(self) -> Path:
        shutil.rmtree(self.folder, ignore_errors=True)
        files: Mapping[str, bytes] = self.tree | {"Dockerfile": self.dockerfile.encode()}
        for name, data in files.items():
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        shutil.copy(self.tool, self.folder / "tool")
        return self.folder


def whole_repository(build: Build, rng: random.Random) -> Part:
    build.tree[".dockerignore"] += b"tool\n"
    build.dockerfile = "FROM scratch\nCOPY . /\n"
    return lambda tree: copied(tree, "")


def one_function(build: Build, rng: random.Random) -> Part:
    build.dockerfile = "FROM scratch\nCOPY functions/beta /var/task\n"
    return lambda tree: copied(tree, "functions/beta")


def removed_and_generated(build: Build, rng: random.Random) -> Part:
    gone = rng.choice(sorted(p for p in copied(build.tree, "functions/beta")))
    gone = gone.removeprefix("functions/beta/")
    build.dockerfile = (
        "FROM scratch\nCOPY tool /bin/tool\nCOPY functions/beta /var/task\n"
        f'RUN ["/bin/tool", "remove", "/var/task/{gone}", "make", "/var/task/made.txt"]\n'
    )
    return lambda tree: copied(tree, "functions/beta")


def three_copies_and_dependencies(build: Build, rng: random.Random) -> Part:
    words = ", ".join(f'"make", "/opt/p{n}.txt"' for n in range(600))
    build.dockerfile = (
        "FROM scratch\nCOPY tool /bin/tool\nCOPY lib/*.py /opt/\nCOPY functions/gamma /var/task\n"
        f'COPY LICENSE /var/task/\nRUN ["/bin/tool", {words}]\n'
    )
    return lambda tree: copied(tree, "lib", "functions/gamma")


def dirty(build: Build, rng: random.Random) -> Part:
    edited = rng.choice(sorted(p for p in copied(build.tree, "functions/beta")))
    build.tree["functions/beta/notes.txt"] = b"untracked, of no commit\n"
    build.tree[edited] += b"# not committed\n"
    build.edited = edited.replace("functions/beta", "var/task")
    build.dockerfile = "FROM scratch\nCOPY functions/beta /var/task\n"
    return lambda tree: None


def crlf(build: Build, rng: random.Random) -> Part:
    build.tree |= {p: d.replace(b"\n", b"\r\n") for p, d in build.tree.items() if p.endswith(".py")}
    build.dockerfile = "FROM scratch\nCOPY functions/beta /var/task\n"
    return lambda tree: copied(tree, "functions/beta")


def one_file(build: Build, rng: random.Random) -> Part:
    paths = sorted(p for p in copied(build.tree, "lib") if not p.endswith("__init__.py"))
    path = rng.choice(paths)
    build.dockerfile = f"FROM scratch\nCOPY {path} /var/task/\n"
    return lambda tree: tree.get(path)


def renamed(build: Build, rng: random.Random) -> Part:
    path = rng.choice(sorted(p for p in copied(build.tree, "functions/gamma")))
    build.dockerfile = (
        f"FROM scratch\nCOPY lib /var/task/lib\nCOPY {path} /var/task/lambda_function.py\n"
    )
    return lambda tree: (tree.get(path), copied(tree, "lib"))


def merged_directories(build: Build, rng: random.Random) -> Part:
    build.dockerfile = "FROM scratch\nCOPY lib /var/task\nCOPY functions/beta /var/task\n"
    return lambda tree: copied(tree, "lib", "functions/beta")


SCENARIOS = (
    whole_repository,
    one_function,
    removed_and_generated,
    three_copies_and_dependencies,
    dirty,
    crlf,
    one_file,
    renamed,
    merged_directories,
)
SUPERSETS = {dirty, merged_directories}
"""Where the answer may hold more than the content class: with a dirty tree there is no such class,
and merged directories hide files of one another."""
SEEDS = [(41, True), (42, False), *([(45, True), (46, False)] if MANY_PLACES else [])]
"""(seed of the history, whether BuildKit builds)."""
WAYS = [(*seed, scenario) for seed in SEEDS for scenario in SCENARIOS]
"""Of every two, one is of each way, and of either builder."""


@pytest.fixture(scope="module")
def tool(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return static_program(tmp_path_factory.mktemp("tool") / "tool", TOOL)


Worlds = Callable[[int], Synthetic]


@pytest.fixture(scope="module")
def worlds(tmp_path_factory: pytest.TempPathFactory) -> Worlds:
    """Histories by their seed, each made once; beside each is a cache that knows it."""

    @cache
    def world(seed: int) -> Synthetic:
        folder = tmp_path_factory.mktemp("world")
        made = monorepo(folder / "mono", seed, 80)
        with match_session([("mono", made.repository.path)], folder / "cache"):
            return made

    return world


def _cache(world: Synthetic, folder: Path) -> Path:
    """A cache that knows the history and no image."""
    return shutil.copytree(world.repository.path.parent / "cache", folder)


def _matched(engine: Rig, image: str, world: Synthetic, cache: Path) -> ContentMatch:
    resource = local_image_id(image)
    origin = of_engine(engine.docker.api, image)
    content = content_of([(resource, origin)], [("mono", world.repository.path)], cache)
    assert content.gaps == ()
    (match,) = content.matches
    return match


@pytest.mark.parametrize(
    ("seed", "buildkit", "scenario"),
    some("builds of other ways by either builder", WAYS, 2),
    ids=lambda value: getattr(value, "__name__", value),
)
def test_the_true_commit_is_in_the_answer(
    engine: Rig,
    tool: Path,
    worlds: Worlds,
    tmp_path: Path,
    seed: int,
    buildkit: bool,
    scenario: Callable[[Build, random.Random], Part],
) -> None:
    world, rng = worlds(seed), random.Random(seed)
    cache = _cache(world, tmp_path / "cache")
    for commit in rng.sample(world.commits, 2 if MANY_PLACES and seed < 45 else 1):
        build = Build(tmp_path / "context", commit, tool)
        part = scenario(build, rng)
        image = engine.build(build.write(), buildkit=buildkit)
        match = _matched(engine, image, world, cache)
        assert commit.sha in match.commits, match
        expected = {c.sha for c in world.commits if part(c.tree) == part(commit.tree)}
        if scenario not in SUPERSETS:
            assert set(match.commits) == expected, match
        elif scenario is dirty:
            assert (match.verdict, match.modified) == (ContentVerdict.NEAREST, (build.edited,))
        else:
            assert set(match.commits) >= expected, match
        # Cached layers stand in for the archive, and say the same.
        assert _matched(engine, image, world, cache) == match


def test_a_scan_links_images_to_commits(engine: Rig, tool: Path, tmp_path: Path) -> None:
    world = monorepo(tmp_path / "mono", 43, 40)
    build = Build(tmp_path / "context", world.commits[20], tool)
    one_function(build, random.Random(1))
    image = engine.build(build.write(), "shop:1")
    clients = Clients(git=(str(world.repository.path),), docker=engine.docker)
    inventory = collect(ScanOptions(), clients)
    matched = with_content(inventory, clients, cache=tmp_path / "cache")
    assert matched.scope.content
    assert matched.gaps == inventory.gaps
    links = [link for link in infer(matched) if link.evidence.relation is Relation.CONTENT_EQUALS]
    assert [(link.source, link.evidence.rule) for link in links] == [
        (local_image_id(image), "content_exact")
    ]
    assert world.commits[20].sha in links[0].evidence.candidates


def test_registry_layers_tell_the_same_as_the_engine(
    engine: Rig, tool: Path, tmp_path: Path
) -> None:
    world = monorepo(tmp_path / "mono", 44, 40)
    build = Build(tmp_path / "context", world.commits[20], tool)
    removed_and_generated(build, random.Random(1))
    image = engine.build(build.write(), engine.name("shop", "1"), buildkit=not MANY_PLACES)
    engine.push("shop", "1")
    manifest = json.loads(engine.manifest("shop", "1").content)
    asked: list[str] = []

    def fetch(digest: str) -> list[bytes]:
        asked.append(digest)
        return [engine.blob("shop", digest)]

    source = Blobs(
        json.loads(engine.blob("shop", manifest["config"]["digest"])),
        tuple(layer["digest"] for layer in manifest["layers"]),
        fetch,
    )
    resource = local_image_id(image)
    repositories = [("mono", world.repository.path)]
    (match,) = content_of([(resource, source)], repositories, tmp_path / "cache").matches
    local = _matched(engine, image, world, tmp_path / "other")
    assert world.commits[20].sha in match.commits
    assert set(local.commits) <= set(match.commits)
    # COPY tool, COPY functions/beta, and what RUN made: only what was copied is fetched.
    assert (len(asked), match.layers_read, match.layers_left) == (2, 2, 1)


def test_an_exported_container_is_read_as_its_files(
    engine: Rig, tool: Path, tmp_path: Path
) -> None:
    world = monorepo(tmp_path / "mono", 47, 40)
    commit = world.commits[20]
    build = Build(tmp_path / "context", commit, tool)
    one_function(build, random.Random(1))
    image = engine.build(build.write())
    container = engine.docker.api.create_container(image, command=["/none"])
    exported = tmp_path / "exported.tar"
    exported.write_bytes(b"".join(engine.docker.api.export(container["Id"])))

    def nobody(*_: object) -> None:
        raise AssertionError("the engine was not to be asked")

    named = source_of(str(exported), nobody, nobody)
    content = content_of([named], [("mono", world.repository.path)], tmp_path / "cache")
    assert content.gaps == ()
    (match,) = content.matches
    assert match.verdict is ContentVerdict.EXACT
    wanted = copied(commit.tree, "functions/beta")
    assert set(match.commits) == {
        equal.sha for equal in world.commits if copied(equal.tree, "functions/beta") == wanted
    }
