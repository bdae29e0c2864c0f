"""What was kept of the details of functions: of the very listing that it is of, and by revision."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from jotgraph.records import Function
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import ACCOUNT, REGION
from jotgraph.sources import append_log
from jotgraph.sources.aws.calls import Answer, RegionClient
from jotgraph.sources.functions import detail
from jotgraph.sources.functions import kept as kept_module
from jotgraph.sources.functions.requests import get_function
from jotgraph.sources.parts import FunctionParts, Parts
from tests.factories import function, inventory
from tests.sources.conftest import Scan


def test_details_are_not_those_of_a_listing_that_is_read_anew(
    aws: Sandbox, scan: Scan, tmp_path: Path
) -> None:
    """The listing could not be kept, the disk was full; since then a zip function, about which
    GetFunction is not asked, got another role."""
    seed.repository(aws, "app")
    seed.image(aws, "app", "v1")
    seed.function(aws, "pay", "app:v1")
    before, after = seed.role(aws, "before"), seed.role(aws, "after")
    seed.function(aws, "zip", role=before)
    first = scan(unfinished=tmp_path)
    assert {function.name: function.role_arn for function in first.functions}["zip"] == before
    (listing,) = tmp_path.rglob("lambda.json")
    listing.unlink()
    aws.client("lambda").update_function_configuration(FunctionName="zip", Role=after)
    second = scan(unfinished=tmp_path)
    assert {function.name: function.role_arn for function in second.functions}["zip"] == after


def test_without_a_revision_nothing_is_taken_for_unchanged(tmp_path: Path) -> None:
    unnamed, bill = function("pay", revision=""), function("bill", revision="r1")
    place = inventory(bill).functions[0]
    with closing(Parts(tmp_path).functions(place)) as told:
        told.put(unnamed)
        told.put(bill)
    kept = Parts(tmp_path).functions(place)
    assert [kept.get(record) for record in (unnamed, bill)] == [None, bill]
    assert kept.get(function("bill", revision="r2")) is None
    assert Parts(tmp_path).functions(function("bill", region="us-east-1")).get(bill) is None
    assert Parts().functions(place).get(bill) is None


def _deployed(aws: Sandbox, *tags: str) -> None:
    for tag in tags:
        seed.function(aws, f"f-{tag}", f"app:{tag}")


def _estate(aws: Sandbox) -> None:
    seed.repository(aws, "app")
    for number in range(4):
        seed.image(aws, "app", f"v{number}", config=b'{"n":%d}' % number)


def _sizes(cache: Path) -> list[int]:
    return [file.stat().st_size for file in (cache / "revisions").iterdir()]


def test_all_functions_of_a_place_are_kept_in_one_file_that_grows_by_what_is_new(
    aws: Sandbox, scan: Scan, tmp_path: Path
) -> None:
    _estate(aws)
    _deployed(aws, "v0", "v1", "v2")
    scan()
    (size,) = _sizes(tmp_path / "cache")
    scan()  # asks all of them again, and is told the same
    assert _sizes(tmp_path / "cache") == [size]
    _deployed(aws, "v3")
    scan()
    (grown,) = _sizes(tmp_path / "cache")
    assert grown - size == pytest.approx(size / 3, rel=0.05)
    assert all(function.image_uri for function in scan(details=False).functions)


def test_what_was_told_is_kept_when_one_answer_ends_the_reading(
    aws: Sandbox, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when somebody interrupts it: what the other calls were told is of use to the next."""
    _estate(aws)
    _deployed(aws, "v0", "v1", "v2")
    told = threading.Semaphore(0)

    def get(place: RegionClient, name: str, qualifier: str = "") -> Answer:
        if name == "f-v1":
            assert told.acquire(timeout=30)
            assert told.acquire(timeout=30)
            raise LookupError("odd")
        return get_function(place, name, qualifier)

    def put(parts: FunctionParts, record: Function) -> None:
        told.release()

    monkeypatch.setattr(detail, "get_function", get)
    monkeypatch.setattr(FunctionParts, "put", put)
    assert [gap.detail for gap in scan().gaps if "LookupError" in gap.detail]
    assert {
        function.name: bool(function.image_uri) for function in scan(details=False).functions
    } == {
        "f-v0": True,
        "f-v1": False,
        "f-v2": True,
    }


