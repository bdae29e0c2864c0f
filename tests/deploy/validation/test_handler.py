"""Whether a handler exists and takes (event, context), by the text of its module alone."""

from __future__ import annotations

import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tests.deploy.validation.folders import AWS, DIGEST, DOCKERFILE, HANDLER, found, validated

RUNS = f'FROM {AWS}\nRUN pip install x\nCOPY app.py ./\nCMD ["app.handler"]\n'
FOREIGN = f'FROM node@{DIGEST}\nCOPY app.py ./\nCMD ["x"]\n'

FINE = (
    HANDLER,
    "def handler(a, b, c=1): ...",
    "def handler(*args): ...",
    "def handler(event, *rest, key=1, **more): ...",
    "def handler(event, context, /): ...",
    "def handler(event=None, context=None): ...",
    "handler = lambda event, context: 1",
    "handler: object = lambda *_: 1",
    "def main(event, context): ...\nhandler = main",
    "def handler(a): ...\ndef handler(a, b): ...",
    "if X:\n    def handler(a, b): ...\nelse:\n    def handler(c, d): ...",
    "with X:\n    def handler(a, b): ...",
    "def handler(a, b): ...\nif __name__ == '__main__':\n    handler = 1",
    "def handler(a, b): ...\nif TYPE_CHECKING:\n    import handler",
    "def handler(a, b): ...\nclass A:\n    handler = 1\n    def handler(self): ...",
    "handler: int\ndef handler(a, b): ...",
    "'''\\d'''\nx = '\\d'\ndef handler(a, b): ...",
)
WRONG = {
    "": ("handler-missing", None),
    "def main(event, context): ...": ("handler-missing", None),
    "class A:\n    def handler(self, event, context): ...": ("handler-missing", None),
    "handler = None": ("handler-missing", 1),
    "handler = {'a': 1}": ("handler-missing", 1),
    "async def handler(event, context): ...": ("handler-async", 1),
    "def handler(event): ...": ("handler-arguments", 1),
    "def handler(): ...": ("handler-arguments", 1),
    "def handler(event, **rest): ...": ("handler-arguments", 1),
    "def handler(a, b, c): ...": ("handler-arguments", 1),
    "def handler(a, b, *, c): ...": ("handler-arguments", 1),
    "handler = lambda event: 1": ("handler-arguments", 1),
    "def main(event): ...\nhandler = main": ("handler-arguments", 1),
    "if X:\n    def handler(a): ...\nelse:\n    def handler(b): ...": ("handler-arguments", 4),
    "def handler(event, context)\n    pass": ("module-syntax", 1),
    "def handler(event, context):\npass": ("module-syntax", 2),
}
UNKNOWN = {
    "@wraps\ndef handler(event): ...": ("handler-unknown", 2),
    "@wraps\nasync def handler(event): ...": ("handler-unknown", 2),
    "class handler: ...": ("handler-unknown", 1),
    "handler = App().run": ("handler-unknown", 1),
    "handler = partial(f, 1)": ("handler-unknown", 1),
    "handler = handler": ("handler-unknown", 1),
    "a = b\nb = a\nhandler = a": ("handler-unknown", None),
    "handler, other = pair": ("handler-unknown", 1),
    "handler = other = f": ("handler-unknown", 1),
    "for handler in x: ...": ("handler-unknown", 1),
    "with open(x) as handler: ...": ("handler-unknown", 1),
    "(handler := 1)": ("handler-unknown", 1),
    "def handler(a, b): ...\ndel handler": ("handler-unknown", 2),
    "if X:\n    def handler(a, b): ...": ("handler-unknown", 2),
    "def handler(a, b): ...\nif X:\n    handler = 1": ("handler-unknown", 3),
    "try:\n    from fast import handler\nexcept E as handler: ...": ("handler-unknown", 2),
    "match x:\n    case handler: ...": ("handler-unknown", 1),
    "def f():\n    global handler\n    handler = 1": ("handler-unknown", 2),
    "import handler": ("handler-unknown", 1),
    "from elsewhere import handler": ("handler-unknown", 1),
    "from elsewhere import *": ("handler-unknown", None),
    "globals()['handler'] = 1": ("handler-unknown", None),
    "def __getattr__(name): ...": ("handler-unknown", None),
    "def handler(a): ...\nsetattr(m, 'handler', f)": ("handler-unknown", 1),
}  # fmt: skip


