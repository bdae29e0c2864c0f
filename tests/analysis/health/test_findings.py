"""What is wrong with a resource: for each rule a match, a near miss and a nothing."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from jotgraph.analysis.health import SCAN, TABLE, Code, Fact, Severity, findings, states
from jotgraph.graph import build
from jotgraph.records import (
    ContentMatch,
    ContentVerdict,
    Inventory,
    Kind,
    LocalImage,
    ResourceId,
    function_id,
    version_id,
)
from jotgraph.records.quarantine import QUARANTINED
from jotgraph.render.answers.findings import scan_words, unread_words
from jotgraph.settings.role_arns import EXAMPLE
from tests.analysis.health import findings_page
from tests.factories import (
    ACCOUNT,
    HERE,
    LONG_AGO,
    OTHER_ACCOUNT,
    REGION,
    REVISION,
    alias,
    commit,
    content_match,
    days_ago,
    deployment,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    git_repository,
    inventory,
    local_image,
    role,
    uri,
    version,
    workload,
)

F = function_id(ACCOUNT, REGION, "pay")
BUSY: dict[str, Any] = {"invocations": 5}
WELL = (ecr_repository(), ecr_image(1, "v1"), role())
LOST = "the function fails when Lambda next loads it"


def found(whole: Inventory, resource: ResourceId = F) -> list[tuple[str, str]]:
    """What is known of a resource: code and sentence."""
    told = findings(build(whole), resource)
    return [(finding.code.value, finding.statement) for finding in told if finding.known]


def unknown(whole: Inventory, resource: ResourceId = F) -> dict[str, str]:
    """What could not be judged: code -> sentence."""
    told = findings(build(whole), resource)
    return {finding.code.value: finding.statement for finding in told if not finding.known}


def test_nothing_is_wrong() -> None:
    assert found(inventory(*deployment(**BUSY))) == []


# The image


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        pytest.param(
            None, [("broken", f"image app@{'0' * 9} is gone from ECR: {LOST}")], id="gone"
        ),
        pytest.param(
            "ARCHIVED",
            [
                ("broken", f"image app:v1 @{'0' * 9} is archived: {LOST}"),
                ("rescuable", f"ECR can restore image app:v1 @{'0' * 9} from the archive"),
            ],
            id="archived",
        ),
        pytest.param(
            "ACTIVATING",
            [
                (
                    "restoring",
                    f"ECR is restoring image app:v1 @{'0' * 9} from the archive: until then a "
                    "load fails",
                )
            ],
            id="being restored",
        ),
        pytest.param("ACTIVE", [], id="there"),
    ],
)
def test_an_image_that_lambda_cannot_load(
    status: str | None, expected: list[tuple[str, str]]
) -> None:
    images = [ecr_image(1, "v1", status=status)] if status else []
    assert found(inventory(ecr_repository(), role(), *images, function(**BUSY))) == expected


def test_an_image_of_an_account_that_was_not_scanned() -> None:
    """It is not taken for one of its own account's."""
    runs = function(
        **BUSY, resolved_image_uri=f"{uri(account=OTHER_ACCOUNT)}@{digest(1)}", image_uri=None
    )
    said = (
        f"it was not read whether image app@{'0' * 9} is in ECR: {OTHER_ACCOUNT}/{REGION} was not "
        "scanned"
    )
    whole = inventory(role(), runs, places=((ACCOUNT, REGION),))
    assert ("image-not-read", said) in found(whole)


def test_an_image_of_a_place_that_was_not_read_whole() -> None:
    unread = gap("ecr:DescribeImages", Kind.ECR_IMAGE, resource="app")
    whole = inventory(ecr_repository(), role(), function(**BUSY), unread)
    said = f"it was not read whether image app@{'0' * 9} is in ECR"
    assert found(whole) == [("image-not-read", said)]
    assert unknown(whole)["drift"] == "which image tag app:v1 names now was not read"


def test_a_gap_that_does_not_say_what_it_hides_hides_all_it_could() -> None:
    unread = inventory(role(), function(**BUSY), gap("ecr:DescribeImages"))
    assert states(findings(build(unread), F)) == (Code.IMAGE_UNREAD,)