def test_what_was_told_is_kept_before_all_is(
    aws: Sandbox, scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that a program which is killed has not asked in vain."""
    _estate(aws)
    _deployed(aws, "v0", "v1", "v2", "v3")
    told = threading.Semaphore(0)
    kept: list[int] = []

    def get(place: RegionClient, name: str, qualifier: str = "") -> Answer:
        if name == "f-v3":
            assert all(told.acquire(timeout=30) for _ in range(3))
            (log,) = (tmp_path / "cache" / "revisions").iterdir()
            kept.append(log.read_bytes().count(b"resolved_image_uri"))
        return get_function(place, name, qualifier)

    monkeypatch.setattr(detail, "get_function", get)
    monkeypatch.setattr(FunctionParts, "put", lambda parts, record: told.release())
    monkeypatch.setattr(kept_module, "BATCH", 2)
    scan()
    assert kept == [2]


def test_two_scans_at_once_keep_in_one_file(aws: Sandbox, scan: Scan, tmp_path: Path) -> None:
    _estate(aws)
    _deployed(aws, "v0", "v1", "v2", "v3")
    with ThreadPoolExecutor(2) as pool:
        one, other = pool.map(lambda _: scan(), range(2))
    assert one.functions == other.functions
    assert len(_sizes(tmp_path / "cache")) == 1
    known = scan(details=False).functions
    assert [function.image_uri for function in known] == [
        function.image_uri for function in one.functions
    ]


def test_revisions_that_are_no_longer_there_are_forgotten(
    aws: Sandbox, scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _estate(aws)
    _deployed(aws, "v0", "v1")
    scan()
    (size,) = _sizes(tmp_path / "cache")
    for tag in ("v2", "v3", "v1"):
        seed.function(aws, "f-v0", f"app:{tag}")
        scan()
    assert _sizes(tmp_path / "cache")[0] > 2 * size
    monkeypatch.setattr(append_log, "SPARE", 0)
    scan(details=False)
    assert _sizes(tmp_path / "cache") == [size]
    uris = [function.image_uri or "" for function in scan(details=False).functions]
    assert [uri.rpartition(":")[2] for uri in uris] == ["v1", "v1"]


def test_nothing_is_forgotten_for_a_listing_that_failed(
    aws: Sandbox, scan: Scan, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(append_log, "SPARE", 0)
    _estate(aws)
    _deployed(aws, "v0", "v1")
    scan()
    (size,) = _sizes(tmp_path / "cache")
    aws.faults.deny("lambda", "ListFunctions")
    assert scan().functions == ()
    assert _sizes(tmp_path / "cache") == [size]


def _update(aws: Sandbox, tag: str, status: str) -> None:
    uri = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/app:{tag}"
    aws.client("lambda").update_function_code(FunctionName="pay", ImageUri=uri)
    aws.world.lambda_of(ACCOUNT, REGION).functions["pay"].latest["LastUpdateStatus"] = status


@pytest.mark.parametrize("status", ["Failed", "InProgress"])
def test_of_an_update_that_is_not_through_it_is_known_what_ran_before(
    aws: Sandbox, scan: Scan, status: str
) -> None:
    _estate(aws)
    before, after = seed.role(aws, "before"), seed.role(aws, "after")
    seed.function(aws, "pay", "app:v0", role=before)
    (oldest,) = scan().functions
    _update(aws, "v1", "Successful")
    previous = scan()
    (newer,) = previous.functions
    assert (oldest.used_before, newer.used_before) == ((), ())
    _update(aws, "v2", status)
    (alone,) = scan().functions
    images = (oldest.resolved_image_uri, newer.resolved_image_uri)
    assert alone.used_before == tuple(sorted(map(str, images)))
    aws.client("lambda").update_function_configuration(FunctionName="pay", Role=after)
    aws.world.lambda_of(ACCOUNT, REGION).functions["pay"].latest["LastUpdateStatus"] = status
    whole = scan(previous=previous)
    (with_previous,) = whole.functions
    assert with_previous.used_before == (*alone.used_before, before)
    (later,) = scan(previous=whole).functions
    assert later.used_before == with_previous.used_before
    _update(aws, "v3", "Successful")
    (through,) = scan(previous=whole).functions
    assert through.used_before == ()


def test_what_ran_before_outlives_scans_that_do_not_ask_how_an_update_ended(
    aws: Sandbox, scan: Scan
) -> None:
    """Quick, without permission, or without anything of a revision that failed between two scans;
    no store of revisions has roles."""
    _estate(aws)
    before = seed.role(aws, "before")
    seed.function(aws, "pay", "app:v0", role=before)
    settled = scan()
    unchanged = scan(previous=settled, quick=True)
    assert unchanged.functions[0].used_before == ()
    after = seed.role(aws, "after")
    aws.client("lambda").update_function_configuration(FunctionName="pay", Role=after)
    _update(aws, "v1", "Failed")
    used = (str(settled.functions[0].resolved_image_uri), before)
    quick = scan(previous=unchanged, quick=True)
    assert quick.functions[0].used_before == used
    aws.faults.deny("lambda", "GetFunction")
    denied = scan(previous=quick)
    assert denied.functions[0].used_before == used
    aws.faults.clear()
    (failed,) = scan(previous=denied).functions
    assert (failed.settled, failed.used_before) == (False, used)
    _update(aws, "v0", "Successful")
    (through,) = scan(previous=quick).functions
    assert through.used_before == ()


def test_the_last_revision_that_was_settled_outlives_the_others(
    aws: Sandbox, scan: Scan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A listing no longer names it, and an update that fails makes it the one that runs."""
    monkeypatch.setattr(append_log, "SPARE", 0)
    _estate(aws)
    seed.function(aws, "pay", "app:v0")
    for tag in ("v1", "v2", "v3"):
        (last,) = scan().functions
        _update(aws, tag, "Failed" if tag == "v3" else "Successful")
    (failed,) = scan().functions
    assert last.resolved_image_uri in failed.used_before
