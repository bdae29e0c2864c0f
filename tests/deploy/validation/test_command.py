"""The command ``jotgraph validate``: whole outputs, exit codes, its schema and its page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from jotgraph.cli import cli
from jotgraph.queries.answers.validation import FlawCode
from jotgraph.render.answers.formats import TABLE_LIKE
from tests.deploy.validation.folders import AWS, DOCKERFILE, HANDLER, clean
from tests.functional.test_cli_json import problems

ROOT = Path(__file__).parents[3]
GOOD = {"Dockerfile": DOCKERFILE, "app.py": HANDLER}
BAD = {
    "Dockerfile": DOCKERFILE.replace(AWS, "public.ecr.aws/lambda/python:3.12"),
    "app.py": "import x\n\n@x\ndef other(a): ...\n\nasync def handler(event): ...\n",
    ".dockerignore": ".git\n",
}
TABLE = """\
Severity  Where         Finding
wrong     app.py:6      handler is async; Lambda's Python runtime awaits nothing. Write a plain
                        function that calls asyncio.run().
warning   Dockerfile:1  public.ecr.aws/lambda/python:3.12 is not pinned by a digest: it has the tag
                        3.12, which may move. Pin it: docker buildx imagetools inspect IMAGE prints
                        the digest; write IMAGE@sha256:…
"""
MARKDOWN = """\
| Severity | Where | Finding | Next step |
| --- | --- | --- | --- |
| wrong | app.py:6 | handler is async; Lambda's Python runtime awaits nothing. | Write a plain \
function that calls asyncio.run(). |
| warning | Dockerfile:1 | public.ecr.aws/lambda/python:3.12 is not pinned by a digest: it has the \
tag 3.12, which may move. | Pin it: docker buildx imagetools inspect IMAGE prints the digest; \
write IMAGE@sha256:… |
"""
CSV = """\
code,severity,file,line,statement,next
handler-async,wrong,app.py,6,handler is async; Lambda's Python runtime awaits nothing.,Write a \
plain function that calls asyncio.run().
base-not-pinned,warning,Dockerfile,1,"public.ecr.aws/lambda/python:3.12 is not pinned by a digest: \
it has the tag 3.12, which may move.",Pin it: docker buildx imagetools inspect IMAGE prints the \
digest; write IMAGE@sha256:…
"""


def run(*words: str) -> Result:
    return CliRunner().invoke(cli, ["validate", *words], env={"COLUMNS": "100"})


def test_a_folder_that_is_fit(tmp_path: Path) -> None:
    result = run(str(clean(tmp_path, {**GOOD, ".dockerignore": ".git\n"})))
    assert (result.exit_code, result.stdout) == (0, "")
    assert (
        result.stderr == "app.handler in app.py; 3 files, 194 B: 0 wrong, 0 unknown, 0 warnings\n"
    )


@pytest.mark.parametrize(
    ("form", "expected"),
    [("table", TABLE), ("md", MARKDOWN), ("csv", CSV)],
    ids=("table", "md", "csv"),
)
def test_one_that_is_not(tmp_path: Path, form: str, expected: str) -> None:
    result = run(str(clean(tmp_path, BAD)), "--format", form)
    assert (result.exit_code, result.stdout) == (1, expected)


@pytest.mark.parametrize("files", [GOOD, BAD])
def test_json_keeps_to_its_schema(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: dict[str, str]
) -> None:
    monkeypatch.chdir(clean(tmp_path, {**files, ".dockerignore": ".git\n"}))
    answer = json.loads(run(".", "--format", "json").stdout)
    assert problems(answer) == []
    size = sum(map(len, files.values())) + (0 if ".dockerignore" in files else len(".git\n"))
    assert {**answer, "findings": len(answer["findings"])} == {
        "format": "jotgraph/validate/1", "path": ".", "dockerfile": "Dockerfile",
        "handler": "app.handler", "handler_file": "app.py", "files": 3, "bytes": size,
        "findings": 2 if files is BAD else 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "code"),
    [((), 0), (("--strict",), 3), (("--dockerfile", "other"), 2), (("--no-such",), 2)],
)
def test_exit_codes(tmp_path: Path, words: tuple[str, ...], code: int) -> None:
    folder = clean(tmp_path, {"app.py": "handler = make()\n"})
    assert run(f"{folder}:app.handler", *words).exit_code == code


def test_a_dirty_tree_is_wrong_unless_it_is_allowed(tmp_path: Path) -> None:
    clean(tmp_path, GOOD)
    (tmp_path / "app.py").write_text(f"{HANDLER}\n")
    assert run(str(tmp_path)).exit_code == 1
    assert run(str(tmp_path), "--allow-dirty").exit_code == 0


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("gone", "there is no folder gone"),
        ("gone:app.handler", "there is no folder gone"),
        (".:handler", "'handler' is not a handler: write PATH:module.function"),
        (".", ". has no Dockerfile that names a handler: write PATH:module.function"),
        ("app.py", "there is no folder app.py"),
        ("a.b", "there is no folder a.b; of a handler here write .:a.b"),
        ("../a.b", "there is no folder ../a.b"),
    ],
)
def test_what_cannot_be_validated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "app.py").touch()
    result = run(target)
    assert (result.exit_code, result.stdout, result.stderr) == (2, "", f"jotgraph: {message}\n")


def test_a_colon_in_the_name_of_a_folder(tmp_path: Path) -> None:
    folder = clean(tmp_path / "shop:app.handler", GOOD)
    assert run(str(folder)).exit_code == 0
    assert run(f"{folder}:app.handler").exit_code == 0


@pytest.mark.parametrize("form", TABLE_LIKE)
def test_names_steer_no_terminal(tmp_path: Path, form: str) -> None:
    evil = "\x1b[31m\u202e\n"
    folder = clean(tmp_path, {**GOOD, f"a{evil}.py": "1"})
    (folder / "Dockerfile").write_text(f'FROM b\x1b[2J:\x07{evil}CMD ["a\x1b.b"]\n')
    (folder / f"c{evil}.py").touch()
    (folder / f"l{evil}").symlink_to("/etc/passwd")
    (folder / b"\xff\xfe.py".decode("utf-8", "surrogateescape")).touch()
    result = run(str(folder), "--format", form)
    assert result.exit_code == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", result.output)


def test_the_page_has_each_code() -> None:
    page = (ROOT / "docs/deploying.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \| (?:wrong|unknown|warning)", page, re.MULTILINE)
    assert listed == [code.value for code in FlawCode]
    schema = json.loads((ROOT / "docs/schema/validate.json").read_text())
    assert schema["properties"]["findings"]["items"]["properties"]["code"]["enum"] == listed
