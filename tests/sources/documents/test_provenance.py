"""In-toto statements as BuildKit and GitHub write them, and what is no statement."""

from __future__ import annotations

import json
from typing import Any

import pytest

from jotgraph.records import Statement
from jotgraph.sources.documents.manifests import parse_config, parse_manifest
from jotgraph.sources.documents.provenance import V02, V1, parse_statement

SHA = "5a" * 20
SUBJECT = [{"name": "pkg:docker/app", "digest": {"sha256": "ab" * 32}}]
DIGEST = "sha256:" + "ab" * 32
URL = "https://github.com/team/app.git"
METADATA = "https://mobyproject.org/buildkit@v1#metadata"


def said(predicate_type: str, predicate: Any, subject: Any = SUBJECT) -> Statement:
    told = {"predicateType": predicate_type, "subject": subject, "predicate": predicate}
    return parse_statement(json.dumps(told).encode())


def local(revision: str = SHA) -> dict[str, str]:
    return {
        "source": "https://user:secret@github.com/team/app.git",
        "revision": revision,
        "localdir:context": "functions/app",
    }


def test_v02_of_a_local_folder() -> None:
    assert said(V02, {"metadata": {METADATA: {"vcs": local()}}}) == Statement(
        predicate=V02, subjects=(DIGEST,), source=URL, revision=SHA, context="functions/app"
    )


def test_v02_of_a_git_context() -> None:
    config = {"uri": f"{URL}#refs/heads/main", "digest": {"sha1": SHA}, "entryPoint": "Dockerfile"}
    found = said(V02, {"invocation": {"configSource": config}})
    assert (found.revision, found.git_context) == (SHA, True)
    assert found.source == f"{URL}#refs/heads/main"


@pytest.mark.parametrize("name", ["buildkit_metadata", METADATA])
def test_v1_of_a_local_folder(name: str) -> None:
    found = said(V1, {"runDetails": {"metadata": {name: {"vcs": local(f"{SHA}-dirty")}}}})
    assert (found.source, found.revision, found.git_context) == (URL, f"{SHA}-dirty", False)


def test_v1_of_a_git_context() -> None:
    config = {"uri": f"git+{URL}", "digest": {"sha1": SHA}, "path": "Dockerfile"}
    found = said(V1, {"buildDefinition": {"externalParameters": {"configSource": config}}})
    assert (found.source, found.revision, found.git_context) == (URL, SHA, True)


def test_v1_of_a_github_workflow() -> None:
    depends = [{"uri": f"git+{URL}@refs/heads/main", "digest": {"gitCommit": SHA}}]
    found = said(V1, {"buildDefinition": {"resolvedDependencies": depends}})
    assert (found.source, found.revision) == (URL, SHA)


def test_a_base_image_among_the_materials_is_no_commit() -> None:
    depends = [{"uri": "pkg:docker/python@3.12", "digest": {"sha256": "cd" * 32}}]
    assert said(V1, {"buildDefinition": {"resolvedDependencies": depends}}).revision == ""


@pytest.mark.parametrize("predicate", [None, [], {"metadata": 3}, {"metadata": {METADATA: []}}])
def test_odd_fields_are_left_out(predicate: Any) -> None:
    assert said(V02, predicate, subject={"digest": 1}) == Statement(predicate=V02)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"predicateType": 7}', b"\xff"])
def test_what_is_no_statement_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_statement(content)


OTHER = "6b" * 20


def test_what_a_dockerfile_fetches_is_not_the_source() -> None:
    """``ADD https://…/tool.git`` is a material of the build too."""
    tool = {"uri": "https://github.com/other/tool.git#v1", "digest": {"sha1": OTHER}}
    definition = {"buildDefinition": {"resolvedDependencies": [tool]}}
    run = {"runDetails": {"metadata": {"buildkit_metadata": {"vcs": local()}}}}
    assert said(V1, definition | run).revision == SHA
    assert said(V02, {"materials": [tool], "metadata": {METADATA: {"vcs": local()}}}).source == URL


def test_of_several_commits_that_of_the_workflow_counts() -> None:
    depends = [
        {"uri": "git+https://github.com/other/tool@refs/heads/x", "digest": {"gitCommit": OTHER}},
        {"uri": "git+https://github.com/team/app@refs/heads/x", "digest": {"gitCommit": SHA}},
    ]
    workflow = {"workflow": {"repository": "https://github.com/team/app"}}
    named = {"externalParameters": workflow, "resolvedDependencies": depends}
    assert said(V1, {"buildDefinition": named}).revision == SHA
    assert said(V1, {"buildDefinition": {"resolvedDependencies": depends}}).revision == ""


def test_v02_with_the_source_among_the_materials() -> None:
    uri = f"git+https://github.com/team/app@{SHA}"
    found = said(V02, {"materials": [{"uri": uri, "digest": {"sha1": SHA}}, {"uri": "pkg:x"}]})
    assert (found.source, found.revision) == ("https://github.com/team/app", SHA)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_a_document_nested_too_deep_is_refused(opening: bytes) -> None:
    with pytest.raises(ValueError, match="recursion"):
        parse_statement(opening * 100_000)
    with pytest.raises(ValueError, match="recursion"):
        parse_manifest(opening * 100_000)
    with pytest.raises(ValueError, match="recursion"):
        parse_config(opening * 100_000)
