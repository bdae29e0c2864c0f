"""Many images and repositories at once: what is no link, what is a gap, what is read only once."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from jotgraph.content.engine import Archive, Blobs, Package, Source, content_of
from jotgraph.content.image.bounded_stream import LayerError, LayerLimits
from jotgraph.content.image.zip_package import read_zip
from jotgraph.records import (
    ContentMatch,
    ContentVerdict,
    FileFact,
    Gap,
    function_id,
    local_image_id,
)
from tests.content.histories import copied, monorepo
from tests.content.images import Content, digest, layer, saved
from tests.factories import file_fact
from tests.rig.fixtures import NewRepository
from tests.rig.git import Repository, clone

IMAGE = local_image_id("sha256:" + "b" * 64)
LICENSE = b"Permission is hereby granted, free of charge, to any person\n" * 5
DOCKERFILE = b"FROM public.ecr.aws/lambda/python:3.12\nCOPY . /var/task\nCMD app.handler\n" * 2
V = ContentVerdict


def _image(*layers: Mapping[str, Content], history: tuple[str, ...] = ()) -> Archive:
    archive = saved([layer(files) for files in layers], history)
    return Archive(lambda: [archive])


def _matches(
    source: Source, cache: Path, *repositories: Repository, limits: LayerLimits | None = None
) -> tuple[tuple[ContentMatch, ...], tuple[Gap, ...]]:
    content = content_of(
        [(IMAGE, source)],
        [(repository.path.name, repository.path) for repository in repositories],
        cache,
        limits=limits or LayerLimits(),
    )
    return content.matches, content.gaps


def _verdicts(source: Source, cache: Path, *repositories: Repository) -> dict[str, ContentVerdict]:
    matches, gaps = _matches(source, cache, *repositories)
    assert gaps == ()
    return {match.repository: match.verdict for match in matches}


def test_images_of_other_repositories_are_no_link(tmp_path: Path) -> None:
    ours = monorepo(tmp_path / "ours", 1, 40)
    theirs = monorepo(tmp_path / "theirs", 2, 40)
    for directory in ("functions/alpha", "lib", ""):
        files = copied(theirs.commits[20].tree, directory)
        image = _image({f"var/task/{path}": data for path, data in files.items()})
        assert _verdicts(image, tmp_path / "cache", ours.repository) == {"": V.NONE}


@pytest.mark.parametrize("shared", [{"LICENSE": LICENSE}, {"Dockerfile": DOCKERFILE}])
def test_a_shared_licence_or_template_is_no_link(
    shared: dict[str, str | bytes], git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    repository.commit({**shared, "app.py": "print('ours')\n" * 20})
    image = _image({**shared, "app.py": b"print('theirs')\n" * 20})  # type: ignore[dict-item]
    assert _verdicts(image, tmp_path / "cache", repository) == {"": V.NONE}


def test_one_small_file_is_weak(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit({"main.py": "import lib\nlib.run()\n"})
    image = _image({"srv/main.py": b"import lib\nlib.run()\n"})
    assert _verdicts(image, tmp_path / "cache", repository) == {"app": V.WEAK}


def test_one_file_in_two_repositories_is_weak(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    first, second = git_repository("one"), git_repository("other")
    for number, repository in enumerate((first, second)):
        repository.commit({"handler.py": b"def handler(): ...\n" * 20, "x": f"{number}\n"})
    image = _image({"var/task/handler.py": b"def handler(): ...\n" * 20})
    assert _verdicts(image, tmp_path / "c1", first) == {"one": V.SUBSET}
    assert _verdicts(image, tmp_path / "c2", first, second) == {"one": V.WEAK, "other": V.WEAK}


def test_a_fork_ties_and_a_vendored_file_does_not(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    files: dict[str, str | bytes] = {f"src/m{n}.py": f"value = {n}\n" * 20 for n in range(6)}
    origin, stranger = git_repository("origin"), git_repository("stranger")
    origin.commit(files)
    fork = clone(origin, tmp_path / "fork")
    stranger.commit({"vendor/m1.py": files["src/m1.py"], "vendor/m2.py": files["src/m2.py"]})
    image = _image({f"var/task/{p[4:]}": str(d).encode() for p, d in files.items()})
    verdicts = _verdicts(image, tmp_path / "cache", stranger, origin, fork)
    assert verdicts == {"origin": V.EXACT, "fork": V.EXACT}


def test_two_repositories_in_one_image(git_repository: NewRepository, tmp_path: Path) -> None:
    first, second = git_repository("one"), git_repository("other")
    first.commit({f"a{n}.py": f"one = {n}\n" * 20 for n in range(3)})
    second.commit({f"b{n}.py": f"other = {n}\n" * 20 for n in range(3)})
    image = _image(
        {f"opt/one/a{n}.py": f"one = {n}\n".encode() * 20 for n in range(3)},
        {f"var/task/b{n}.py": f"other = {n}\n".encode() * 20 for n in range(3)},
    )
    verdicts = _verdicts(image, tmp_path / "cache", first, second)
    assert verdicts == {"one": V.EXACT, "other": V.EXACT}


def test_a_clone_of_sha256(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository(object_format="sha256")
    sha = repository.commit({f"m{n}.py": f"value = {n}\n" * 20 for n in range(3)})
    image = _image({f"srv/m{n}.py": f"value = {n}\n".encode() * 20 for n in range(3)})
    ((match,), _) = _matches(image, tmp_path / "cache", repository)
    assert (match.verdict, match.commits) == (V.EXACT, (sha,))


def test_lfs_and_symbolic_links(git_repository: NewRepository, tmp_path: Path) -> None:
    model = b"\x07" * 5000
    pointer = (
        "version https://git-lfs.github.com/spec/v1\n"
        f"oid sha256:{hashlib.sha256(model).hexdigest()}\nsize 5000\n"
    )
    repository = git_repository()
    repository.write({"m/model.bin": pointer, "m/app.py": "print('model')\n" * 20})
    (repository.path / "m" / "current-model.bin").symlink_to("model.bin-of-today")
    sha = repository.commit()
    files: dict[str, Content] = {
        "srv/model.bin": model,
        "srv/app.py": b"print('model')\n" * 20,
        "srv/current-model.bin": ("link", "model.bin-of-today"),
    }
    ((match,), _) = _matches(_image(files), tmp_path / "cache", repository)
    assert (match.verdict, match.commits, match.matched) == (V.EXACT, (sha,), 3)


def test_rewritten_history_is_found_again(tmp_path: Path) -> None:
    world = monorepo(tmp_path / "mono", 3, 40)
    image = _image(
        {
            f"var/task/{path}": data
            for path, data in copied(world.commits[25].tree, "functions/alpha").items()
        }
    )
    ((before,), _) = _matches(image, tmp_path / "cache", world.repository)
    rewritten = monorepo(tmp_path / "rewritten", 3, 40, "rewritten").repository
    ((after,), _) = _matches(image, tmp_path / "cache", rewritten)
    assert after.verdict is before.verdict is V.EXACT
    assert after.count == before.count
    assert not set(after.commits) & set(before.commits)


def test_a_cut_history_is_a_gap_and_said(tmp_path: Path) -> None:
    world = monorepo(tmp_path / "mono", 4, 40)
    cut = clone(world.repository, tmp_path / "cut", "--depth=3")
    files = copied(world.commits[5].tree, "functions/alpha")
    image = _image({f"var/task/{path}": data for path, data in files.items()})
    matches, gaps = _matches(image, tmp_path / "cache", cut)
    assert [(gap.service, gap.reason, gap.resource) for gap in gaps] == [("git", "shallow", "cut")]
    assert matches[0].shallow or matches[0].verdict is V.NONE
    assert matches[0].verdict is not V.EXACT


HOSTILE: dict[str, bytes] = {
    "no tar at all": b"\x00\x01garbage" * 400,
    "nothing": b"",
    "cut short": saved([layer({"a": b"x" * 9000})])[:6000],
    "path traversal": saved([layer({"../../etc/passwd": b"root"})]),
    "no manifest": layer({"x/layer.tar": layer({"a": b"x"})}),
    "a lying manifest": saved([layer({"a": b"x"})]).replace(b"sha256:", b"sha256;"),
    "a bomb": saved([gzip.compress(layer({"zeros": bytes(30 << 20)}), mtime=0)]),
    "a crowd": saved([layer((f"f{n}", b"") for n in range(3000))]),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_image_is_a_gap(name: str, git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit({"a": "one\n"})
    limits = LayerLimits(bytes=10 << 20, entries=1000)
    source = Archive(lambda: [HOSTILE[name]])
    matches, gaps = _matches(source, tmp_path / "cache", repository, limits=limits)
    assert matches == ()
    assert [(gap.service, gap.reason, gap.resource) for gap in gaps] == [
        ("content", "error", IMAGE)
    ]


def test_a_failing_fetch_is_a_gap(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit({"a": "one\n"})

    def fail() -> Iterator[bytes]:
        yield b"some"
        raise ConnectionResetError("the network went away")

    matches, (gap,) = _matches(Archive(fail), tmp_path / "cache", repository)
    assert matches == ()
    assert "went away" in gap.detail


def test_a_repository_that_is_none_is_a_gap(tmp_path: Path) -> None:
    content = content_of([(IMAGE, _image({"a": b"x"}))], [("gone", tmp_path)], tmp_path / "cache")
    assert [(gap.service, gap.resource, gap.reason) for gap in content.gaps] == [
        ("git", "gone", "error")
    ]
    assert content.matches == ()


def test_registry_layers_by_digest_and_only_those_that_copied(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    sha = repository.commit({f"m{n}.py": f"value = {n}\n" * 20 for n in range(3)})
    base, made = layer({"lib/base.so": b"\x7fELF" * 99}), layer({"srv/x.pyc": b"\0" * 99})
    own = layer({f"srv/m{n}.py": f"value = {n}\n".encode() * 20 for n in range(3)})
    layers = {
        digest(gzip.compress(data, mtime=0)): gzip.compress(data, mtime=0)
        for data in (base, own, made)
    }
    history = ["RUN apt-get install # buildkit", "COPY . /srv # buildkit", "RUN compile # buildkit"]
    config = {
        "rootfs": {"diff_ids": [digest(data) for data in (base, own, made)]},
        "history": [{"created_by": line} for line in history]
        + [{"created_by": "CMD app", "empty_layer": True}],
    }
    asked: list[str] = []

    def fetch(name: str) -> list[bytes]:
        asked.append(name)
        return [layers[name]]

    source = Blobs(config, tuple(layers), fetch)
    ((match,), _) = _matches(source, tmp_path / "cache", repository)
    assert (match.verdict, match.commits) == (V.EXACT, (sha,))
    assert (match.layers_read, match.layers_left) == (1, 2)
    assert asked == [digest(gzip.compress(own, mtime=0))]
    assert _matches(source, tmp_path / "cache", repository)[0] == (match,)
    assert len(asked) == 1

    wrong = Blobs(config, tuple(layers), lambda name: [gzip.compress(base, mtime=0)])
    matches, (gap,) = _matches(wrong, tmp_path / "other", repository)
    assert matches == ()
    assert "wrong digest" in gap.detail


def test_a_cached_image_is_not_saved_again(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    repository.commit({f"m{n}.py": f"value = {n}\n" * 20 for n in range(3)})
    plain = layer({f"srv/m{n}.py": f"value = {n}\n".encode() * 20 for n in range(3)})
    config = {"rootfs": {"diff_ids": [digest(plain)]}}
    first = _matches(Archive(lambda: [saved([plain])], config), tmp_path / "cache", repository)

    def refuse() -> list[bytes]:
        raise AssertionError("saved again")

    assert _matches(Archive(refuse, config), tmp_path / "cache", repository) == first
    packed = Archive(lambda: [saved([plain], oci=True)])
    assert _matches(packed, tmp_path / "other", repository) == first


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_a_zip_function(git_repository: NewRepository, tmp_path: Path) -> None:
    repository = git_repository()
    sha = repository.commit({f"fn/m{n}.py": f"value = {n}\n" * 20 for n in range(3)})
    package = _zip({f"m{n}.py": f"value = {n}\n".encode() * 20 for n in range(3)})
    code = base64.b64encode(hashlib.sha256(package).digest()).decode()
    resource = function_id("111111111111", "eu-west-1", "zipped")
    content = content_of(
        [(resource, Package(lambda: package, code))],
        [("app", repository.path)],
        tmp_path / "cache",
    )
    assert [(m.resource, m.verdict, m.commits) for m in content.matches] == [
        (resource, V.EXACT, (sha,))
    ]
    hostile = {
        "wrong": Package(lambda: package, "AAAA"),
        "traversal": Package(lambda: _zip({"../x": b"y"})),
        "broken": Package(lambda: package[:200]),
    }
    for source in hostile.values():
        matches, gaps = _matches(source, tmp_path / "cache", repository)
        assert matches == ()
        assert len(gaps) == 1


OWN = LayerLimits(own=frozenset({"srv/BUILD_INFO"}))


def _told(
    source: Source, cache: Path, repository: Repository, limits: LayerLimits
) -> set[FileFact]:
    matches, gaps = _matches(source, cache, repository, limits=limits)
    assert gaps == ()
    return {fact for match in matches for fact in match.facts}


@pytest.mark.parametrize(
    ("text", "revision", "dirty"),
    [
        ("a1b2c3d4" * 5, "a1b2c3d4" * 5, False),
        ("a1b2c3d4e-dirty", "a1b2c3d4e", True),
        ('{"build": 7, "from": "' + "a1b2c3d4" * 5 + '"}', "a1b2c3d4" * 5, False),
        ("built on a Tuesday", "", False),
        ("build 1234567", "", False),
    ],
)
def test_a_file_that_a_team_names(
    text: str, revision: str, dirty: bool, git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    files = {f"m{n}.py": f"value = {n}\n" * 20 for n in range(3)}
    repository.commit(files)
    copied: dict[str, Content] = {f"srv/{path}": data.encode() for path, data in files.items()}
    image = _image({**copied, "srv/BUILD_INFO": text.encode(), "srv/OTHER": text.encode()})
    expected = {file_fact("srv/BUILD_INFO", "own", revision, dirty=dirty)} if revision else set()
    assert _told(image, tmp_path / "cache", repository, OWN) == expected


def test_what_was_kept_of_a_layer_is_no_answer_for_a_file_named_later(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    files = {f"m{n}.py": f"value = {n}\n" * 20 for n in range(3)}
    sha = repository.commit(files)
    copied: dict[str, Content] = {f"srv/{path}": data.encode() for path, data in files.items()}
    image = _image({**copied, "srv/BUILD_INFO": sha.encode()})
    expected = {file_fact("srv/BUILD_INFO", "own", sha)}
    for limits, facts in (
        (LayerLimits(), set()),
        (OWN, expected),
        (LayerLimits(), set()),
        (OWN, expected),
    ):
        assert _told(image, tmp_path / "cache", repository, limits) == facts


def test_a_file_of_a_package_that_a_team_names(
    git_repository: NewRepository, tmp_path: Path
) -> None:
    repository = git_repository()
    files = {f"m{n}.py": f"value = {n}\n" * 20 for n in range(3)}
    sha = repository.commit(files)
    packed = {path: data.encode() for path, data in files.items()}
    package = Package(lambda: _zip({**packed, "BUILD_INFO": sha.encode()}))
    limits = LayerLimits(own=frozenset({"BUILD_INFO"}))
    assert _told(package, tmp_path / "cache", repository, limits) == {
        file_fact("BUILD_INFO", "own", sha)
    }


def test_a_zip_bomb() -> None:
    with pytest.raises(LayerError, match="bytes"):
        read_zip(_zip({"zeros": bytes(5 << 20)}), None, limits=LayerLimits(bytes=1 << 20))
    with pytest.raises(LayerError, match="entries"):
        read_zip(_zip({f"f{n}": b"" for n in range(20)}), None, limits=LayerLimits(entries=10))


@pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_package_whose_files_would_inflate_all_at_once(compression: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        archive.writestr("zeros", bytes(1 << 20))
    with pytest.raises(LayerError, match="compression"):
        read_zip(out.getvalue(), None)


def test_a_package_of_very_many_files_is_refused_before_its_directory_is_read() -> None:
    with pytest.raises(LayerError, match="entries"):
        read_zip(b"PK\x01\x02" * 400_001, None)