def test_one_of_several_copies() -> None:
    """Only the digest was read: it runs the image of either repository."""
    quick = function(resolved_image_uri=None, image_uri=None, **BUSY)
    other = ecr_image(1, repository="mirror", status="ARCHIVED")
    archived = ecr_image(1, status="ARCHIVED")
    said = "which of 2 copies of its image it runs was not read"
    for images in ((ecr_image(1), other), (archived, other)):
        either = inventory(ecr_repository(), ecr_repository("mirror"), role(), *images, quick)
        assert (found(either), unknown(either)["broken"]) == ([], said)
    alone = inventory(ecr_repository(), role(), archived, quick)
    assert states(findings(build(alone), F)) == (Code.BROKEN, Code.RESCUABLE)
    denied = gap("ecr:DescribeRepositories")
    unread = inventory(ecr_repository(), role(), archived, quick, denied)
    said = f"whether it runs app@{'0' * 9}, or a copy elsewhere, was not read"
    assert (found(unread), unknown(unread)["broken"]) == ([], said)
    well = inventory(*WELL, ecr_repository("mirror"), ecr_image(1, repository="mirror"), quick)
    assert "broken" not in unknown(well)


def theirs(policy: str | None) -> Inventory:
    """A function of another account than its image's."""
    code: dict[str, Any] = {
        "image_uri": f"{uri('app')}:v1",
        "resolved_image_uri": f"{uri('app')}@{digest(1)}",
    }
    runs = function(account=OTHER_ACCOUNT, **BUSY, **code)
    places = (HERE, (OTHER_ACCOUNT, REGION))
    return inventory(
        ecr_repository(policy=policy),
        ecr_image(1, "v1"),
        role(account=OTHER_ACCOUNT),
        runs,
        places=places,
    )


def test_a_policy_that_lets_the_account_in_no_longer() -> None:
    there = function_id(OTHER_ACCOUNT, REGION, "pay")
    allow = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}}
    said = f"the policy of app no longer allows account {OTHER_ACCOUNT}: {LOST}"
    assert found(theirs(""), there) == [("refused", said)]
    assert found(theirs(json.dumps({"Statement": [allow]})), there) == []
    assert found(theirs(None), there) == []
    said = f"the policy of app was not read: it may refuse {OTHER_ACCOUNT}"
    assert unknown(theirs(None), there)["refused"] == said


# What Lambda says


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "Failed"}, [("failed", "Lambda reports Failed")]),
        (
            {"state": "Failed", "state_reason": "ImageDeleted"},
            [("broken", "Lambda reports Failed (ImageDeleted)")],
        ),
        (
            {"state_reason": "ImageAccessDenied"},
            [("refused", f"Lambda says ImageAccessDenied for its image: {LOST}")],
        ),
        (
            {"last_update_status": "Failed"},
            [("failed", "its last update failed: it still runs what it ran before")],
        ),
        (
            {"state": "Inactive", "state_reason": "Idle"},
            [("idle", "Lambda reports Inactive (Idle): the next call fails and reactivates it")],
        ),
        ({"state": "Pending"}, []),
    ],
)
def test_what_lambda_says(fields: dict[str, Any], expected: list[tuple[str, str]]) -> None:
    assert found(inventory(*deployment(**BUSY, **fields))) == expected


@pytest.mark.parametrize("status", ["Failed", "InProgress"])
def test_an_image_that_an_update_did_not_bring_in_breaks_nothing(status: str) -> None:
    """What the function was to be updated to is gone: what it runs is another one."""
    gone = inventory(ecr_repository(), role(), function(**BUSY, last_update_status=status))
    assert "broken" not in dict(found(gone))
    assert unknown(gone)["broken"] == (
        "it may run app@000000000 or the image from before: its last update failed or is in "
        "progress"
    )


def test_a_state_that_was_not_read() -> None:
    whole = inventory(*deployment(**BUSY, state=None))
    assert found(whole) == []
    assert unknown(whole)["failed"] == "its state was not read"


# The role


