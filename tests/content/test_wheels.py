"""Python packages that pip installed lead to their commit, and do not speak for others."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.content.image.wheel_record import recorded
from jotgraph.content.revisions.facts import fact_of
from jotgraph.content.revisions.texts import LOCAL_FOLDER
from jotgraph.links.content import grade_of
from jotgraph.links.model import Grade
from jotgraph.records import ContentVerdict
from tests.content.artefacts import REVISION, sources
from tests.content.images import Content
from tests.content.test_dependencies import match
from tests.content.test_held_files import unpacked
from tests.factories import file_fact
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository

SITE = "venv/lib/python3.11/site-packages"
INFO = "acme_store-1.2.0.dist-info"
COPY = "COPY /venv /venv # buildkit"
RUN = "RUN pip install /src # buildkit"
VENDORED = {f"yaml/{name}.py": f"# {name} of yaml\n".encode() * 20 for name in ("loader", "nodes")}
Shop = tuple[Repository, list[str]]


@pytest.fixture
def shop(git_repository: NewRepository) -> Shop:
    """The package of the artefacts, which replaced an older one beside a library that had been
    vendored; the last two commits have it as it was installed."""
    repository = git_repository("shop")
    files: dict[str, str | bytes] = dict(sources())
    files = {path: data for path, data in files.items() if path.startswith("src/")}
    older = {path: b"# older\n" + bytes(sources()[path]) for path in files}
    vendored: dict[str, str | bytes] = {f"lib/{path}": data for path, data in VENDORED.items()}
    shas = [repository.commit({**older, **vendored})]
    shas.append(repository.commit(files, remove=sorted(vendored)))
    shas.append(repository.commit({"docs/a.md": "about it\n" * 9}))
    return repository, shas


def yaml(folder: str, *, record: bool = True) -> dict[str, Content]:
    """A dependency whose name is not that of what it installs, with files that were vendored."""
    lines = "".join(f"{path},sha256=x,9\n" for path in VENDORED)
    files: dict[str, Content] = {f"{folder}/{path}": data for path, data in VENDORED.items()}
    files[f"{folder}/PyYAML-6.0.dist-info/METADATA"] = b"Name: PyYAML\nVersion: 6.0\n"
    if record:
        files[f"{folder}/PyYAML-6.0.dist-info/RECORD"] = lines.encode()
    return files


@pytest.mark.parametrize("layout", ["one layer", "two layers"])
def test_what_was_installed_from_the_folder_speaks_beside_dependencies(
    layout: str, shop: Shop, tmp_path: Path
) -> None:
    """The library is of the first commit only: it must not draw the answer there."""
    repository, shas = shop
    own, others = unpacked("pip-folder.tar.gz", SITE), yaml(SITE)
    layers = [own | others] if layout == "one layer" else [others, own]
    answer = match(layers, [COPY] * len(layers), repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.EXACT, set(shas[1:]))
    assert (answer.matched, answer.modified) == (3, ())
    assert answer.dependencies == (f"{SITE}/yaml",)
    assert grade_of(answer) is Grade.STRONG  # what pip wrote beside it is untracked
    assert [fact.kind for fact in answer.facts] == []


def test_what_run_installed_from_the_folder(shop: Shop, tmp_path: Path) -> None:
    repository, shas = shop
    layers: list[dict[str, Content]] = [
        {"etc/os-release": b"a system\n" * 9},
        unpacked("pip-folder.tar.gz", SITE) | yaml(SITE),
    ]
    answer = match(layers, ["ADD rootfs.tar / # buildkit", RUN], repository, tmp_path)
    assert (set(answer.commits), answer.by_run) == (set(shas[1:]), 3)
    assert grade_of(answer) is Grade.SUPPORT


def test_a_record_tells_packages_that_lie_beside_a_function(shop: Shop, tmp_path: Path) -> None:
    """``pip install --target``: the folder has no name, and the package another one than its
    distribution; without a RECORD it cannot be told from the function."""
    repository, shas = shop
    function: dict[str, Content] = {
        f"var/task/{path.removeprefix('src/')}": data
        for path, data in sources().items()
        if path.startswith("src/")
    }
    answer = match([function | yaml("var/task")], ["COPY . /var/task"], repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.EXACT, set(shas[1:]))
    assert answer.dependencies == ("var/task/yaml",)
    untold = match(
        [function | yaml("var/task", record=False)], ["COPY . /var/task"], repository, tmp_path
    )
    assert untold.dependencies == ()


def test_a_release_is_told_of_what_an_index_served(shop: Shop, tmp_path: Path) -> None:
    """Without ``direct_url.json`` a package was installed from an index: its version counts."""
    repository, shas = shop
    files = unpacked("pip-folder.tar.gz", SITE)
    del files[f"{SITE}/{INFO}/direct_url.json"]
    files[f"{SITE}/six-1.16.0.dist-info/RECORD"] = b"six.py,sha256=x,9\n"
    files[f"{SITE}/six.py"] = b"# of others\n" * 9
    answer = match([files], [COPY], repository, tmp_path)
    assert (answer.verdict, set(answer.commits)) == (ContentVerdict.EXACT, set(shas[1:]))
    record = f"{SITE}/{INFO}/RECORD"
    assert answer.facts == (file_fact(record, "release", "1.2.0", package=True),)


def test_what_was_installed_from_git_names_its_commit(shop: Shop, tmp_path: Path) -> None:
    repository, shas = shop
    answer = match([unpacked("pip-git.tar.gz", SITE)], [COPY], repository, tmp_path)
    assert set(answer.commits) == set(shas[1:])
    assert (f"{SITE}/{INFO}/direct_url.json", "pep610", REVISION) in [
        (fact.path, fact.kind, fact.revision) for fact in answer.facts
    ]


def test_what_the_record_of_pip_says() -> None:
    files = unpacked("pip-folder.tar.gz", "")
    record = files[f"/{INFO}/RECORD"]
    assert isinstance(record, bytes)
    assert recorded(f"{SITE}/{INFO}/RECORD", record) == ("shop/",)
    url = files[f"/{INFO}/direct_url.json"]
    assert isinstance(url, bytes)
    assert fact_of(f"{SITE}/{INFO}/direct_url.json", url) == LOCAL_FOLDER


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("six.py,sha256=x,9\n", ("six.py",)),
        ('"a,b/c.py",sha256=x,9\nd/e/f.py,,\n', ("a,b/", "d/e/")),
        ("./a/b.py,,\na/__pycache__/b.pyc,,\n", ("a/",)),
        ("../../bin/shop,,\n/etc/passwd,,\na/../../b,,\n\n", ()),
        ('"', ()),
        ("\udcff", ()),
        ("a/b.py,,\n" * 50_001, ()),
    ],
)
def test_records(text: str, places: tuple[str, ...]) -> None:
    data = text.encode("utf-8", "surrogateescape")
    assert recorded("a-1.dist-info/RECORD", data) == places
    assert recorded("a/RECORD", data) == ()


@given(st.binary(max_size=200))
def test_a_record_of_any_bytes_leads_nowhere_outside(data: bytes) -> None:
    assert not any(p.startswith(("/", "..")) for p in recorded("a.dist-info/RECORD", data))