@pytest.mark.parametrize("source", FINE)
def test_what_fits(tmp_path: Path, source: str) -> None:
    assert found(tmp_path, {"app.py": source}, "app.handler") == []
    assert not (tmp_path / "__pycache__").exists()


@pytest.mark.parametrize("source", WRONG)
def test_what_does_not(tmp_path: Path, source: str) -> None:
    code, line = WRONG[source]
    assert found(tmp_path, {"app.py": source}, "app.handler") == [(code, "wrong", "app.py", line)]


@pytest.mark.parametrize("source", UNKNOWN)
def test_what_cannot_be_told(tmp_path: Path, source: str) -> None:
    code, line = UNKNOWN[source]
    assert found(tmp_path, {"app.py": source}, "app.handler") == [(code, "unknown", "app.py", line)]


def test_arguments_in_the_other_order(tmp_path: Path) -> None:
    files = {"app.py": "def handler(context, event): ...\n"}
    assert found(tmp_path, files, "app.handler") == [("handler-arguments", "warning", "app.py", 1)]


def test_nothing_of_it_is_run(tmp_path: Path) -> None:
    files = {
        "app.py": f"open({str(tmp_path / 'ran')!r}, 'w')\n{HANDLER}",
        "sitecustomize.py": "1/0",
    }
    assert found(tmp_path, files, "app.handler") == []
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"app.py": "from impl import handler", "impl.py": HANDLER}, []),
        ({"app.py": "from shop.a import run as handler", "shop/a.py": "def run(a, b): 1"}, []),
        ({"app.py": "from shop import handler", "shop/__init__.py": "from .impl import handler",
          "shop/impl.py": HANDLER}, []),
        ({"app.py": "from impl import handler", "impl.py": "def handler(a): 1"},
         [("handler-arguments", "wrong", "impl.py", 1)]),
        ({"app.py": "from impl import handler", "impl.py": "x = 1"},
         [("handler-missing", "wrong", "impl.py", None)]),
        ({"app.py": "from shop import handler", "shop/__init__.py": "", "shop/handler.py": ""},
         [("handler-unknown", "unknown", "app.py", 1)]),
        ({"app.py": "from b import handler", "b.py": "from app import handler"},
         [("handler-unknown", "unknown", "app.py", None)]),
        ({"app.py": "from ... import handler"}, [("handler-unknown", "unknown", "app.py", 1)]),
    ],
)  # fmt: skip
def test_what_is_imported_from_the_folder(
    tmp_path: Path, files: dict[str, str], expected: list[tuple[str, str, str, int | None]]
) -> None:
    assert found(tmp_path, files, "app.handler") == expected


@pytest.mark.parametrize(
    ("handler", "file"),
    [
        ("app.handler", "app.py"),
        ("shop.main.handler", "shop/main.py"),
        ("shop/main.handler", "shop/main.py"),
        ("pack.handler", "pack/__init__.py"),
        ("lib.handler", "src/lib.py"),
    ],
)
def test_where_a_module_is(tmp_path: Path, handler: str, file: str) -> None:
    names = ("app.py", "shop/main.py", "pack/__init__.py", "pack.py", "src/lib.py")
    result = validated(tmp_path, dict.fromkeys(names, HANDLER), handler)
    assert (result.handler_file, result.findings) == (file, ())


def test_a_folder_that_is_the_package_itself(tmp_path: Path) -> None:
    files = {"__init__.py": "", "main.py": HANDLER}
    assert validated(tmp_path / "shop", files, "shop.main.handler").handler_file == "main.py"


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ("gone.handler", ("module-missing", "wrong", "", None)),
        ("app.App.run", ("handler-missing", "wrong", "app.py", None)),
        ("fast.handler", ("module-unknown", "unknown", "", None)),
        ("late.handler", ("module-missing", "wrong", "late.py", None)),
    ],
)
def test_where_no_module_is(
    tmp_path: Path, handler: str, expected: tuple[str, str, str, int | None]
) -> None:
    files = {
        "app.py": "class App: ...", "fast.cpython-312.so": "", ".dockerignore": "late.py",
        "late.py": HANDLER,
    }  # fmt: skip
    assert found(tmp_path, files, handler) == [expected]


