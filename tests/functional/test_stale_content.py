"""A lag counted from what is in the image: for any ref that was scanned, without the repository,
over merges and shallow clones too."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

from jotgraph import store
from jotgraph.content.engine import Archive, content_of
from jotgraph.sources.git.repository import read_git
from tests.content.images import layer, saved
from tests.factories import HERE, ecr_image, function, inventory, role, scope
from tests.functional.conftest import Run
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository, clone

FILES = {f"fn/m{n}.py": f"value = {n}\n" * 20 for n in range(3)}
IMAGE = ecr_image(1, "1.0", repository="shop", config_read=True)


def scan(path: Path, folder: Path) -> None:
    """Store an estate of one function that runs the first commit's files, then lose the clone."""
    copied = layer({f"srv/{name[3:]}": text.encode() for name, text in FILES.items()})
    archive = saved([copied], ["COPY fn /srv # buildkit"])
    read = read_git(path, "shop")
    known = inventory(
        read.repository,
        *read.commits,
        *read.gaps,
        IMAGE,
        function(repository="shop", image_uri=None, invocations=None),
        role(),
        *content_of(
            [(IMAGE.id, Archive(lambda: [archive]))], [("shop", path)], folder / "cache"
        ).matches,
        scope=scope(HERE, git=("shop",), content=True),
    )
    store.save(known, "world.jsonl.zst")
    shutil.rmtree(path)


def lag(run: Run, *words: str) -> tuple[Any, str, list[str]]:
    """The standing, the sentence, and the states of the function."""
    result = run("stale", *words, "--format", "json", "--from", "world.jsonl.zst")
    assert result.exit_code == 0, result.output
    (found,) = json.loads(result.stdout)["functions"]
    return found["lag"], found["lag_says"], found["states"]


def history(repository: Repository) -> dict[str, str]:
    """main merges a side branch; release takes one change of main's by itself."""
    repository.commit({**FILES, "Dockerfile": "FROM scratch\nCOPY fn /srv\n", "docs/a": "a\n"})
    repository.branch("release")
    repository.branch("quiet")
    repository.branch("side")
    repository.switch("side")
    repository.commit({"fn/m1.py": "on the side\n"})
    repository.commit({"fn/m2.py": "on the side\n"})
    repository.switch("main")
    repository.commit({"docs/a": "b\n"})
    merged = repository.merge("side", "Merge the side branch")
    repository.commit({"docs/a": "c\n"})
    recipe = repository.commit({"Dockerfile": "FROM scratch\nCOPY fn /srv\nCMD m0\n"})
    repository.switch("release")
    fixed = repository.commit({"fn/m0.py": "fixed\n"})
    repository.switch("quiet")
    repository.commit({"docs/a": "d\n"})
    repository.commit({"docs/a": "e\n"})
    repository.switch("main")
    return {"merged": merged, "recipe": recipe, "fixed": fixed}


def test_for_any_ref_without_the_repository(
    run: Run, git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    shas = history(repository)
    scan(repository.path, tmp_path)

    # The docs commit before the merge has the image's files as well: three are after it.
    main, said, states = lag(run)
    assert (main["behind"], main["touching"], main["bound"]) == (3, 1, "exact")
    assert main["touches"] == [shas["merged"]]
    assert main["inputs"] == [{"path": "Dockerfile", "commits": [shas["recipe"]]}]
    assert main["behind_most"] is None  # the commits of quiet have its files too
    assert said == (
        "at least 3 commits behind main; 1 changes files in the image; 1 changes a build input "
        "(Dockerfile)"
    )
    assert states[0] == "lag"
    shown = " ".join(run("show", "pay", "--from", "world.jsonl.zst").stdout.split())
    assert f"{shas['merged'][:9]} Merge the side branch (touches its files)" in shown

    release, _, _ = lag(run, "--ref", "release")
    assert (release["behind"], release["touches"]) == (1, [shas["fixed"]])
    quiet, said, states = lag(run, "--ref", "quiet")
    assert (quiet["state"], quiet["behind"], states) == ("current", 0, [])


def test_what_lies_beyond_a_shallow_clone_is_not_guessed(
    run: Run, git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    built = repository.commit(FILES)
    repository.commit({"docs/a": "a\n"})
    touched = repository.commit({"fn/m1.py": "new\n"})
    repository.commit({"docs/a": "b\n"})
    cut = clone(repository, tmp_path / "cut", "--depth=3")
    scan(cut.path, tmp_path)
    found, said, _ = lag(run)
    # Whether the cut commit touches the image is not known; that it holds its files is.
    assert built not in said
    assert (found["behind"], found["touching"], found["bound"]) == (2, 1, "exact")
    assert found["touches"] == [touched]
