"""What is saved is read back, and what is not whole is refused."""

from __future__ import annotations

import hashlib
import json
import os
import stat
import tracemalloc
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TypedDict

import msgspec
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from jotgraph.errors import SnapshotError
from jotgraph.records import (
    Alias,
    Child,
    Commit,
    Container,
    ContentMatch,
    ContentVerdict,
    EcrImage,
    EcrRepository,
    Function,
    Gap,
    GitRepository,
    Inventory,
    Kind,
    Layer,
    LocalImage,
    Registry,
    Role,
    Scope,
    Trigger,
    UsedImage,
    Version,
    Workload,
    commit_id,
)
from jotgraph.store import header, load, reading, save
from jotgraph.version import __version__
from tests.strength import examples, one_in, some

WHEN = datetime(2026, 3, 1, 12, 0, 0, 5, tzinfo=UTC)


class Place(TypedDict):
    account: str
    region: str


PLACE: Place = {"account": "123456789012", "region": "eu-west-1"}

WORLD = Inventory(
    taken_at=WHEN,
    scope=Scope(accounts=("123456789012",), places=(("123456789012", "eu-west-1"),), engine="x"),
    gaps=(Gap(service="ecr", action="DescribeImages", reason="denied", hides=(Kind.ECR_IMAGE,)),),
    git=(GitRepository(key="shop", refs=(("refs/heads/main", "a" * 40),), dirty=True),),
    registries=(Registry(**PLACE, replication=("1/x",)),),
    commits=(
        Commit(sha="b" * 40, committed_at=WHEN, parents=("a" * 40,), subject='grüß "\n\u2028'),
        Commit(sha="a" * 40, committed_at=WHEN),
    ),
    local_images=(LocalImage(image_id="sha256:1", labels=(("a", "b"),), created_at=WHEN),),
    containers=(Container(container_id="c", image_id="sha256:1"),),
    ecr_repositories=(EcrRepository(**PLACE, name="shop", policy="", tags=()),),
    ecr_images=(
        EcrImage(
            **PLACE,
            repository="shop",
            digest="sha256:2",
            layers=(Layer("sha256:3", 5),),
            children=(Child("sha256:4", "linux/amd64"),),
        ),
    ),
    functions=(Function(**PLACE, name="pay", urls=("",), tags=(("a", "b"),)),),
    versions=(Version(**PLACE, name="pay", number="1"),),
    aliases=(Alias(**PLACE, function_name="pay", name="live", version="1", weights=(("2", 0.1),)),),
    triggers=(Trigger(**PLACE, uuid="u", function_arn="arn"),),
    workloads=(
        Workload(
            **PLACE,
            service="ecs",
            type="service",
            name="prod/web",
            images=(UsedImage("web:1", "sha256:ab"),),
            tags=(),
            changed_at=WHEN,
        ),
    ),
    roles=(Role(account="123456789012", name="app"),),
    content=(
        ContentMatch(
            resource=commit_id("x"), verdict=ContentVerdict.EXACT, commits=("a" * 40,), count=1
        ),
    ),
)