@pytest.mark.parametrize(
    ("copy", "file"),
    [
        ("COPY . .", "app.py"),
        ("COPY src/ ${LAMBDA_TASK_ROOT}/", "src/app.py"),
        ("COPY src/app.py ${LAMBDA_TASK_ROOT}", "src/app.py"),
        ("COPY src/*.py ./", "src/app.py"),
        ("COPY --chown=1:1 src/main.py /var/task/app.py", "src/main.py"),
        ('COPY ["src/app.py", "."]', "src/app.py"),
        ("COPY nothing/ .", ""),
        ("COPY requirements.txt .", ""),
    ],
)
def test_where_a_dockerfile_has_a_module_from(tmp_path: Path, copy: str, file: str) -> None:
    files = {
        "Dockerfile": f'FROM {AWS}\n{copy}\nCMD ["app.handler"]\n', "app.py": HANDLER,
        "src/app.py": HANDLER, "src/main.py": HANDLER,
    }  # fmt: skip
    result = validated(tmp_path, files)
    assert result.handler_file == file
    assert [flaw.code.value for flaw in result.findings] == ([] if file else ["module-missing"])


def test_a_folder_copied_to_a_folder_of_a_package(tmp_path: Path) -> None:
    files = {
        "Dockerfile": f'FROM {AWS}\nCOPY code/ /var/task/shop/\nCMD ["shop.app.handler"]\n',
        "code/app.py": HANDLER,
    }
    assert validated(tmp_path, files).handler_file == "code/app.py"


@pytest.mark.parametrize(
    ("dockerfile", "severity"),
    [(DOCKERFILE, "wrong"), (RUNS, "unknown"), (DOCKERFILE.replace(AWS, "python@" + DIGEST), "")],
)
def test_a_module_that_something_else_may_bring(
    tmp_path: Path, dockerfile: str, severity: str
) -> None:
    result = validated(tmp_path, {"Dockerfile": dockerfile, "other.py": HANDLER})
    severities = [f.severity.value for f in result.findings if f.code.value == "module-missing"]
    assert severities == ([severity] if severity else [])


def test_another_runtime_may_call_it_otherwise(tmp_path: Path) -> None:
    files = {"Dockerfile": FOREIGN, "app.py": "async def handler(event): ...\n"}
    assert found(tmp_path, files, "app.handler") == [
        ("command-unknown", "unknown", "Dockerfile", 3),
        ("handler-async", "unknown", "app.py", 1),
    ]


@pytest.mark.parametrize(
    ("python", "source", "severity"),
    [
        ("", "type X = int!", "unknown"),
        ("", "x = f'{a['b'}'\n(", "unknown"),
        ("3.9", "type X = int!", "wrong"),
        ("3.99", "type X = int!", "unknown"),
        ("3.99", "def handler(a, b)\n", "wrong"),
    ],
)
def test_syntax_of_a_newer_python(tmp_path: Path, python: str, source: str, severity: str) -> None:
    assert sys.version_info < (3, 99)
    files = {"app.py": source}
    if python:
        files["Dockerfile"] = DOCKERFILE.replace("3.12", python)
    (flaw,) = validated(tmp_path, files, "app.handler").findings
    assert (flaw.code.value, flaw.severity.value) == ("module-syntax", severity)


@pytest.mark.parametrize(
    "source",
    ["-" * 200_000 + "1", "+".join("1" * 200_000), "a" + ".b" * 100_000, "#" * (1 << 20) + "!"],
    ids=["unary", "binary", "attributes", "long"],
)
def test_a_module_that_is_too_much_is_unknown(tmp_path: Path, source: str) -> None:
    result = found(tmp_path, {"app.py": source}, "app.handler")
    assert result == [("module-unknown", "unknown", "app.py", None)]


def test_many_conditions_are_not_tried_one_by_one(tmp_path: Path) -> None:
    names = [f"a{n}" for n in range(40)]
    lines = [f"if x: {a} = {b}\nif x: {a} = {b}" for a, b in pairwise(names)]
    (flaw,) = validated(tmp_path, {"app.py": "\n".join(lines)}, "app.a0").findings
    assert flaw.severity.value == "unknown"


def test_a_module_outside_of_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.py").write_text("x = 1\n")
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "app.py").symlink_to(tmp_path / "secret.py")
    assert found(folder, {"b.py": ""}, "app.handler") == [
        ("module-unknown", "unknown", "app.py", None),
        ("link-outside", "warning", "app.py", None),
    ]
