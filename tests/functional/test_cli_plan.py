"""`plan`: decided on a stored inventory, shown three ways, and written to a file."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import msgspec
import pytest

from jotgraph import store
from jotgraph.analysis.health import FAILING, Code
from jotgraph.cli import kind_choice
from jotgraph.cli.plan_options import STALE
from jotgraph.errors import NoPlanError, PlanError, UsageError
from jotgraph.plan import parse
from jotgraph.plan.model import ACTIONS
from jotgraph.plan.protection import PROTECT
from tests.factories import (
    LONG_AGO,
    alias,
    commit,
    content_match,
    days_ago,
    digest,
    ecr_image,
    ecr_repository,
    function,
    git_repository,
    inventory,
    local_image,
    role,
    trigger,
    version,
)
from tests.functional.conftest import Run
from tests.functional.test_cli_json import problems
from tests.render.goldens import DEMO


@pytest.fixture
def jot(tmp_path: Path) -> str:
    """One function with a version behind an alias, and an orphan."""
    records = (
        ecr_repository(),
        ecr_image(1, "v1"),
        ecr_image(2, "v2"),
        ecr_image(3),
        function(runs=2, tag="v2"),
        version(1, runs=1, tag="v1"),
        alias("prod", 1),
        role(),
    )
    store.save(inventory(*records), tmp_path / "jot.jsonl")
    return str(tmp_path / "jot.jsonl")


def answer(run: Run, *arguments: str) -> Any:
    result = run("plan", *arguments, "--format", "json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def ids(plan: Any) -> list[str]:
    return [step["id"].replace("111122223333/eu-west-1/", "") for step in plan["steps"]]


def test_one_tag_does_not_speak_for_another_that_is_kept(run: Run, tmp_path: Path) -> None:
    tagged = ecr_image(1, "old", "prod-7", "x9")
    store.save(inventory(ecr_repository(), tagged), tmp_path / "tags.jsonl")
    named = answer(run, "delete", "app:old", "--from", "tags.jsonl")
    assert (named["steps"], "[kept-tag]" in named["blocks"][0]["because"]) == ([], True)
    for how in (("app:old", "--ignore-doubt", "kept-tag"), (f"app@{digest(1)}",)):
        shown = run("plan", "delete", *how, "--from", "tags.jsonl").stdout
        assert "Images are deleted with all their tags, including app:prod-7, app:x9" in shown


def test_the_kinds_of_the_options_are_those_of_the_planner() -> None:
    assert set(kind_choice.DELETABLE.choices) == set(ACTIONS)


def test_what_a_cleanup_takes_of_stale_are_codes_of_findings() -> None:
    assert {Code(name) for name in STALE} == FAILING | {Code.IDLE}


def test_what_is_broken_and_called_stays(run: Run, tmp_path: Path) -> None:
    """Lambda may serve it for weeks from its own copy of the image."""
    for calls, reason in ((7, "called 7 times in the 30 days read"), (None, "was not read")):
        records = (ecr_repository(), function(runs=9, invocations=calls), role())
        store.save(inventory(*records), tmp_path / "called.jsonl")
        made = answer(run, "cleanup", "--from", "called.jsonl", "--stale", "broken")
        (block,) = made["blocks"]
        assert (made["steps"], reason in block["because"]) == ([], True)


@pytest.mark.parametrize(("status", "steps"), [("ARCHIVED", 1), ("ACTIVATING", 0), ("ACTIVE", 0)])
def test_an_image_that_is_restored_breaks_nothing(
    run: Run, tmp_path: Path, status: str, steps: int
) -> None:
    records = (ecr_repository(), ecr_image(1, "v1", status=status), function(invocations=0), role())
    store.save(inventory(*records), tmp_path / "w.jsonl")
    made = answer(run, "cleanup", "--from", "w.jsonl", "--stale", "broken")
    assert len(made["steps"]) == steps


def test_a_copy_that_rescue_names_stays(run: Run, tmp_path: Path) -> None:
    """By its name alone it may be the image that a function runs and that is gone from ECR; that
    git holds every file of it does not give back its bytes."""
    sha, image_id = "a" * 40, digest(11)
    named = local_image(image_id, "app:v1", config_digest=image_id, created_at=LONG_AGO)
    equal = content_match(named.id, sha)
    built_from = commit(sha, committed_at=LONG_AGO)
    records = (ecr_repository(), role(), named, equal, git_repository(head=sha), built_from)
    store.save(inventory(*records), tmp_path / "w.jsonl")
    assert len(answer(run, "delete", "app:v1", "--from", "w.jsonl")["steps"]) == 1
    store.save(inventory(*records, function(runs=9)), tmp_path / "w.jsonl")
    made = answer(run, "delete", "app:v1", "--from", "w.jsonl")
    (block,) = made["blocks"]
    assert "this may be a remaining copy [only-copy]" in block["because"]


def test_a_whole_jot_and_what_is_kept(run: Run, jot: str) -> None:
    made = answer(run, "delete", "pay", "--from", jot)
    assert [resource.partition("@")[0] for resource in ids(made)] == [
        "alias:pay:prod",
        "version:pay:1",
        "function:pay",
        "ecr-image:app",
        "ecr-image:app",
        "role:111122223333/pay-role",
    ]
    assert [kept["because"] for kept in made["kept"]] == [
        "it holds 1 image that must be deleted first"
    ]
    assert problems(made) == []


def test_options_narrow_it(run: Run, jot: str) -> None:
    made = answer(
        run, "delete", "pay", "--from", jot, "--stop-at", "ecr-image", "--keep", "pay-role"
    )
    assert ids(made) == ["alias:pay:prod", "version:pay:1", "function:pay"]
    made = answer(run, "cleanup", "--from", jot)
    assert [resource.partition("@")[0] for resource in ids(made)] == ["ecr-image:app"]
    assert ids(answer(run, "cleanup", "--from", jot, "--kind", "role")) == []
    assert ids(answer(run, "cleanup", "--from", jot, "--older-than", "300d")) == []
    assert ids(answer(run, "cleanup", "--from", jot, "--exclude", "app*")) == []


def test_caps(run: Run, jot: str) -> None:
    assert answer(run, "cleanup", "--from", jot, "--max-count", "1")["over"] == ""
    over = answer(run, "cleanup", "--from", jot, "--max-count", "0")["over"]
    assert over == "1 step, limit 0"
    both = ("--max-count", "0", "--max-percent", "50", "--max-both")
    assert answer(run, "cleanup", "--from", jot, *both)["over"] == ""


def test_the_file_is_the_answer_and_an_edit_is_noticed(run: Run, jot: str) -> None:
    result = run("plan", "delete", "pay", "--from", jot, "-o", "plan.json", "--format", "json")
    content = Path("plan.json").read_bytes()
    assert content.decode() == result.stdout
    assert parse(content).steps[0].action == "delete-alias"
    with pytest.raises(PlanError, match="edited"):
        parse(content.replace(b"function:", b"function:x", 1))
    with pytest.raises(NoPlanError, match="is the answer of a command"):
        parse(b'{"format": "jotgraph/jots/1"}')
    with pytest.raises(
        NoPlanError, match="is not a jotgraph plan file; jotgraph plan delete NAME -o FILE"
    ):
        parse(b"[")
    with pytest.raises(PlanError, match="is cut off or damaged") as damaged:
        parse(content[: len(content) // 2])
    assert not isinstance(damaged.value, UsageError)


def test_a_cleanup_keeps_the_rollback_windows(run: Run, tmp_path: Path) -> None:
    """The newest image of a repository that something runs from, or what the options say."""
    newest, older = (
        ecr_image(2, "v2", pushed_at=days_ago(20)),
        ecr_image(3, "old", pushed_at=days_ago(50)),
    )
    here = (ecr_repository(), ecr_image(1, "v1"), newest, older, function(runs=1), role())
    elsewhere = ecr_image(4, "v1", repository="unused", pushed_at=days_ago(20))
    world = inventory(*here, ecr_repository("unused"), elsewhere)
    store.save(world, tmp_path / "windows.jsonl")
    every = {
        short.id.replace("111122223333/eu-west-1/", "") for short in (newest, older, elsewhere)
    }

    def kept(*options: str) -> set[str]:
        asked = ("cleanup", "--from", "windows.jsonl", "--kind", "ecr-image", *options)
        return every - set(ids(answer(run, *asked)))

    two, three, four = (
        f"ecr-image:app@{digest(2)}",
        f"ecr-image:app@{digest(3)}",
        (f"ecr-image:unused@{digest(4)}"),
    )
    assert kept() == {two}
    assert kept("--keep-images", "0") == set()
    assert kept("--keep-images", "1") == {two, four}
    assert kept("--keep-images", "2") == {two, three, four}
    assert kept("--keep-images", "0", "--keep-days", "30d") == {two, four}
    assert kept("--keep-images", "0", "--keep-days", "4w") == {two, four}
    assert kept("--keep-images", "0", "--keep-days", "19d") == set()
    assert kept("--keep-images", "0", "--keep-tag", "o*") == {three}
    named = answer(run, "delete", f"app@{digest(2)}", "--from", "windows.jsonl")
    assert ids(named) == [two]  # what is named goes
    assert run("plan", "cleanup", "--from", "windows.jsonl", "--keep-days", "x").exit_code == 2


def test_the_script_is_a_script_and_says_why(run: Run, jot: str) -> None:
    result = run("plan", "delete", "pay", "--from", jot, "--format", "sh")
    assert "aws lambda delete-function --region eu-west-1 --function-name pay --qualifier 1" in (
        result.stdout
    )
    assert "# 1. alias:111122223333/eu-west-1/pay:prod: it depends on" in result.stdout
    assert "--force\n" not in result.stdout.replace("# never with --force\n", "")
    subprocess.run(["sh", "-n"], input=result.stdout, text=True, check=True)


def test_several_versions_have_several_numbers(run: Run) -> None:
    demo = store.load(DEMO)
    functions = [msgspec.structs.replace(known, provisioned=()) for known in demo.functions]
    store.save(msgspec.structs.replace(demo, functions=tuple(functions)), Path("demo.jsonl"))
    result = run("plan", "delete", "refunds", "--from", "demo.jsonl")
    assert "Undo cannot bring back 3 versions under their numbers\n" in result.stdout


def test_the_table(run: Run, jot: str) -> None:
    result = run("plan", "delete", "pay", "--from", jot)
    assert "6 steps, 0 blocked, 1 kept" in result.stdout
    assert "Undo cannot bring back 1 version under its number\n" in result.stdout
    image_alone = run("plan", "cleanup", "--from", jot)
    assert ("1 step, " in image_alone.stdout, "Undo cannot" in image_alone.stdout) == (True, False)
    assert max(len(line) for line in result.stdout.splitlines()) <= 100


def test_in_a_narrow_terminal_reasons_give_way_before_names(
    run: Run, jot: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "x" * 34
    records = (ecr_repository(), ecr_image(1, "v1"), function(long, runs=1, tag="v1"), role())
    store.save(inventory(*records), Path(jot))
    monkeypatch.setenv("COLUMNS", "80")
    shown = run("plan", "delete", long, "--from", jot).stdout.splitlines()
    assert max(map(len, shown)) <= 80
    row = next(number for number, line in enumerate(shown) if line.endswith(f"  {long}"))
    assert shown[row + 1].split() == ["asked", "for"], "below, where there is no room beside it"


def test_an_unknown_doubt_is_an_error(run: Run, jot: str) -> None:
    result = run("plan", "cleanup", "--from", jot, "--ignore-doubt", "gap")
    assert (result.exit_code, "cannot be ignored" in result.stderr) == (2, True)


def test_broken_functions_go_with_what_hangs_on_them(run: Run, tmp_path: Path) -> None:
    records = (ecr_repository(), ecr_image(1, "v1"), function(runs=9), trigger("t", "pay"), role())
    store.save(inventory(*records), tmp_path / "broken.jsonl")
    made = answer(run, "cleanup", "--from", "broken.jsonl", "--stale", "broken")
    assert [step["action"] for step in made["steps"]] == ["delete-trigger", "delete-function"]
    assert made["steps"][1]["because"].startswith("broken: image app@")
    for options in (("--kind", "ecr-repo"), ("--older-than", "3000d")):
        made = answer(run, "cleanup", "--from", "broken.jsonl", "--stale", "broken", *options)
        assert not [step for step in made["steps"] if step["action"] == "delete-function"]


def test_what_would_find_nothing_says_why(run: Run, jot: str, tmp_path: Path) -> None:
    read = store.load(Path(jot))
    scope = msgspec.structs.replace(read.scope, engine="")
    store.save(msgspec.structs.replace(read, scope=scope), tmp_path / "cloud.jsonl")
    for option, words in (("--versions", "needs --keep-last N"), ("--local", "no Docker engine")):
        result = run("plan", "cleanup", "--from", "cloud.jsonl", option)
        assert (result.exit_code, words in result.stderr) == (2, True)
    assert run("plan", "cleanup", "--from", jot, "--versions", "--keep-last", "1").exit_code == 0


def test_a_protect_tag_holds_until_its_day_is_over(run: Run, tmp_path: Path) -> None:
    """Whatever is asked for; it covers what belongs to the function too."""
    for until, blocked in (
        ("2999-01-31", True),
        ("", True),
        ("a reason", True),
        ("2020-01-31", False),
    ):
        records = (
            ecr_repository(),
            ecr_image(2, "v2"),
            function(runs=2, tag="v2", tags=((PROTECT, until),)),
            version(1, runs=2),
            alias("prod", 1),
            role(),
        )
        store.save(inventory(*records), tmp_path / "protected.jsonl")
        made = answer(run, "delete", "pay", "--from", "protected.jsonl")
        said = {block["id"].partition(":")[0]: block["because"] for block in made["blocks"]}
        assert ({"function", "version", "alias"} <= said.keys()) == blocked, until
        assert not (blocked and made["steps"]), until
        if blocked:
            assert (
                f"tag {PROTECT} protects it{f' until {until}' if until else ''}" in said["function"]
            )


def test_a_plan_of_no_image_is_read_back_as_it_was_made(run: Run, whole: str) -> None:
    """Its dollars are 0.0, which is written as it is read: the seal is over the bytes."""
    assert run("plan", "delete", "nightly", "--from", whole, "-o", "plan.json").exit_code == 0
    assert parse(Path("plan.json").read_bytes()).dollars_a_month == 0
