"""The trees of the folders that images claim to be built from, as the claimed commits have them.

One ``git cat-file`` a repository, whatever many images there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from posixpath import normpath

import msgspec

from jotgraph.records import EcrImage, Gap, GitRepository, Inventory, LocalImage, pairs
from jotgraph.records.conventions import DIRTY, FOLDER_LABEL, REVISION_LABEL, TREE_LABEL
from jotgraph.records.references import SHA
from jotgraph.sources.git.command import GitError, run

MOST = 20_000
"""Folders at commits that a repository is asked for."""


def with_trees(inventory: Inventory) -> Inventory:
    """The inventory, its repositories with the trees that labels of its images are about. What git
    cannot tell is a gap."""
    images = chain[LocalImage | EcrImage](inventory.local_images, inventory.ecr_images)
    claims = tuple(islice(dict.fromkeys(_claims(images)), MOST))
    if not claims:
        return inventory
    known = {commit.sha: commit.repositories for commit in inventory.commits}
    repositories: list[GitRepository] = []
    gaps: list[Gap] = []
    for repository in inventory.git:
        asked = [claim for claim in claims if repository.key in known.get(claim[0], ())]
        try:
            trees = dict(_trees(Path(repository.path), asked))
        except GitError as error:
            gaps.append(
                Gap(
                    service="git",
                    action="cat-file",
                    resource=repository.key,
                    reason="error",
                    detail=str(error),
                    facts=("trees",),
                )
            )
            trees = {}
        repositories.append(msgspec.structs.replace(repository, trees=pairs(trees)))
    whole = tuple(sorted((*inventory.gaps, *gaps))) if gaps else inventory.gaps
    return msgspec.structs.replace(inventory, git=tuple(repositories), gaps=whole)


def _claims(images: Iterable[LocalImage | EcrImage]) -> Iterator[tuple[str, str]]:
    """Commit and folder of each image that names a tree."""
    for image in images:
        labels = dict(image.labels)
        sha = labels.get(REVISION_LABEL, "").removesuffix(DIRTY)
        folder = labels.get(FOLDER_LABEL, "")
        if labels.get(TREE_LABEL) and SHA.fullmatch(sha) and _is_plain(folder):
            yield sha, folder


def _is_plain(folder: str) -> bool:
    """Whether a label names a folder below the top; another path would be git's to refuse."""
    below = not folder.startswith(("/", "../")) and folder != ".."
    return bool(folder) and folder.isprintable() and normpath(folder) == folder and below


def _trees(path: Path, asked: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """``<commit>:<folder>`` and the id of the tree, of those that there are."""
    if not asked:
        return
    lines = "".join(f"{sha}:{'' if folder == '.' else folder}\n" for sha, folder in asked)
    answer = run(path, "cat-file", "--batch-check", stdin=lines.encode())
    for (sha, folder), line in zip(
        asked, answer.decode("utf-8", "replace").split("\n"), strict=False
    ):
        words = line.split(" ")
        if len(words) == 3 and words[1] == "tree":
            yield f"{sha}:{folder}", words[0]
