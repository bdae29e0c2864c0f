"""Snapshots that share what is unchanged, in a folder and in a bucket."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path

import msgspec
import pytest

from jotgraph.buckets import Bucket, bucket
from jotgraph.errors import OptionError, SnapshotError
from jotgraph.records import Inventory
from jotgraph.sandbox.server import Sandbox
from jotgraph.store import Snapshots, load
from jotgraph.store.places import Folder, ObjectStore
from jotgraph.store.shared import SINGLES
from tests import factories
from tests.apply.file_ops import WAYS, FileOperations
from tests.rig.file_sandbox import _sandbox as _sandbox
from tests.rig.file_sandbox import aws as aws
from tests.rig.wire import Wire
from tests.strength import MANY_PLACES, some

replace = msgspec.structs.replace
OLD = Path(__file__).parent / "old"
WRITERS = 8 if MANY_PLACES else 4


@cache
def day(number: int, size: int = 40) -> Inventory:
    """An estate on one day: a thing is new, a thing is gone, and a time moved."""
    images = [
        replace(factories.ecr_image(n), digest=f"sha256:{sha256(b'%d' % n).hexdigest()}")
        for n in range(number, number + size)
    ]
    moved = factories.NOW + timedelta(days=number)
    images[7] = replace(images[7], pulled_at=moved)
    return replace(
        factories.inventory(factories.ecr_repository(), factories.role(), *images),
        taken_at=moved,
    )


PLACES = ("folder", "bucket")


def _place(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    if request.param == "folder":
        return Folder(tmp_path / "snapshots")
    estates: Bucket = request.getfixturevalue("estates")
    Wire(request.getfixturevalue("aws")).take(estates.client.meta.events)
    return estates


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """A folder, and a bucket that is reached without sockets."""
    return _place(request, tmp_path)


@pytest.fixture(params=some("bucket for tests of many snapshots", PLACES, 2))
def place_of_many(request: pytest.FixtureRequest, tmp_path: Path) -> ObjectStore:
    """The same, for what depends on snapshots and not on where they are."""
    return _place(request, tmp_path)


@pytest.fixture
def estates(aws_environment: Sandbox) -> Bucket:
    """A bucket of its own, over sockets."""
    aws_environment.client("s3").create_bucket(
        Bucket="estates", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
    )
    return bucket("s3://estates/team/")


def test_every_snapshot_comes_back_and_stores_what_changed(place_of_many: ObjectStore) -> None:
    snapshots, days = (
        Snapshots(place_of_many),
        [day(number, 400) for number in range(2 * SINGLES + 2)],
    )
    for number, world in enumerate(days, 1):
        assert snapshots.remember(world, "prod") == f"prod#{number}"
    assert [snapshot.load() for snapshot in snapshots.of("prod")] == days
    chains = [snapshot.manifest().layers for snapshot in snapshots.of("prod")]
    assert [layer.span for layer in chains[-1]] == [0, SINGLES, SINGLES, 1]
    assert max(map(len, chains)) == 1 + SINGLES
    assert len(place_of_many.entries(".newest")) == 1
    assert sum(layer.bytes for layer in chains[-1][1:]) < chains[-1][0].bytes


def test_a_chain_ends_where_another_base_is_smaller(place_of_many: ObjectStore) -> None:
    snapshots = Snapshots(place_of_many)
    for number in range(3 * SINGLES):
        snapshots.remember(day(number), "prod")
    for snapshot in snapshots.of("prod"):
        base, *changes = snapshot.manifest().layers
        assert sum(layer.bytes for layer in changes[:-1]) <= base.bytes
    assert len({snapshot.manifest().layers[0] for snapshot in snapshots.of("prod")}) > 1


def test_the_same_scan_again_stores_no_object(place: ObjectStore) -> None:
    snapshots = Snapshots(place)
    for hours in range(3):
        again = replace(day(0), taken_at=factories.NOW + timedelta(hours=hours))
        snapshots.remember(again, "prod")
        assert snapshots.load("prod") == again
    assert len(place.entries(".objects")) == 1
    snapshots.remember(day(0), "other")
    assert len(place.entries(".objects")) == 1


def test_the_newest_is_read_without_its_copy_too(place: ObjectStore) -> None:
    snapshots = Snapshots(place)
    for number in range(3):
        snapshots.remember(day(number), "prod")
    (copy,) = place.entries(".newest")
    place.replace(f".newest/{copy.name}", b"damaged")
    assert snapshots.load("prod") == day(2)
    place.remove(f".newest/{copy.name}")
    assert snapshots.load("prod") == day(2)
    assert snapshots.remember(day(3), "prod") == "prod#4"
    assert snapshots.load("prod") == day(3)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        ("cut", "it is truncated: 5 bytes of"),
        ("foreign", "it is another object"),
        ("gone", "it is missing"),
        ("edited", "it is damaged: its sha256 is not its name"),
    ],
)
def test_a_harmed_object_is_named_and_takes_nothing_else_along(
    place_of_many: ObjectStore, harm: str, message: str
) -> None:
    snapshots = Snapshots(place_of_many)
    for number in range(3):
        snapshots.remember(day(number), "prod")
    name = snapshots.of("prod")[1].manifest().layers[-1].object
    content = place_of_many.read(name) or b""
    harmed = {"cut": content[:5], "foreign": content * 2, "edited": content[:-1] + b"\0"}
    place_of_many.remove(name)
    if harm != "gone":
        place_of_many.create(name, harmed[harm])
    with pytest.raises(SnapshotError, match=f"prod#2 cannot be read: .*{name}: {message}"):
        snapshots.load("prod#2")
    assert snapshots.load("prod#1") == day(0)
    assert snapshots.load("prod") == day(2)  # by its copy
    (copy,) = place_of_many.entries(".newest")
    place_of_many.remove(f".newest/{copy.name}")
    assert snapshots.remember(day(3), "prod") == "prod#4"  # on nothing that is damaged
    assert snapshots.load("prod#4") == day(3)


@pytest.mark.parametrize(
    ("harm", "message"),
    [
        (lambda text: text[:40], "is truncated or damaged|is damaged"),
        (lambda text: text[: text.index(b"\n") + 1], "is truncated or damaged"),
        (lambda text: text.replace(b'"role":1', b'"role":2'), "was edited"),
        (lambda text: b"", "is damaged"),
        (lambda text: text.replace(b"snapshot/1", b"snapshot/2"), "newer than .* upgrade jotgraph"),
        (lambda text: b'{"format":"jotgraph/plan/1"}\n', "not jotgraph/snapshot/1"),
    ],
)
def test_a_harmed_manifest_is_named(place_of_many: ObjectStore, harm: object, message: str) -> None:
    snapshots = Snapshots(place_of_many)
    for number in range(2):
        snapshots.remember(day(number), "prod")
    text = place_of_many.read("prod/2.json") or b""
    place_of_many.replace("prod/2.json", harm(text))  # type: ignore[operator]
    with pytest.raises(SnapshotError, match=f"prod/2.json .*(?:{message})"):
        snapshots.load("prod")
    assert snapshots.load("prod~1") == day(0)
    assert snapshots.remember(day(2), "prod") == "prod#3"
    assert snapshots.load("prod") == day(2)


def test_every_cut_of_a_manifest_is_seen(tmp_path: Path) -> None:
    snapshots = Snapshots(Folder(tmp_path))
    snapshots.remember(day(0), "prod")
    path = tmp_path / "prod" / "1.json"
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(SnapshotError):
            snapshots.load("prod")


def test_two_writers_at_once_both_have_their_snapshot(place: ObjectStore) -> None:
    Snapshots(place).remember(day(0), "prod")
    with ThreadPoolExecutor(WRITERS) as writers:
        refs = list(
            writers.map(
                lambda number: Snapshots(place).remember(day(number), "prod"), range(WRITERS)
            )
        )
    assert sorted(refs) == [f"prod#{number}" for number in range(2, 2 + WRITERS)]
    for number, ref in enumerate(refs):
        assert Snapshots(place).load(ref) == day(number)


def test_an_upload_that_nobody_was_told_of_is_one_snapshot(
    estates: ObjectStore, aws_environment: Sandbox
) -> None:
    """The bucket has it, the answer is lost, and the client asks again: its name is taken then, by
    itself."""
    snapshots = Snapshots(estates)
    snapshots.remember(day(0), "prod")
    fault = aws_environment.faults.reset(
        "s3", done=True, times=1, where=lambda request: "prod/2.json" in request.action
    )
    ref = snapshots.remember(day(1), "prod")
    assert fault.seen
    assert ref == "prod#2"
    assert [snapshot.number for snapshot in snapshots.of("prod")] == [1, 2]
    assert snapshots.load(ref) == day(1)


def test_a_snapshot_of_before_is_read_and_followed(place: ObjectStore) -> None:
    old = load(OLD / "prod" / "1.jsonl.zst")
    place.create("prod/1.jsonl.zst", (OLD / "prod" / "1.jsonl.zst").read_bytes())
    snapshots = Snapshots(place)
    assert snapshots.load("prod") == old
    assert len(list(old.records())) == 105
    assert snapshots.history("prod")[0].taken_at == old.taken_at
    assert snapshots.remember(day(0), "prod") == "prod#2"
    assert [snapshots.load(ref) for ref in ("prod#1", "prod")] == [old, day(0)]


def test_a_damaged_snapshot_of_before_is_named(tmp_path: Path) -> None:
    whole = (OLD / "prod" / "1.jsonl.zst").read_bytes()
    (tmp_path / "prod").mkdir()
    (tmp_path / "prod" / "1.jsonl.zst").write_bytes(whole[:-20])
    with pytest.raises(SnapshotError, match=r"prod/1\.jsonl\.zst is truncated"):
        Snapshots(Folder(tmp_path)).load("prod")


@pytest.mark.parametrize("way", WAYS)
def test_a_writer_that_is_disturbed_loses_nothing(way: str, tmp_path: Path) -> None:
    """At each operation on a file: it fails, the disk is full, the program or the power goes."""
    folder = tmp_path / "snapshots"
    snapshots = Snapshots(Folder(folder))
    for number in range(2):
        snapshots.remember(day(number), "prod")
    shutil.copytree(folder, tmp_path / "before")
    with FileOperations(within="/snapshots/") as counted:
        snapshots.remember(day(2), "prod")
    assert {"open", "write", "fsync", "link"} <= set(counted.names)
    for operation in range(len(counted.names)):
        shutil.rmtree(folder)
        shutil.copytree(tmp_path / "before", folder)

        def kill() -> None:
            raise Stopped

        with FileOperations(way, operation, kill, within="/snapshots/") as operations:
            try:
                stored = snapshots.remember(day(2), "prod")
            except (Stopped, SnapshotError):
                stored = ""
        if way == "power":
            operations.lose_what_was_not_flushed()
        if stored:
            assert snapshots.load(stored) == day(2)
        for number in range(2):
            assert snapshots.load(f"prod#{number + 1}") == day(number)
        for snapshot in snapshots.of("prod"):
            snapshot.load()
        following = snapshots.remember(day(3), "prod")
        assert snapshots.load(following) == day(3)


class Stopped(BaseException):
    """The program ends here."""


def test_a_bucket_that_refuses_says_what_it_needs(
    estates: ObjectStore, aws_environment: Sandbox
) -> None:
    Snapshots(estates).remember(day(0), "prod")
    aws_environment.faults.deny("s3")
    for act in (
        lambda: Snapshots(estates).load("prod#1"),
        lambda: Snapshots(estates).remember(day(1), "prod"),
        lambda: Snapshots(estates).names(),
    ):
        with pytest.raises(SnapshotError, match=r"s3://estates/team: .*allow s3:ListBucket"):
            act()


def test_a_bucket_that_is_not_there(aws_environment: Sandbox) -> None:
    with pytest.raises(SnapshotError, match=r"s3://nowhere: .*NoSuchBucket.*make the bucket first"):
        Snapshots(bucket("s3://nowhere")).remember(day(0), "prod")
    with pytest.raises(OptionError, match=r"s3:// names no bucket"):
        bucket("s3://")


def test_nobody_answers_and_nobody_is_signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SnapshotError, match=r"s3://estates/x: x/prod/ cannot be listed: .*sign in"):
        Snapshots(bucket("s3://estates/x/")).load("prod")


def test_an_upload_that_is_torn_leaves_no_snapshot(
    estates: ObjectStore, aws_environment: Sandbox
) -> None:
    Snapshots(estates).remember(day(0), "prod")
    uploads = aws_environment.faults.reset(
        "s3", where=lambda request: request.action.startswith("PUT")
    )
    with pytest.raises(SnapshotError, match="cannot be written"):
        Snapshots(estates).remember(day(1), "prod")
    assert uploads.seen
    aws_environment.faults.clear()
    assert [snapshot.ref for snapshot in Snapshots(estates).of("prod")] == ["prod#1"]
    assert Snapshots(estates).remember(day(1), "prod") == "prod#2"
    assert Snapshots(estates).load("prod") == day(1)


def test_a_scan_is_stored_again_under_its_number(place_of_many: ObjectStore) -> None:
    """First what the listings told, then all of it; another writer came between."""
    snapshots = Snapshots(place_of_many)
    snapshots.remember(day(0), "prod")
    ref = snapshots.remember(day(1), "prod")
    following = snapshots.remember(day(2), "prod")
    snapshots.renew(day(3), ref)
    assert [snapshot.load() for snapshot in snapshots.of("prod")] == [day(0), day(3), day(2)]
    snapshots.renew(day(4), following)
    assert snapshots.load("prod") == day(4)
    assert snapshots.remember(day(5), "prod") == "prod#4"
    assert [snapshot.load() for snapshot in snapshots.of("prod")] == [
        day(0), day(3), day(4), day(5),
    ]  # fmt: skip
    assert len(place_of_many.entries(".newest")) == 1
