"""Added, removed, changed; and what one of the two did not read."""

from __future__ import annotations

import msgspec
import pytest

from jotgraph.analysis.usage import Verdict
from jotgraph.errors import OptionError
from jotgraph.graph import build
from jotgraph.queries.answers.difference import (
    Changed,
    CommitRange,
    FieldChange,
    Seen,
    VerdictChange,
)
from jotgraph.queries.difference import StoredVerdicts, difference, history
from jotgraph.records import Inventory, Kind, ResourceId
from tests.factories import (
    NOW,
    OTHER_ACCOUNT,
    REGION,
    commit,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    gap,
    git_repository,
    inventory,
    role,
    sha,
)


def test_what_happened() -> None:
    before = inventory(
        ecr_repository(), ecr_image(1, "v1"), ecr_image(2), function(runs=1), role(last_used_at=NOW)
    )
    after = inventory(ecr_repository(), ecr_image(1), ecr_image(3, "v1"), function(runs=3), role())
    found = difference(before, after)
    assert found.added == (ecr_image(3).id,)
    assert found.removed == (ecr_image(2).id,)
    image, runs = found.changed
    assert image == Changed(
        ecr_image(1).id, Kind.ECR_IMAGE, ("tags",), values=(FieldChange("tags", ("v1",), ()),)
    )
    assert (runs.id, runs.fields) == (function().id, ("code_sha256", "resolved_image_uri"))
    code = (digest(1).removeprefix("sha256:"), digest(3).removeprefix("sha256:"))
    assert runs.values[0] == FieldChange("code_sha256", *code)
    assert (runs.commits, found.verdicts) == (None, ()), "without graphs nobody can say"
    assert found.unread == ()
    assert difference(before, before).changed == ()


def test_unread_is_not_removed() -> None:
    before = inventory(ecr_repository(), ecr_image(1))
    unread = gap("ecr:DescribeImages", Kind.ECR_IMAGE, resource="app", account="", region="")
    found = difference(before, inventory(ecr_repository(), unread))
    assert (found.removed, found.unread) == ((), (ecr_image(1).id,))
    assert found.about.gaps == (unread,)
    elsewhere = difference(before, inventory(places=()))
    assert (elsewhere.removed, elsewhere.unread) == ((), (ecr_image(1).id, ecr_repository().id))


def test_what_one_of_the_two_did_not_read_has_not_changed() -> None:
    """A quick scan after a whole one: nothing happened between them."""
    whole = inventory(
        ecr_repository(),
        ecr_image(
            1,
            config_read=True,
            labels=(("a", "b"),),
            config_digest="sha256:c",
            command=("app.handler",),
            entry_point=("/lambda-entrypoint.sh",),
            read_at=days_ago(1),
        ),
        function(
            runs=1,
            concurrency=5,
            last_update_status="Successful",
            command=("app.handler",),
            entry_point=("/lambda-entrypoint.sh",),
        ),
        function("other", description="old"),
    )
    quick = inventory(
        ecr_repository(policy=None, lifecycle=None, tags=None),
        ecr_image(1, manifest_read=False),
        function(
            runs=1,
            tag=None,
            tags=None,
            policy=None,
            urls=None,
            provisioned=None,
            invocations=None,
        ),
        function("other", tag=None, tags=None, policy=None, urls=None, description="new"),
    )
    for answer in (difference(whole, quick), difference(quick, whole)):
        assert [(changed.kind, changed.fields) for changed in answer.changed] == [
            (Kind.FUNCTION, ("description",))
        ]


def test_other_accounts_are_refused_unless_asked() -> None:
    mine, theirs = inventory(ecr_repository()), inventory(places=((OTHER_ACCOUNT, REGION),))
    with pytest.raises(OptionError, match="of different accounts"):
        difference(mine, theirs)
    assert difference(mine, theirs, across=True).unread == (ecr_repository().id,)


def deployed(image: int, *, parents: bool = True) -> Inventory:
    """A function that runs an image of the commit ``a``, ``b`` or ``c``; ``d`` is on a branch."""
    line = (("a",), ("b", "a"), ("c", "b"), ("d", "a"))
    commits = (commit(*names, repositories=("shop",)) for names in line[0 if parents else 1 :])
    source = "https://github.com/acme/shop"
    images = (
        ecr_image(
            number,
            f"v{number}",
            config_read=True,
            labels={
                "org.opencontainers.image.revision": sha(name),
                "org.opencontainers.image.source": source,
            },
        )
        for number, name in enumerate("abcd", 1)
    )
    repository = git_repository(key="shop", head=sha("c"), remote=source)
    runs = function(runs=image, tag=f"v{image}")
    return inventory(repository, *commits, ecr_repository(), *images, role(), runs)