def test_the_role() -> None:
    runs = (ecr_repository(), ecr_image(1, "v1"), function(**BUSY))
    assert found(inventory(*runs)) == [
        ("role-missing", "role pay-role is gone: the function cannot start")
    ]
    again = role(created_at=days_ago(10))
    day = f"{days_ago(10):%Y-%m-%d}"
    said = (
        f"role pay-role was created after the function, on {day}: grants to the old role are lost"
    )
    assert found(inventory(*runs, again)) == [("role-recreated", said)]
    denied = gap("iam:ListRoles", Kind.ROLE)
    whole = inventory(*runs, denied)
    assert found(whole) == []
    assert unknown(whole)["role-missing"] == "whether role pay-role is there was not read"


# The tag


RUNS, MOVED = int("1f91aafcc" + "0" * 55, 16), int("3d184d8bf" + "0" * 55, 16)


def test_drift_says_by_tag_and_digest_what_runs_and_what_the_tag_names() -> None:
    runs = function(runs=RUNS, tag="live", **BUSY)
    known = (ecr_repository(), role(), ecr_image(RUNS, "build-2"))
    moved = inventory(*known, ecr_image(MOVED, "live", "build-3"), runs)
    said = "tag app:live moved to @3d184d8bf; runs app:build-2 @1f91aafcc"
    assert found(moved) == [("drift", said)]
    (told,) = [finding for finding in findings(build(moved), F) if finding.known]
    assert told.about == F
    assert str(told.next) == (
        f"aws lambda update-function-code --region {REGION} --function-name {ACCOUNT}:pay "
        f"--image-uri {uri('app')}:live"
    )
    assert found(inventory(*known, ecr_image(MOVED, "build-3"), runs)) == []  # the tag is gone
    by_digest = f"{uri('app')}@{digest(RUNS)}"
    pinned = function(runs=RUNS, tag="live", image_uri=by_digest, **BUSY)
    whole = inventory(*known, ecr_image(MOVED, "live"), pinned)
    assert (found(whole), "drift" in unknown(whole)) == ([], False)


def test_a_tag_that_was_not_read() -> None:
    whole = inventory(*deployment(tag="v1", image_uri=None, **BUSY))
    assert unknown(whole)["drift"] == "the tag it was deployed from was not read"


# Calls and quarantine


def test_calls() -> None:
    assert found(inventory(*deployment(invocations=0))) == [
        ("idle", "not called in the 30 days read")
    ]
    unread = inventory(*deployment(invocations=None))
    assert (found(unread), unknown(unread)["idle"]) == ([], "invocations were not read")


def test_a_quarantine() -> None:
    mark = ((QUARANTINED, "run-7 2026-02-20T10:00:00Z"),)
    asleep = function(tags=mark, **BUSY)
    archived = ecr_image(1, "v1", status="ARCHIVED")
    whole = inventory(ecr_repository(), role(tags=mark), archived, asleep, version(1, **BUSY))
    said = ("quarantined", "put in quarantine by run run-7 on 2026-02-20")
    for resource in (F, version_id(ACCOUNT, REGION, "pay", "1"), role().id):
        assert found(whole, resource) == [said]
    (told,) = [finding for finding in findings(build(whole), F) if finding.known]
    assert str(told.next) == "jotgraph release run-7"
    unread = inventory(*deployment(tags=None, **BUSY))
    assert unknown(unread)["quarantined"].startswith("its tags were not read")


# Claims about the commit

SHAS = tuple(str(n) * 40 for n in range(1, 4))
GIT = git_repository(head=SHAS[2], remote="https://github.com/acme/shop")
LINE = tuple(commit(sha, *SHAS[n - 1 : n], committed_at=LONG_AGO) for n, sha in enumerate(SHAS))
SOURCE = ("org.opencontainers.image.source", "https://github.com/acme/shop")


def built(revision: str = "", match: ContentMatch | None = None) -> Inventory:
    labels = ((REVISION, revision), SOURCE) if revision else ()
    held = ecr_image(1, "v1", labels=labels, config_read=True)
    records = (ecr_repository(), role(), held, function(**BUSY), GIT, *LINE)
    return inventory(*records, *([match] if match else []))


