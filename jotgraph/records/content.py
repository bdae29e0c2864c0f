"""What the bytes of an image say about the commits of a repository."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from jotgraph.records.fields import Fields, Pairs
from jotgraph.records.ids import ResourceId


class ContentVerdict(StrEnum):
    """How the files of an image compare with the commits of one repository, best first."""

    EXACT = "exact"
    """Every file at a tracked path is equal; ``unexplained`` counts files git does not track."""
    SUBSET = "subset"
    """All files are equal, but only a part of the tracked files was copied, so that more commits
    match."""
    NEAREST = "nearest"
    """Some files differ from every commit: a dirty build, or the commit is not in the clone."""
    WEAK = "weak"
    """Too little in common to tell: a licence, a template, a stray file."""
    NONE = "none"
    """Nothing in common with any repository read (compiled, bundled, or from elsewhere)."""


class FileFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A revision that a file of an image names."""

    path: str
    kind: str
    """``git`` (the image holds a repository), ``go``, ``dotnet``, ``sourcelink`` (of .NET),
    ``manifest`` (of a jar), ``git.properties``, ``build-info``, ``python-version``, ``pep610``,
    ``pbr``, ``gitHead``, ``cargo``, ``composer``, ``archive`` (of ``git archive``), ``json``,
    ``file``, ``own`` (of a file that the team named); ``release`` of a Python package whose
    files are of the repository."""
    revision: str
    """40 or 64 hex digits, or an abbreviation of 7 or more; of a release its version."""
    source: str = ""
    """URL of the repository, where the file names one."""
    dirty: bool = False
    package: bool = False
    """Whether the file lies in a directory of packages and so may describe a dependency instead."""


class BuildInput(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A file, or a directory (it ends in ``/``), that a build reads and the image does not hold."""

    path: str
    """Path in the repository: the Dockerfile, a ``.dockerignore``, a file that was copied and then
    deleted, or one that an earlier stage of the Dockerfile copies."""
    commits: tuple[str, ...] = ()
    """SHAs of those commits of ``Touched`` that change it."""


class Touched(msgspec.Struct, frozen=True, gc=False):
    """The commits that changed the files or build inputs of an image after the commits it matches.

    Considered are the commits on the first-parent lines of the repository's refs, without the
    ancestors that all matched commits have in common. A commit changes the paths that differ from
    its first parent.
    """

    commits: tuple[str, ...] = ()
    """SHAs of commits that change a file in the image: those on HEAD's line first, each line newest
    first."""
    inputs: tuple[BuildInput, ...] = ()
    """The known build inputs, sorted by path, whether or not a commit changed them."""
    cut: bool = False
    """Whether a list was cut, so that commits which are missing from it may have changed the image,
    too."""
    gone: tuple[str, ...] = ()
    """Directories of ``maps`` that no longer exist at HEAD."""


class ContentMatch(
    Fields, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="content-match"
):
    """What the bytes of one image (or zip package) say about the commits of one repository.
    Repositories that tie (forks, shared history) give one record each."""

    resource: ResourceId
    """A local image, an ECR image, or a zip function or version."""
    repository: str = ""
    """Key of the GitRepository; empty for NONE."""
    verdict: ContentVerdict
    commits: tuple[str, ...] = ()
    """SHAs of the matching commits, newest first; cut at a fixed length."""
    count: int = 0
    """How many commits match; more than ``len(commits)`` when the list was cut."""
    newest: str = ""
    oldest: str = ""
    runs: tuple[tuple[str, int], ...] = ()
    """Every matching commit where ``commits`` was cut: (SHA, n) stands for that commit and its n -
    1 nearest ancestors by first parents."""
    refs: tuple[str, ...] = ()
    """Full names of refs that contain a matching commit (bounded)."""
    maps: Pairs = ()
    """(directory in the image, directory in the repository): where files were copied from."""
    packages: Pairs | None = None
    """(directory of ``maps``, name of the package that it is in), as the nearest manifest above the
    files says in the newest of the commits: ``pyproject.toml``, ``package.json``, ``go.mod``…
    None: not looked for."""
    matched: int = 0
    """Number of files of the image that are equal in the matching commits."""
    by_run: int = 0
    """How many of ``matched`` lie in layers that RUN made: installed, not copied. Only looked at
    where the copied layers match nothing."""
    held: int = 0
    """How many of ``matched`` are embedded in other files: sources in source maps, resources in
    jars. Only looked at where the image's own files prove nothing."""
    modified: tuple[str, ...] = ()
    """Image paths whose content differs from the file that the matching commits track there
    (bounded)."""
    modified_count: int = 0
    renamed: tuple[str, ...] = ()
    """Image paths that are equal to a tracked file of another name or place (bounded)."""
    renamed_count: int = 0
    line_ends: tuple[str, ...] = ()
    """Image paths that are equal but for line ends, beside others that are not (bounded). Where
    all text files were converted alike there are none."""
    line_ends_count: int = 0
    published: tuple[str, ...] = ()
    """Image paths of ``package.json`` files that are equal but for what npm added (bounded)."""
    published_count: int = 0
    lacking: tuple[str, ...] = ()
    """Image paths of a few tracked files that are absent beside equal ones (bounded)."""
    lacking_count: int = 0
    unexplained: tuple[str, ...] = ()
    """Image paths, in the layers that the build copied, that the matching commits do not track
    (bounded)."""
    unexplained_count: int = 0
    dependencies: tuple[str, ...] = ()
    """Directories of the image that hold dependencies which some commit of the repository once
    contained; they say nothing about this build (bounded)."""
    dependencies_count: int = 0
    """Number of files in ``dependencies``."""
    layers_read: int = 0
    layers_left: int = 0
    """Number of layers that no COPY or ADD made and that were not downloaded: a file that one of
    them deletes counts as present."""
    shallow: bool = False
    """The repository's history is cut: an equal commit may lie beyond."""
    facts: tuple[FileFact, ...] = ()
    """Revisions that files of the image name; the same in each record of one image."""
    touched: Touched | None = None
    """None when it is not known: several explanations fit, or there is too little in common."""