@pytest.mark.parametrize(
    ("old", "new", "between"),
    [
        pytest.param(1, 3, CommitRange(sha("a"), sha("c"), 2, 0), id="forward"),
        pytest.param(3, 1, CommitRange(sha("c"), sha("a"), 0, 2), id="rolled back"),
        pytest.param(3, 4, CommitRange(sha("c"), sha("d"), 1, 2), id="another branch"),
    ],
)
def test_the_commits_between(old: int, new: int, between: CommitRange) -> None:
    pair = deployed(old), deployed(new)
    found = difference(*pair, graphs=(build(pair[0]), build(pair[1])))
    assert [changed.commits for changed in found.changed] == [between]


def test_history_that_was_not_read_is_not_counted() -> None:
    pair = deployed(2, parents=False), deployed(3, parents=False)
    found = difference(*pair, graphs=(build(pair[0]), build(pair[1])))
    assert [changed.commits for changed in found.changed] == [CommitRange(sha("b"), sha("c"))]


def test_a_change_of_settings_has_no_commits_between() -> None:
    before = deployed(1)
    slower = msgspec.structs.replace(
        before,
        functions=tuple(
            msgspec.structs.replace(function, concurrency=5) for function in before.functions
        ),
    )
    found = difference(before, slower, graphs=(build(before), build(slower)))
    assert [(changed.fields, changed.commits) for changed in found.changed] == [
        (("concurrency",), None)
    ]


def test_verdicts_that_are_others_now() -> None:
    before = inventory(
        ecr_repository(), ecr_image(1, "v1"), ecr_image(2, "v2"), function(runs=1), role()
    )
    after = inventory(
        ecr_repository(), ecr_image(1, "v1"), ecr_image(2, "v2"), function(runs=2, tag="v2"), role()
    )
    found = difference(before, after, graphs=(build(before), build(after)))
    assert [(change.id, change.before, change.after) for change in found.verdicts] == [
        (ecr_image(1).id, Verdict.IN_USE, Verdict.ORPHAN),
        (ecr_image(2).id, Verdict.ORPHAN, Verdict.IN_USE),
    ]
    assert found.verdicts[0] == VerdictChange(
        ecr_image(1).id,
        Kind.ECR_IMAGE,
        Verdict.IN_USE,
        Verdict.ORPHAN,
        "no function, version, workload, index, signature or attestation references it",
    )
    again = difference(before, before, graphs=(build(before), build(before)))
    assert again.verdicts == ()


def test_what_was_not_read_changes_no_verdict() -> None:
    before = inventory(ecr_repository(), ecr_image(1, "v1"), role())
    after = inventory(ecr_repository(), ecr_image(1, "v1"), role(), gap("lambda:ListFunctions"))
    found = difference(before, after, graphs=(build(before), build(after)))
    assert found.verdicts == ()


X, Y, Z = ResourceId("role:x"), ResourceId("role:y"), ResourceId("role:z")


def judged(
    days: int, known: set[ResourceId], orphans: set[ResourceId], *unread: ResourceId
) -> StoredVerdicts:
    return StoredVerdicts(
        days_ago(days), frozenset(known), frozenset(orphans), frozenset(unread), lambda _: days != 7
    )


def test_history() -> None:
    views = [
        judged(4, {X, Y}, {X}),
        judged(3, {Y}, {Y}),
        judged(2, {X, Y}, {X}),
        judged(1, {X, Y, Z}, {X, Y}),
    ]
    assert history(reversed(views)) == {
        X: Seen(days_ago(2), days_ago(2)),  # three days ago it was not there
        Y: Seen(days_ago(4), days_ago(1)),
        Z: Seen(days_ago(1), None),
    }
    assert history([]) == {}
    assert msgspec.structs.asdict(Seen(NOW))["orphan_since"] is None


def test_what_was_not_read_breaks_no_chain_and_is_counted() -> None:
    views = [
        judged(9, {X, Y, Z}, {Z}),
        judged(8, {X, Y, Z}, {X}, Y),
        judged(7, {Z}, set()),  # it did not look for the others
        judged(6, {X, Y, Z}, {X, Y, Z}),
    ]
    assert history(views) == {
        X: Seen(days_ago(9), days_ago(8), orphan_unread=1),
        Y: Seen(days_ago(9), days_ago(6), orphan_at_least=True, orphan_unread=2),
        Z: Seen(days_ago(9), days_ago(6)),
    }
    oldest = history(views[3:])
    assert oldest[X] == Seen(days_ago(6), days_ago(6), orphan_at_least=True)
