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
    """All equal, but only a part of the tracked files was copied: the class is larger."""
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
    """It lies where packages are: it may tell of a dependency."""


class BuildInput(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A file, or a directory (it ends in ``/``), that a build reads and the image does not hold."""

    path: str
    """In the repository. The Dockerfile, a ``.dockerignore``, what was copied and then deleted,
    what an earlier stage of the Dockerfile copies."""
    commits: tuple[str, ...] = ()
    """SHAs that touch it, of the commits that ``Touched`` is about."""


class Touched(msgspec.Struct, frozen=True, gc=False):
    """What changed since the commits of a match: of the commits on the lines (first parents) of
    the repository's refs, but for those that every commit of the match leads to, the ones that
    touch what is in the image. A commit touches what its diff against its first parent changes."""

    commits: tuple[str, ...] = ()
    """SHAs, those of HEAD's line first, and of each the newest first."""
    inputs: tuple[BuildInput, ...] = ()
    """The build inputs that are known, touched or not, by path."""
    cut: bool = False
    """A list was cut: commits that are not in it may touch too."""
    gone: tuple[str, ...] = ()
    """Directories of ``maps`` that HEAD has no longer."""


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
    """SHAs of the class, newest first; the first ``count`` of them up to a bound."""
    count: int = 0
    """Size of the class; more than ``len(commits)`` when the list was cut."""
    newest: str = ""
    oldest: str = ""
    runs: tuple[tuple[str, int], ...] = ()
    """The whole class where ``commits`` was cut: (SHA, n) stands for that commit and those it leads
    to by first parents, n in all."""
    refs: tuple[str, ...] = ()
    """Full names of refs that contain a commit of the class (bounded)."""
    maps: Pairs = ()
    """(directory in the image, directory in the repository): where files were copied from."""
    packages: Pairs | None = None
    """(directory of ``maps``, name of the package that it is in), as the nearest manifest above the
    files says in the newest of the commits: ``pyproject.toml``, ``package.json``, ``go.mod``…
    None: not looked for."""
    matched: int = 0
    """Files of the image that are equal in the class."""
    by_run: int = 0
    """Those of them in layers that RUN made: installed, not copied. They are looked at only where
    the copied layers tell nothing."""
    held: int = 0
    """Those of them that other files hold: sources in source maps, resources in jars. They are
    looked at only where the image's own files prove nothing."""
    modified: tuple[str, ...] = ()
    """Image paths that are tracked in the class with other content (bounded)."""
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
    """Image paths, in the layers that the build copied, that the class does not track (bounded)."""
    unexplained_count: int = 0
    dependencies: tuple[str, ...] = ()
    """Directories of the image with files of dependencies that the repository once held, of
    whatever commit: they do not speak of the build (bounded)."""
    dependencies_count: int = 0
    """Files in them."""
    layers_read: int = 0
    layers_left: int = 0
    """Layers that no COPY or ADD made and that were not fetched: files deleted there are seen."""
    shallow: bool = False
    """The repository's history is cut: an equal commit may lie beyond."""
    facts: tuple[FileFact, ...] = ()
    """Revisions that files of the image name; the same in each record of one image."""
    touched: Touched | None = None
    """None when it is not known: several explanations fit, or there is too little in common."""