def files(*commits: str, **fields: Any) -> ContentMatch:
    return content_match(ecr_image(1).id, *commits, **fields)


def test_lag() -> None:
    assert found(built(SHAS[2])) == []
    behind = built(SHAS[0])
    assert found(behind) == [("lag", "2 behind main")]
    (told,) = [finding for finding in findings(build(behind), F) if finding.known]
    assert (told.word, str(told.next)) == ("2 behind", "jotgraph show pay")
    assert found(behind, ecr_image(1).id) == []  # an image that is older than main is only old


@pytest.mark.parametrize(
    ("whole", "reason"),
    [
        (built(), "the commit of its image is not known"),
        (built("e" * 40), f"its commit {'e' * 9} is in no git repository read"),
        (inventory(role(), function(runs=None, **BUSY)), "it runs no image that was read"),
    ],
)  # fmt: skip
def test_a_lag_that_nobody_can_measure(whole: Inventory, reason: str) -> None:
    assert unknown(whole)["lag"] == reason


def test_claims_that_disagree_and_builds_from_changed_files() -> None:
    stale = built(SHAS[2], files(SHAS[0]))
    (conflict, lag) = [finding for finding in findings(build(stale), F) if finding.known]
    assert (conflict.code, conflict.word) == (Code.CONFLICT, "conflict: stale label")
    assert (lag.code, lag.statement) == (
        Code.LAG, "2 commits behind main; at most 2 change files in the image"
    )  # fmt: skip
    assert [code for code, _ in found(stale, ecr_image(1).id)] == ["conflict"]

    near = {"verdict": ContentVerdict.NEAREST, "modified": ("api.py",), "modified_count": 1}
    dirty = findings(build(built(SHAS[2], files(SHAS[2], **near))), F)
    assert [finding.word for finding in dirty if finding.known] == ["conflict: dirty build"]
    unlabelled = found(built("", files(SHAS[2], **near)))
    said = "its files differ from every commit read (1 file: api.py); nearest: 333333333"
    assert unlabelled == [("files-differ", said)]
    said = "built from uncommitted changes"
    assert found(built(f"{SHAS[2]}-dirty"))[0] == ("dirty-build", said)


# Images