@pytest.fixture(params=[None, 41], ids=["whole", "pieces"])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files come in one piece, as small ones do, and in many that end anywhere, as large ones."""
    if request.param:
        monkeypatch.setattr(reading, "_PIECE", request.param)
        monkeypatch.setattr(reading, "_PACKED", request.param)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("name", ["world.json", "world.jsonl.zst"])
def test_a_world_of_every_kind_comes_back(tmp_path: Path, name: str) -> None:
    save(WORLD, tmp_path / name)
    assert load(tmp_path / name) == WORLD
    assert header(tmp_path / name).counts == {
        kind: 2 if kind == "commit" else 1
        for kind in (
            *("gap", "git", "registry", "commit", "local-image", "container", "ecr-repo"),
            *("ecr-image", "function", "version", "alias", "trigger", "workload", "role"),
            "content-match",
        )
    }


def test_the_file_is_json_lines_with_header_and_seal(tmp_path: Path) -> None:
    save(msgspec.structs.replace(WORLD, gaps=(), git=()), tmp_path / "w.json")
    content = (tmp_path / "w.json").read_bytes()
    first, *middle, last = [json.loads(line) for line in content.splitlines()]
    assert first["format"] == "jotgraph/inventory/2"
    assert first["program"] == __version__
    assert {line["kind"] for line in middle} == set(first["counts"])
    before = content[: content.rfind(b"\n", 0, -1) + 1]
    assert last == {
        "kind": "end",
        "count": len(middle),
        "sha256": hashlib.sha256(before).hexdigest(),
    }


def test_the_same_world_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.zst", "b.zst"):
        save(WORLD, tmp_path / name)
    assert (tmp_path / "a.zst").read_bytes() == (tmp_path / "b.zst").read_bytes()


_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_times = st.datetimes(min_value=datetime(1, 1, 2), timezones=st.just(UTC))
_worlds = st.builds(
    Inventory,
    taken_at=_times,
    scope=st.builds(Scope, git=st.lists(_text, max_size=2).map(tuple), quick=st.booleans()),
    gaps=st.lists(st.builds(Gap, service=_text, action=_text, reason=_text), max_size=2).map(tuple),
    git=st.lists(st.builds(GitRepository, key=_text), max_size=2).map(tuple),
    commits=st.lists(
        st.builds(Commit, sha=_text, committed_at=_times, subject=_text), max_size=3
    ).map(tuple),
    local_images=st.lists(st.from_type(LocalImage), max_size=0).map(tuple),
    functions=st.lists(
        st.builds(
            Function,
            account=_text,
            region=_text,
            name=_text,
            tags=st.none() | st.lists(st.tuples(_text, _text), max_size=2).map(tuple),
            policy=st.none() | _text,
        ),
        max_size=2,
    ).map(tuple),
    aliases=st.lists(
        st.builds(
            Alias,
            account=_text,
            region=_text,
            function_name=_text,
            name=_text,
            version=_text,
            weights=st.lists(st.tuples(_text, st.floats(0, 1, allow_nan=False)), max_size=2).map(
                tuple
            ),
        ),
        max_size=2,
    ).map(tuple),
)


@examples(20, many=60)
@given(world=_worlds, compressed=st.booleans())
def test_any_world_comes_back(
    tmp_path_factory: pytest.TempPathFactory, world: Inventory, compressed: bool
) -> None:
    path = tmp_path_factory.mktemp("any") / ("w.zst" if compressed else "w.json")
    save(world, path)
    assert load(path) == world


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("name", ["w.json", "w.zst"])
def test_every_truncation_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    save(WORLD, path)
    whole = path.read_bytes()
    for length in (*range(0, len(whole), 7), len(whole) - 1):
        path.write_bytes(whole[:length])
        with pytest.raises(SnapshotError):
            load(path)


@pytest.mark.usefixtures("pieces")
def test_a_lost_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    save(WORLD, path)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-1]))
    with pytest.raises(SnapshotError, match=r"w\.json is truncated: it ends at line 18; scan aga"):
        load(path)
    path.write_bytes(b"".join(lines[:5] + lines[6:]))
    with pytest.raises(SnapshotError, match="damaged or was edited"):
        load(path)


@pytest.mark.usefixtures("pieces")
@pytest.mark.parametrize("name", ["w.json", "w.zst"])
def test_every_changed_byte_is_refused(tmp_path: Path, name: str) -> None:
    """But for a few that say nothing of the content: the name of a field of the seal, and how much
    memory zstd may use."""
    path = tmp_path / name
    save(WORLD, path)
    whole, harmless = path.read_bytes(), 0
    for at in range(0, len(whole), 11):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with suppress(SnapshotError):
            assert load(path) == WORLD
            harmless += 1
    assert harmless <= 2


def _sealed(path: Path, *lines: str) -> Path:
    """A file whose seal fits whatever it holds."""
    body = "".join(f"{line}\n" for line in lines).encode()
    seal = {"kind": "end", "count": len(lines) - 1, "sha256": hashlib.sha256(body).hexdigest()}
    path.write_bytes(body + json.dumps(seal).encode() + b"\n")
    return path


HEAD = {"format": "jotgraph/inventory/2", "program": "0", "taken_at": "2026-03-01T12:00:00Z"}


@pytest.mark.parametrize(
    ("head", "message"),
    [
        (
            {"format": "jotgraph/plan/1"},
            "is a plan, not a jotgraph inventory; jotgraph scan -o FILE",
        ),
        ({"format": "jotgraph/inventory/3"}, "newer than jotgraph/inventory/2 .* upgrade jotgraph"),
        ({"version": 4}, "is not a jotgraph inventory; jotgraph scan -o FILE"),
        (HEAD, "line 1 is damaged: Object missing required field `scope`"),
    ],
)
def test_foreign_and_newer_files_are_refused(
    tmp_path: Path, head: dict[str, str], message: str
) -> None:
    path = _sealed(tmp_path / "w.json", json.dumps(head))
    with pytest.raises(SnapshotError, match=message):
        load(path)
    with pytest.raises(SnapshotError, match=message):
        header(path)


@pytest.mark.usefixtures("pieces")
def test_a_file_of_the_first_form_says_nothing_of_workloads(tmp_path: Path) -> None:
    head = json.dumps(HEAD | {"format": "jotgraph/inventory/1", "scope": {}, "counts": {}})
    role = '{"kind":"role","account":"1","name":"a"}'
    inventory = load(_sealed(tmp_path / "w.json", head, role))
    assert [role.id for role in inventory.roles] == ["role:1/a"]
    assert (inventory.workloads, inventory.scope.coverage) == ((), ())


@pytest.mark.usefixtures("pieces")
def test_a_line_of_an_unknown_kind_is_named(tmp_path: Path) -> None:
    head = json.dumps(HEAD | {"scope": {}, "counts": {}})
    role = '{"kind":"role","account":"1","name":"a"}'
    path = _sealed(tmp_path / "w.json", head, role, '{"kind":"moon"}')
    with pytest.raises(SnapshotError, match=r"line 3 is damaged: Invalid value 'moon'"):
        load(path)


def test_what_is_not_there_says_how_to_make_it(tmp_path: Path) -> None:
    with pytest.raises(SnapshotError, match="no such file; create it with jotgraph scan -o"):
        load(tmp_path / "w.json")
    with pytest.raises(SnapshotError, match="cannot be read"):
        load(tmp_path)
    with pytest.raises(SnapshotError, match="cannot be written"):
        save(WORLD, tmp_path / "no" / "w.json")


def test_only_the_owner_may_read_and_nothing_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    path.write_text("old")
    path.chmod(0o644)
    save(WORLD, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["w.json"]


def test_a_failed_write_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "w.json"
    save(WORLD, path)
    bad = msgspec.structs.replace(
        WORLD, commits=(Commit(sha="a", committed_at=WHEN, subject="\ud800"),)
    )
    with pytest.raises(SnapshotError, match="cannot be written"):
        save(bad, path)
    assert load(path) == WORLD
    assert os.listdir(tmp_path) == ["w.json"]


def test_compression_is_told_by_the_content(tmp_path: Path) -> None:
    save(WORLD, tmp_path / "w.zst")
    (tmp_path / "w.json").write_bytes((tmp_path / "w.zst").read_bytes())
    assert load(tmp_path / "w.json") == WORLD
    plain = (
        zstandard.ZstdDecompressor().decompressobj().decompress((tmp_path / "w.zst").read_bytes())
    )
    (tmp_path / "plain.zst").write_bytes(plain)
    assert load(tmp_path / "plain.zst") == WORLD


@pytest.mark.parametrize(
    ("head", "why"),
    [
        ("", "is not a jotgraph inventory; jotgraph scan -o FILE"),
        ('{"format":"jotgraph/inventory/1', "has a line of more than 33,554,432 bytes"),
        ("a whole header", "has a line of more than 33,554,432 bytes"),
    ],
)
def test_a_bomb_is_refused_in_bounded_memory(head: str, why: str, tmp_path: Path) -> None:
    """Some 5 kB that unpack to 160 MiB: one line of it, before or after the header."""
    save(WORLD, tmp_path / "w.json")
    first = (tmp_path / "w.json").read_bytes().splitlines(keepends=True)[0]
    bomb = tmp_path / "bomb.zst"
    with bomb.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as out:
        out.write(first if head == "a whole header" else head.encode())
        for _ in range(160):
            out.write(b"a" * (1 << 20))
    assert bomb.stat().st_size < 1 << 20
    tracemalloc.start()
    try:
        with pytest.raises(SnapshotError, match=why):
            load(bomb)
        if head != "a whole header":
            with pytest.raises(SnapshotError, match=why):
                header(bomb)
        assert tracemalloc.get_traced_memory()[1] < 125 << 20
    finally:
        tracemalloc.stop()


def test_lines_without_end_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of a fair length, and the same: no inventory repeats itself so."""
    few = one_in(8)
    monkeypatch.setattr(reading, "_UNPACKED", reading._UNPACKED // few)
    bomb = tmp_path / "bomb.zst"
    with bomb.open("wb") as file, zstandard.ZstdCompressor().stream_writer(file) as out:
        save(WORLD, tmp_path / "w.json")
        out.write((tmp_path / "w.json").read_bytes().splitlines(keepends=True)[0])
        line = b'{"nonsense":"' + b"a" * 1000 + b'"}\n'
        for _ in range(300 // few):
            out.write(line * (1 << 10))
    with pytest.raises(SnapshotError, match="unpacks to more than any inventory"):
        load(bomb)


@pytest.mark.parametrize(
    "name", some("form of a repository of many tags", ("w.jsonl.zst", "w.jsonl"), 2)
)
def test_a_repository_of_many_tags_is_no_bomb(tmp_path: Path, name: str) -> None:
    refs = tuple((f"refs/tags/{n:06}", f"{n:040x}") for n in range(300_000))
    world = msgspec.structs.replace(WORLD, git=(GitRepository(key="tags", refs=refs),))
    save(world, tmp_path / name)
    assert load(tmp_path / name) == world
