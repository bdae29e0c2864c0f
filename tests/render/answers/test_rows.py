"""Rows for machines: whole ids, plain states, numbers without a unit, times in ISO 8601."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from rich.console import Console

from jotgraph.analysis.usage import Verdict
from jotgraph.analysis.usage.sizes import Freed
from jotgraph.analysis.vulnerabilities import Vulnerabilities
from jotgraph.graph import About
from jotgraph.links.model import Grade
from jotgraph.permissions import Need
from jotgraph.plan.held import HeldResource, HeldState, MarkedElsewhere, QuarantineReport
from jotgraph.plan.model import Action, Block, Kept, Plan, Step
from jotgraph.plan.outcome import Outcome, Receipt, Status
from jotgraph.queries.answers.check import Checked, Violation
from jotgraph.queries.answers.dataset import Selected
from jotgraph.queries.answers.difference import (
    Changed,
    CommitRange,
    Difference,
    FieldChange,
    Seen,
    VerdictChange,
)
from jotgraph.queries.answers.lifecycle import Expiry, Lifecycle
from jotgraph.queries.answers.orphans import Judgement, Orphans
from jotgraph.queries.answers.rescue import Lost, Rescue, Saved
from jotgraph.records import (
    ContentVerdict,
    Kind,
    ResourceId,
)
from jotgraph.render.answers import (
    check,
    content,
    difference,
    lifecycle,
    orphans,
    outcomes,
    plan,
    policy,
    quarantine,
    rescue,
    scan,
    sql,
)
from jotgraph.render.answers.text_table import csv_text, markdown_text
from tests.factories import content_match, gap, inventory, scope

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
ABOUT = About(NOON, scope(), (), (), ())
IMAGE = ResourceId("ecr-image:111111111111/eu-west-1/shop@sha256:" + "ab" * 32)
OTHER = ResourceId("ecr-image:111111111111/eu-west-1/shop@sha256:" + "cd" * 32)
ROLE = ResourceId("role:111111111111/web")
FUNCTION = ResourceId("function:111111111111/eu-west-1/web")


def test_orphans_tell_a_bound_from_a_number() -> None:
    judgements = (
        Judgement(
            IMAGE,
            Kind.ECR_IMAGE,
            Verdict.ORPHAN,
            "unused",
            bytes=5,
            age_days=1.23456,
            vulnerabilities=Vulnerabilities(counts=(("CRITICAL", 3),)),
        ),
        Judgement(
            OTHER,
            Kind.ECR_IMAGE,
            Verdict.ORPHAN,
            "unused",
            bytes=7,
            at_most=True,
            vulnerabilities=Vulnerabilities(unknown="its scan failed"),
        ),
    )
    answer = Orphans(ABOUT, (), (), judgements, (), Freed())
    seen = {IMAGE: Seen(NOON, NOON)}
    assert csv_text(orphans.csv_rows(answer, seen=seen)) == (
        "verdict,kind,resource,bytes,bytes_upper_bound,age_days,first_seen,orphan_since,doubts,"
        "witness,because,critical,high,scanned_at,scan_unknown\n"
        f"orphan,ecr-image,{IMAGE},5,5,1.235,2026-11-26T12:00:00Z,2026-11-26T12:00:00Z,,,unused,3,0,,\n"
        f"orphan,ecr-image,{OTHER},,7,,,,,,unused,,,,its scan failed\n"
    )


def test_what_a_plan_does_and_leaves() -> None:
    made = Plan(
        asked="jotgraph plan delete web",
        made_at=NOON,
        expires_at=NOON,
        taken_at=NOON,
        scope=scope(),
        complete=True,
        steps=(Step(id=IMAGE, action=Action.DELETE_IMAGE, because="asked", bytes=9, at_most=True),),
        blocks=(Block(id=FUNCTION, because="it is protected"),),
        kept=(Kept(id=ROLE, because="others use it"),),
        titles=((IMAGE, "shop:v1 @ababababa"),),
    )
    assert csv_text(plan.csv_rows(made)) == (
        "part,number,action,kind,resource,bytes,bytes_upper_bound,because\n"
        f"step,1,delete-image,ecr-image,{IMAGE},,9,asked\n"
        f"block,,,function,{FUNCTION},,,it is protected\n"
        f"kept,,,role,{ROLE},,,others use it\n"
    )
    assert markdown_text(plan.markdown_rows(made)) == (
        "| Action | Kind | Resource | Place | Frees | Because |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| delete | ecr-image | shop:v1 @\N{ZERO WIDTH SPACE}ababababa "
        "| 111111111111 eu-west-1 | ≤ 9 B | asked |\n"
        "| blocked | function | web | 111111111111 eu-west-1 |  | it is protected |\n"
        "| kept | role | web | 111111111111 |  | others use it |\n"
    )


def test_how_steps_ended() -> None:
    ended = (
        Outcome(id=ROLE, action=Action.DELETE_ROLE, status=Status.REFUSED, because="it changed"),
    )
    made = Receipt(run="r", plan="p", journal="/j", outcomes=ended)
    assert csv_text(outcomes.csv_rows(made)) == (
        f"status,kind,resource,because\nrefused,role,{ROLE},it changed\n"
    )
    assert markdown_text(outcomes.markdown_rows(made)) == (
        "| Outcome | Kind | Resource | Place | Because |\n| --- | --- | --- | --- | --- |\n"
        "| refused | role | web | 111111111111 | it changed |\n"
    )


def test_what_is_set_aside() -> None:
    found = QuarantineReport(
        held=(
            HeldResource(
                id=FUNCTION, run="r1", since=NOON, state=HeldState.QUIET, because="no call"
            ),
        ),
        elsewhere=(MarkedElsewhere(id=ROLE, mark="r2 since 2026-11-01"),),
    )
    assert csv_text(quarantine.csv_rows(found)) == (
        "state,run,since,kind,resource,because\n"
        f"quiet,r1,2026-11-26T12:00:00Z,function,{FUNCTION},no call\n"
        f"elsewhere,r2 since 2026-11-01,,role,{ROLE},\n"
    )
    assert markdown_text(quarantine.markdown_rows(found)) == (
        "| State | Kind | Resource | Since (UTC) | Run | Because |\n"
        "| --- | --- | --- | --- | --- | --- |\n"
        "| quiet | function | web | 2026-11-26 12:00 | r1 | no call |\n"
        "| elsewhere | role | web |  | r2 since 2026-11-01 |  |\n"
    )


def test_violations_and_what_was_not_read() -> None:
    broken, unread = Violation("no_drift", FUNCTION, "its tag moved"), Violation("max_lag", "", "?")
    answer = Checked(ABOUT, ("no_drift", "max_lag"), (broken,), (unread,))
    assert csv_text(check.csv_rows(answer)) == (
        f"result,rule,resource,because\nviolation,no_drift,{FUNCTION},its tag moved\n"
        "unknown,max_lag,,?\n"
    )


def test_what_changed() -> None:
    values = (
        FieldChange("state", "Active", None),
        FieldChange("tags", (("team", "a"), ("old", "b")), (("team", "a"), ("new", "c"))),
        FieldChange("policy", "{" * 200, "}" * 200),
        FieldChange("last_modified", NOON, NOON),
    )
    fields = tuple(change.field for change in values)
    between = CommitRange("a" * 40, "b" * 40, 3, 1)
    changed = Changed(FUNCTION, Kind.FUNCTION, fields, ("runs another",), values, between)
    verdict = VerdictChange(OTHER, Kind.ECR_IMAGE, Verdict.IN_USE, Verdict.ORPHAN, "unused")
    answer = Difference(NOON, ABOUT, (IMAGE,), (ROLE,), (changed,), (), (verdict,))
    range_ = f"{'a' * 40}..{'b' * 40}"
    assert csv_text(difference.csv_rows(answer)) == (
        "what,kind,resource,field,before,after,commits\n"
        f"added,ecr-image,{IMAGE},,,,\n"
        f"removed,role,{ROLE},,,,\n"
        f"changed,function,{FUNCTION},state,Active,,{range_}\n"
        f"changed,function,{FUNCTION},tags,team a old b,team a new c,{range_}\n"
        f"changed,function,{FUNCTION},policy,{'{' * 200},{'}' * 200},{range_}\n"
        f"changed,function,{FUNCTION},last_modified,2026-11-26T12:00:00Z,2026-11-26T12:00:00Z,"
        f"{range_}\n"
        f"verdict,ecr-image,{OTHER},verdict,in-use,orphan,\n"
    )
    assert difference.changed_words(changed) == (
        "state Active → none; tags +new=c -old=b; policy; "
        "last modified 2026-11-26 12:00 → 2026-11-26 12:00; runs another; "
        "commits aaaaaaaaa..bbbbbbbbb (3 commits, 1 commit taken back)"
    )
    assert difference.note(answer) == "1 added, 1 removed, 1 changed, 1 other verdict"


def test_what_expires() -> None:
    expires = (
        Expiry(IMAGE, ("a", "b"), "expire", 1, NOON, Verdict.IN_USE, "", (FUNCTION, IMAGE)),
        Expiry(OTHER, (), "expire", 2, None, Verdict.ORPHAN, "nothing uses it"),
    )
    answer = Lifecycle(ABOUT, ResourceId("ecr-repo:1/x/shop"), "{}", False, 2, expires)
    assert csv_text(lifecycle.csv_rows(answer)) == (
        "use,resource,at,action,rule,tags,witness,because\n"
        f"in-use,{IMAGE},2026-11-26T12:00:00Z,expire,1,a b,{FUNCTION} {IMAGE},\n"
        f"orphan,{OTHER},,expire,2,,,nothing uses it\n"
    )


def test_a_lost_image_with_a_copy_and_one_without() -> None:
    copy = Saved(OTHER, ("shop:1",), Grade.PROOF, "the same digest", ("pull x", "push y"))
    answer = Rescue(
        ABOUT,
        (
            Lost(IMAGE, "gone", (FUNCTION,), (copy,), ("c" * 40,)),
            Lost(OTHER, "archived", (FUNCTION,), (), ()),
        ),
    )
    assert csv_text(rescue.csv_rows(answer)) == (
        "state,image,runners,commits,copy,grade,because,commands,otherwise\n"
        f'gone,{IMAGE},{FUNCTION},{"c" * 40},{OTHER},proof,the same digest,"pull x\npush y",\n'
        f"archived,{OTHER},{FUNCTION},,,,,,\n"
    )


def test_what_a_scan_was_not_asked_to_read_is_not_told_as_none() -> None:
    here = inventory(places=())
    told = {kind: more for kind, _, more in scan.markdown_rows(here).rows}
    assert set(told.values()) == {"not asked for"}
    assert {whole for _, _, whole in scan.csv_rows(here).rows} == {False}
    read = {kind: more for kind, _, more in scan.markdown_rows(inventory()).rows}
    assert [kind for kind, more in read.items() if more] == ["commit", "log group"]


def test_what_equals_an_image() -> None:
    match = content_match(
        IMAGE,
        "a" * 40,
        verdict=ContentVerdict.NEAREST,
        matched=10,
        modified=("app.py", "lib.py"),
        count=2,
        oldest="b" * 40,
        modified_count=2,
        renamed=("handler.py",),
        renamed_count=1,
        lacking_count=25,
        lacking=("a", "b", "c", "d"),
    )
    assert csv_text(content.csv_rows([match])) == (
        "image,repository,verdict,commits,newest,oldest,matched,modified,modified_paths,untracked,"
        "untracked_paths,layers_left,shallow,renamed,renamed_paths,line_ends,line_ends_paths,"
        "lacking,lacking_paths,published,published_paths\n"
        f'{IMAGE},shop,nearest,2,{"a" * 40},{"b" * 40},10,2,"app.py\nlib.py",0,,0,false,'
        '1,handler.py,0,,25,"a\nb\nc\nd",0,\n'
    )
    assert markdown_text(content.markdown_rows([match])) == (
        "| Image | Repository | Verdict | Commits | Files |\n| --- | --- | --- | --- | --- |\n"
        "| 111111111111/eu-west-1/shop@sha256:ababababa | shop | nearest | "
        "bbbbbbbbb..aaaaaaaaa (2 commits) | 10 equal; 2 modified: app.py, lib.py; "
        "1 renamed: handler.py; 25 lacking: a, b, c, … |\n"
    )


def test_what_a_scan_read() -> None:
    unread = gap("iam:GetRole", Kind.ROLE, detail="allow it", account="")
    rows = csv_text(scan.csv_rows(inventory(unread, taken_at=NOON)))
    heading, *lines = rows.splitlines()
    assert heading == "kind,read,whole"
    assert {"role,0,false", "function,0,true"} < set(lines)
    assert len(lines) == len(Kind)


def test_what_a_command_needs() -> None:
    needed = [Need("ecr:DescribeImages", "*", "list images", spares=True)]
    assert csv_text(policy.csv_rows(needed)) == (
        "action,resource,because,optional\necr:DescribeImages,*,list images,true\n"
    )


def test_columns_of_one_name_or_of_nulls_are_all_shown() -> None:
    selected = Selected(scan="s", columns=("n", "n", "m"), rows=(("a", "b", None),), left_out=0)
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as captured:
        console.print(sql.as_table(selected))
    assert [line.rstrip() for line in captured.get().splitlines()] == ["n  n 2  m", "a  b"]


def test_no_value_looks_like_a_row_of_its_own() -> None:
    names = (("a\nb",), ("c",))
    selected = Selected(scan="s", columns=("name",), rows=names, left_out=0)
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as captured:
        console.print(sql.as_table(selected))
    assert [line.rstrip() for line in captured.get().splitlines()] == [
        "name",
        "a\N{REPLACEMENT CHARACTER}b",
        "c",
    ]