def rules(days: int) -> str:
    chosen = {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days"}
    rule = {"rulePriority": 1, "selection": {**chosen, "countNumber": days}}
    return json.dumps({"rules": [{**rule, "action": {"type": "expire"}}]})


@pytest.mark.parametrize(
    ("days", "when"),
    [
        pytest.param(100, "at any time", id="it meets the rule already"),
        pytest.param(220, f"on {days_ago(-20):%Y-%m-%d}", id="soon"),
        pytest.param(300, "", id="later"),
    ],
)
def test_an_image_in_use_that_a_policy_will_expire(days: int, when: str) -> None:
    whole = inventory(
        ecr_repository(lifecycle=rules(days)), ecr_image(1, "v1"), role(), function(**BUSY)
    )
    rule = "rule 1 of the lifecycle policy of app expires"
    runs = [("expiring", f"{rule} image app:v1 @{'0' * 9} {when}")] if when else []
    assert found(whole) == runs
    assert found(whole, ecr_image(1).id) == ([("expiring", f"{rule} it {when}")] if when else [])
    alone = inventory(ecr_repository(lifecycle=rules(days)), ecr_image(1, "v1"))
    assert [code for code, _ in found(alone, ecr_image(1).id)] == ["orphan"]


def test_a_lifecycle_policy_that_was_not_read() -> None:
    whole = inventory(ecr_repository(lifecycle=None), ecr_image(1, "v1"), role(), function(**BUSY))
    assert unknown(whole)["expiring"] == "the lifecycle policy of app was not read"


def test_the_only_copy() -> None:
    def local(**fields: Any) -> LocalImage:
        known: dict[str, Any] = {"created_at": LONG_AGO, "config_digest": digest(11)} | fields
        return local_image(11, **known)

    runs = (ecr_repository(), role(), function(**BUSY))
    copy = local(repo_digests=(f"{uri('app')}@{digest(1)}",))
    said = f"pay runs app@{'0' * 9}, which is gone from ECR: this is a remaining copy"
    assert found(inventory(*runs, copy), copy.id) == [("only-copy", said)]
    named = local(tags=(f"{uri('app')}:v1",))
    assert found(inventory(*runs, named), named.id)[0][1].endswith("this may be a remaining copy")
    whole = inventory(*runs, ecr_image(1, "v1"), local())
    assert found(whole, local().id) == []
    assert unknown(whole, local().id)["only-copy"].endswith("its files were not compared")


def test_an_image_that_nothing_uses() -> None:
    whole = inventory(*WELL, ecr_image(2), function(**BUSY))
    assert found(whole, ecr_image(1).id) == []
    ((code, said),) = found(whole, ecr_image(2).id)
    assert (code, said.startswith("no function, version, workload,")) == ("orphan", True)
    assert str(findings(build(whole), ecr_image(2).id)[0].next) == (
        f"jotgraph plan delete app@{digest(2)[:16]}"
    )
    hidden = gap("lambda:ListFunctions")
    unread = inventory(*WELL, ecr_image(2), hidden)
    assert found(unread, ecr_image(2).id) == []
    assert "lambda ListFunctions" in unknown(unread, ecr_image(2).id)["orphan"]


# What other services run


def test_a_workload_whose_image_or_role_is_gone() -> None:
    runs = workload("prod/web", (f"{uri('app')}:v1", digest(1)), roles=(role().arn,))
    gone = f"image app@{'0' * 9} is gone from ECR: it fails on the next start"
    assert found(inventory(ecr_repository(), role(), runs), runs.id) == [("broken", gone)]
    assert found(inventory(*WELL, runs), runs.id) == []
    lost = [("role-missing", "role pay-role is gone: the function cannot start")]
    assert found(inventory(ecr_repository(), ecr_image(1, "v1"), runs), runs.id) == lost
    denied = gap("ecr:DescribeImages")
    unread = inventory(role(), runs, denied)
    assert [code for code, _ in found(unread, runs.id)] == ["image-not-read"]


# Aliases, and what is only referred to


def test_an_alias_is_as_wrong_as_what_it_leads_to() -> None:
    runs = (ecr_repository(), role(), ecr_image(1, "v1"), function(**BUSY))
    versions = (version(1, runs=9, tag="v1", invocations=0), version(2, tag="v1", invocations=0))
    live = alias("live", 2, weights=(("1", 0.1),), **BUSY)
    whole = inventory(*runs, *versions, live)
    assert found(whole, live.id) == [
        ("broken", f"version 1: image app@{'0' * 9} is gone from ECR: {LOST}"),
        ("drift", f"version 1: tag app:v1 moved to @{'0' * 9}; runs app@{'0' * 9}"),
    ]
    assert {
        finding.about for finding in findings(build(whole), live.id) if finding.code is Code.BROKEN
    } == {ecr_image(9).id}
    assert found(inventory(*runs, *versions, alias("live", 2, invocations=0)), live.id) == [
        ("idle", "not called in the 30 days read")
    ]
    third = alias("live", 3, **BUSY)
    said = "version 3: referenced, and not found where it should be"
    assert found(inventory(*runs, third), third.id) == [("missing", said)]
    hidden = gap("lambda:ListFunctions")
    unread = inventory(*runs, third, hidden)
    assert (found(unread, third.id), unknown(unread, third.id)["broken"]) == (
        [], "version 3 was not read",
    )  # fmt: skip


def test_what_is_only_referred_to() -> None:
    whole = inventory(ecr_repository(), function(**BUSY), built("e" * 40).ecr_images[0], GIT, *LINE)
    commit = ResourceId(f"commit:{'e' * 40}")
    assert found(whole, commit) == [
        ("elsewhere", "no git repository that was read has this commit")
    ]
    assert [code for code, _ in found(whole, role().id)] == ["missing"]
    denied = gap("iam:ListRoles", Kind.ROLE)
    unread = msgspec.structs.replace(whole, gaps=(denied,))
    assert [code for code, _ in found(unread, role().id)] == ["unread"]


# The table


def test_the_table_has_every_code_and_no_severity_for_what_is_not_known() -> None:
    assert list(TABLE) == list(Code)
    assert Severity.UNKNOWN not in {entry.severity for entry in TABLE.values()}
    assert len({entry.word for entry in TABLE.values()}) == len(TABLE)


def test_the_page_of_findings_is_the_table() -> None:
    assert findings_page.PAGE.read_text(encoding="utf-8") == findings_page.page()
    assert list(SCAN) == list(Fact)


def test_the_worst_comes_first_and_the_unknown_last() -> None:
    worst = inventory(ecr_repository(), function(state="Failed", invocations=0, image_uri=None))
    told = findings(build(worst), F)
    assert [finding.code for finding in told if finding.known] == [
        Code.BROKEN, Code.FAILED, Code.ROLE_MISSING, Code.IDLE,
    ]  # fmt: skip
    assert [finding.known for finding in told] == sorted(
        (finding.known for finding in told), reverse=True
    )
    assert {finding.unread for finding in told} >= {None, Fact.TAG, Fact.COMMIT}


# What to run next, where something was not read


def following(whole: Inventory, resource: ResourceId = F) -> dict[str, str]:
    """What was not read -> the command that reads it."""
    told = findings(build(whole), resource)
    return {finding.unread.value: str(finding.next) for finding in told if finding.unread}


ELSEWHERE = function(
    **BUSY,
    resolved_image_uri=f"{uri(account=OTHER_ACCOUNT)}@{digest(1)}",
    image_uri=f"{uri(account=OTHER_ACCOUNT)}:v1",
)


def test_an_account_that_was_not_scanned_is_scanned_next() -> None:
    read = following(inventory(role(), ELSEWHERE, places=((ACCOUNT, REGION),)))
    asked = f"jotgraph scan --accounts organization --role-arn '{EXAMPLE}'"
    assert (read["tag"], read["image"]) == (asked, asked)
    told = findings(build(inventory(role(), ELSEWHERE, places=((ACCOUNT, REGION),))), F)
    assert (
        scan_words(finding for finding in told if finding.unread in (Fact.TAG, Fact.IMAGE)) == asked
    )
    assert scan_words(told) == f"{asked} --content"


def test_a_region_that_was_not_scanned_is_scanned_next() -> None:
    there = uri(region="eu-west-3")
    runs = function(**BUSY, resolved_image_uri=f"{there}@{digest(1)}", image_uri=f"{there}:v1")
    read = following(inventory(role(), runs, places=((ACCOUNT, REGION),)))
    assert (read["tag"], read["image"]) == ("jotgraph scan --region all",) * 2


def test_what_was_scanned_and_not_read_is_scanned_again() -> None:
    hidden = gap("ecr:DescribeImages", Kind.ECR_IMAGE, resource="app")
    whole = inventory(ecr_repository(), role(), function(**BUSY), hidden)
    assert following(whole)["image"] == "jotgraph scan"


def test_no_scan_is_next_that_would_not_read_it() -> None:
    """GetFunction is asked of versions that an alias routes to, and of no zip package."""
    unread: dict[str, Any] = {"image_uri": None, "resolved_image_uri": None, "state": None}
    alone = inventory(*WELL, function(**BUSY), version(1, **unread))
    routed = inventory(*WELL, function(**BUSY), version(1, **unread), alias("live", 1))
    one = version(1).id
    assert (following(alone, one)["state"], following(alone, one)["tag"]) == ("", "")
    assert following(routed, one)["state"] == "jotgraph scan --refresh"
    assert scan_words(findings(build(alone), one)) == "jotgraph scan --content"


def test_contents_that_were_compared_are_not_compared_next() -> None:
    whole = inventory(*deployment(**BUSY))
    assert following(whole)["commit"] == "jotgraph scan --content"
    scope = msgspec.structs.replace(whole.scope, content=True)
    compared = msgspec.structs.replace(whole, scope=scope)
    assert following(compared)["commit"] == ""
    assert "commit" in unread_words(findings(build(compared), F))
    assert "--content" not in unread_words(findings(build(compared), F))
