"""Settings on the command line: what goes before what, and what no file may decide."""

from __future__ import annotations

import json
from pathlib import Path

import click
import msgspec
import pytest

import jotgraph
from jotgraph import store
from jotgraph.cli import COMMANDS, cli, world
from jotgraph.cli.defaults import key_of
from jotgraph.records import Carrier, Inventory
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.settings.defaults import KEYS
from tests.factories import convention
from tests.functional.conftest import Run
from tests.functional.estate import SHAS, estate
from tests.sources.conftest import one_commit

__all__ = ["one_commit"]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The project's file, where the tests run."""
    return tmp_path / "jotgraph.toml"


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    path = tmp_path / "config" / "jotgraph" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def test_a_typed_option_goes_before_the_environment_the_project_and_the_user(
    run: Run, whole: str, project: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ref(*options: str) -> str:
        answer = run("stale", "--from", whole, "--format", "json", *options)
        refs = {entry["lag"]["ref"] for entry in json.loads(answer.stdout)["functions"]}
        return ", ".join(sorted(refs - {""}))

    assert ref() == "main"
    own.write_text('[defaults]\nref = "v1"\n')
    assert ref() == "v1"
    project.write_text('[defaults]\nref = "side"\n')
    assert ref() == "side"
    monkeypatch.setenv("JOTGRAPH_REF", "v1")
    assert ref() == "v1"
    assert ref("--ref", "main") == "main"


def test_settings_are_shown_with_where_they_come_from(
    run: Run, project: Path, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_text('[defaults]\nkeep_tags = ["v*"]\ngit = ["lib"]\n')
    own.write_text('[defaults]\nkeep_tags = ["r*"]\nkeep_days = 14\n')
    monkeypatch.setenv("JOTGRAPH_REGIONS", "eu-west-1 us-east-1")
    result = run("settings", "--format", "json")
    assert (result.exit_code, result.stderr) == (0, f"Read: {project}, {own}\n")
    answer = json.loads(result.stdout)
    assert answer["files"] == [str(project), str(own)]
    shown = {entry["key"]: (entry["value"], entry["source"]) for entry in answer["settings"]}
    nobody = (None, ["default"])
    assert shown == {
        **dict.fromkeys(KEYS, nobody),
        "regions": ("eu-west-1 us-east-1", ["JOTGRAPH_REGIONS"]),
        "git": ([str(project.parent / "lib")], [str(project)]),
        "keep_tags": (["r*", "v*"], [str(project), str(own)]),
        "keep_days": (14, [str(own)]),
    }


def test_settings_without_a_file(run: Run, own: Path) -> None:
    result = run("settings")
    assert (result.exit_code, result.stderr) == (0, f"Read: no jotgraph.toml here and no {own}\n")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["Setting", *KEYS]


def test_files_can_be_switched_off(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_text("[defaults]\nregionz = 3\n")
    assert run("settings").exit_code == 2
    monkeypatch.setenv("JOTGRAPH_SETTINGS", "off")
    assert run("settings").exit_code == 0


def test_a_wrong_key_stops_every_command_but_not_its_help(run: Run, project: Path) -> None:
    project.write_text("[defaults]\n\nregionz = []\n")
    result = run("rules")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        f"jotgraph: {project}, line 3: unknown key [defaults] 'regionz'; did you mean 'regions'?\n"
    )
    assert run("rules", "--help").exit_code == 0
    assert run("--help").exit_code == 0


def _planned(run: Run, stored: str, *options: str) -> list[str]:
    result = run("plan", "cleanup", "--from", stored, "--format", "json", *options)
    assert result.exit_code == 0, result.output
    return [step["id"] for step in json.loads(result.stdout)["steps"]]


ONLY_COPY = "local-image:sha256:685eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed5eed00"


def test_doubts_set_aside_by_a_file_count_where_nothing_is_deleted_and_are_told(
    run: Run, whole: str, project: Path
) -> None:
    before = _planned(run, whole)
    assert ONLY_COPY not in before
    assert ONLY_COPY in _planned(run, whole, "--ignore-doubt", "only-copy")
    project.write_text('[defaults]\nignore = ["only-copy"]\nassume_no = ["batch"]\n')
    assert _planned(run, whole) == before
    result = run("orphans", "--from", whole, "--format", "json")
    assert ONLY_COPY in [orphan["id"] for orphan in json.loads(result.stdout)["orphans"]]
    assert f"ignore = only-copy by {project}\nassume_no = batch by {project}\n" in result.stderr
    assert " by " not in run("orphans", "--from", whole, "--ignore", "only-copy").stderr.replace(
        f"assume_no = batch by {project}", ""
    )


def test_a_project_keeps_more_and_never_less(run: Run, project: Path) -> None:
    world = estate()
    first, *rest = world.local_images
    kept = msgspec.structs.replace(first, tags=("shop/checkout:prod",))
    store.save(msgspec.structs.replace(world, local_images=(kept, *rest)), "stored.jsonl")
    before = _planned(run, "stored.jsonl")
    assert kept.id not in before
    project.write_text('[defaults]\nkeep_tags = ["nothing"]\nkeep_images = 0\nkeep_days = 0\n')
    assert _planned(run, "stored.jsonl") == before
    project.write_text('[defaults]\nkeep_tags = ["d?v"]\n')
    tagged = {image.id for image in world.local_images if "shop/billing:dev" in image.tags}
    assert set(before) - set(_planned(run, "stored.jsonl")) == tagged
    assert kept.id in _planned(run, "stored.jsonl", "--keep-tag", "nothing")


def test_a_variable_that_keeps_less_is_told(
    aws_environment: Sandbox, run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = estate()
    first, *rest = world.local_images
    kept = msgspec.structs.replace(first, tags=("shop/checkout:prod",))
    store.save(msgspec.structs.replace(world, local_images=(kept, *rest)), "stored.jsonl")
    project.write_text("[defaults]\nkeep_images = 3\n")
    monkeypatch.setenv("JOTGRAPH_KEEP_TAGS", "nothing")
    monkeypatch.setenv("JOTGRAPH_KEEP_IMAGES", "0")
    assert kept.id in _planned(run, "stored.jsonl")
    told = "keep_tags = nothing by JOTGRAPH_KEEP_TAGS\nkeep_images = 0 by JOTGRAPH_KEEP_IMAGES\n"
    assert told in run("plan", "cleanup", "--from", "stored.jsonl").stderr
    assert told in run("orphans", "--from", "stored.jsonl").stderr
    cleaned = run("cleanup", "--no-docker", "--yes")
    assert told in cleaned.stderr
    typed = ("--keep-tag", "nothing", "--keep-images", "0")
    assert " by " not in run("plan", "cleanup", "--from", "stored.jsonl", *typed).stderr


@pytest.mark.parametrize(
    "command",
    [
        "cleanup --no-docker",
        "delete app --no-docker",
        "apply plan.json",
        "sweep --no-docker",
        "undo r --no-docker",
    ],
)
def test_where_to_change_anything_is_not_taken_from_a_project(
    run: Run, project: Path, tmp_path: Path, command: str
) -> None:
    (tmp_path / "plan.json").write_text("{}")
    project.write_text('[defaults]\nprofiles = ["prod"]\n')
    result = run(*command.split())
    assert result.exit_code == 2
    assert (
        f"Error: {project} sets profiles, and where to change anything is not taken from a "
        "project's file: pass --profile, or set JOTGRAPH_PROFILES"
    ) in result.stderr
    typed = run(*command.split(), "--profile", "nobody")
    assert "is not taken from" not in typed.stderr


def test_where_to_read_is_taken_from_a_project(
    aws_environment: Sandbox, run: Run, project: Path
) -> None:
    project.write_text('[defaults]\nregions = ["eu-west-1"]\n')
    result = run("scan", "--no-docker", "--format", "json")
    assert json.loads(result.stdout)["scope"]["places"] == [["123456789012", "eu-west-1"]]
    planned = run("plan", "cleanup", "--no-docker", "--format", "json")
    assert json.loads(planned.stdout)["scope"]["places"] == [["123456789012", "eu-west-1"]]


def test_the_users_own_regions_are_taken_by_what_changes_something(
    aws_environment: Sandbox, run: Run, own: Path
) -> None:
    own.write_text('[defaults]\nregions = ["eu-west-1"]\n')
    result = run("cleanup", "--no-docker", "--yes", "--format", "json")
    assert json.loads(result.stdout)["scope"]["places"] == [["123456789012", "eu-west-1"]]


TYPED = {
    "--yes", "--accept-gaps", "--backup", "--on-event", "--audit", "--max-count", "--max-percent",
    "--max-both", "--ignore-doubt", "--without-copy", "--exclude", "--keep", "--max-failures",
    "--time-limit", "--force", "--apply", "--older-than", "--stale", "--orphans", "--quarantine",
}  # fmt: skip
"""Options that have to be typed: they accept, delete more, or start a program."""


def test_what_accepts_or_executes_has_to_be_typed() -> None:
    top = click.Context(cli)
    settable: dict[str, set[str]] = {}
    for entry in COMMANDS:
        command = cli.get_command(top, entry.name)
        parts = command.commands.values() if isinstance(command, click.Group) else (command,)
        for part in parts:
            assert part is not None
            for param in part.params:
                if key := key_of(param):
                    settable.setdefault(key, set()).update(param.opts)
                    assert not TYPED & {*param.opts} or param.opts == ["--keep-tag", "--keep"]
    assert set(settable) <= set(KEYS)


def test_a_policy_is_found_from_below_and_may_be_named(
    run: Run, whole: str, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "below").mkdir()
    project.write_text("max_orphans = 0\n")
    monkeypatch.chdir(tmp_path / "below")
    assert run("check", "--from", whole).exit_code == 1
    (tmp_path / "ci.toml").write_text("max_orphans = 99\n")
    project.write_text('max_orphans = 0\n[defaults]\npolicy = "ci.toml"\n')
    assert run("check", "--from", whole).exit_code == 0
    assert run("check", "--from", whole, "--policy", str(project)).exit_code == 1
    monkeypatch.setenv("JOTGRAPH_POLICY", str(project))
    assert run("check", "--from", whole).exit_code == 1


def test_a_policy_keeps_what_the_defaults_of_its_file_keep(
    run: Run, whole: str, project: Path
) -> None:
    project.write_text("max_orphans = 2\n")
    assert run("check", "--from", whole).exit_code == 1
    project.write_text('max_orphans = 2\n[defaults]\nkeep_tags = ["dev"]\n')
    assert run("check", "--from", whole).exit_code == 0
    project.write_text('max_orphans = 2\nkeep = ["other"]\n[defaults]\nkeep_tags = ["dev"]\n')
    assert run("check", "--from", whole).exit_code == 1


EVIDENCE = """
[evidence.tags]
scratch_tag = "(?:test)(?P<revision>[0-9a-f]{7})"
[evidence.labels]
acme_build = "com.acme.build"
"""


def _labelled(inventory: Inventory) -> Inventory:
    """The estate whose local image of no other commit has a label of the team's own."""
    scratch = inventory.local_images[3]
    labelled = msgspec.structs.replace(scratch, labels=(("com.acme.build", SHAS[4]),))
    others = (*inventory.local_images[:3], labelled)
    return msgspec.structs.replace(inventory, local_images=others)


def test_conventions_are_rules_listed_with_their_file(run: Run, project: Path) -> None:
    project.write_text(EVIDENCE)
    listed = json.loads(run("rules", "--format", "json").stdout)["rules"]
    own = {rule["name"]: rule for rule in listed if rule["source"]}
    assert own == {
        "acme_build": {
            "name": "acme_build",
            "relation": "built-from",
            "grade": "support",
            "doc": "The label or annotation com.acme.build gives a revision of a commit that was "
            "read.",
            "source": str(project),
        },
        "scratch_tag": {
            "name": "scratch_tag",
            "relation": "built-from",
            "grade": "support",
            "doc": "The tag fits (?:test)(?P<revision>[0-9a-f]{7}) and holds a revision of a "
            "commit that was read.",
            "source": str(project),
        },
    }


def test_a_convention_is_evidence_of_its_own_and_the_snapshot_carries_it(
    run: Run, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.save(_labelled(estate()), "plain.jsonl")

    def rules_of(stored: str) -> set[str]:
        answer = json.loads(run("show", ONLY_COPY, "--from", stored, "--format", "json").stdout)
        return {piece["rule"] for link in answer["links"] for piece in link["evidence"]}

    assert "acme_build" not in rules_of("plain.jsonl")
    project.write_text(EVIDENCE)
    assert "acme_build" in rules_of("plain.jsonl")
    monkeypatch.setattr(world, "scan", lambda *_, **__: _labelled(estate()))
    assert run("scan", "-o", "carried.jsonl").exit_code == 0
    project.unlink()
    assert "acme_build" in rules_of("carried.jsonl")
    assert "acme_build" not in rules_of("plain.jsonl")


def test_a_snapshot_with_an_expression_that_may_take_for_ever_is_refused(run: Run) -> None:
    hostile = convention(
        name="own", carrier=Carrier.TAG, pattern="(a+)+(?P<revision>b)", file="jotgraph.toml"
    )
    inventory = estate()
    scope = msgspec.structs.replace(inventory.scope, evidence=(hostile,))
    store.save(msgspec.structs.replace(inventory, scope=scope), "hostile.jsonl")
    result = run("ls", "--from", "hostile.jsonl")
    assert result.exit_code == 4
    assert result.stderr.startswith("jotgraph: hostile.jsonl: the rule 'own' is refused: it may")


def test_a_variable_is_stored_where_it_holds_a_commit_and_never_a_secret(
    aws_environment: Sandbox, run: Run, project: Path, one_commit: str
) -> None:
    (head,) = jotgraph.scan(git=[one_commit], docker=False, aws=False).commits
    role = seed.role(aws_environment, "app-role")
    secret = "0123456789abcdef" * 2
    env = {"ACME_REV": head.sha, "ACME_TOKEN": secret}
    seed.function(aws_environment, "app", role=role, env=env)
    project.write_text('[evidence.env]\nacme_rev = "ACME_REV"\nacme_token = "ACME_TOKEN"\n')
    assert run("scan", "--no-docker", "--git", one_commit, "-o", "scan.jsonl").exit_code == 0
    assert secret not in Path("scan.jsonl").read_text()
    assert store.load("scan.jsonl").functions[0].env == (("ACME_REV", head.sha),)
    project.unlink()
    shown = run("show", "app", "--from", "scan.jsonl", "--format", "json")
    links = json.loads(shown.stdout)["links"]
    assert "acme_rev" in {piece["rule"] for link in links for piece in link["evidence"]}


@pytest.mark.usefixtures("aws_environment")
def test_what_is_switched_off_and_would_keep_something_is_said(
    run: Run, project: Path, stored: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.write_text('[defaults]\nkeep_images = 3\nkeep_tags = ["release-*"]\nref = "main"\n')
    monkeypatch.setenv("JOTGRAPH_SETTINGS", "off")
    told = "".join(
        f"{key} of {project} does not count (JOTGRAPH_SETTINGS=off)\n"
        for key in ("keep_tags", "keep_images")
    )
    for command in ("orphans", "plan cleanup"):
        assert told in run(*command.split(), "--from", stored).stderr
    assert told in run("cleanup", "--no-docker", "--yes").stderr
    assert "does not count" not in run("ls", "--from", stored).stderr, "it keeps nothing"
    typed = ("--keep-tag", "x", "--keep-images", "1")
    assert "does not count" not in run("orphans", "--from", stored, *typed).stderr
    monkeypatch.setenv("JOTGRAPH_KEEP_TAGS", "x")
    lines = run("orphans", "--from", stored).stderr.splitlines()
    assert [line for line in lines if "keep_" in line] == [
        "keep_tags = x by JOTGRAPH_KEEP_TAGS",
        f"keep_images of {project} does not count (JOTGRAPH_SETTINGS=off)",
    ]
    project.write_text('[defaults]\nref = "main"\n')
    monkeypatch.delenv("JOTGRAPH_KEEP_TAGS")
    assert "keep_" not in run("orphans", "--from", stored).stderr
    project.write_text("[defaults\n")
    assert run("orphans", "--from", stored).exit_code == 0
