"""The parsers of what others write, with well-formed inputs and the errors that each may raise."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from msgspec.structs import replace

from jotgraph import store
from jotgraph.analysis.lifecycle import read_rules
from jotgraph.deploy import split_target, validate
from jotgraph.deploy.validation import dockerfile
from jotgraph.errors import OptionError, PlanError, SnapshotError, SourceError
from jotgraph.graph import build
from jotgraph.plan import parse as parse_plan
from jotgraph.plan import plan_delete
from jotgraph.policy_check import read_policy
from jotgraph.queries.jots import jots
from jotgraph.queries.orphans import orphans
from jotgraph.records import ids, mentions, references
from jotgraph.render.answers.plan import writers
from jotgraph.render.words import clean
from jotgraph.settings.defaults import defaults_of
from jotgraph.settings.evidence import evidence_of
from jotgraph.settings.files import read_toml
from jotgraph.sources.documents.dsse import IN_TOTO, open_payload
from jotgraph.sources.documents.fulcio import issued_for
from jotgraph.sources.documents.manifests import parse_config, parse_manifest
from jotgraph.sources.documents.provenance import parse_statement
from jotgraph.sources.git.repository import parse_log
from jotgraph.sources.used_by import read_used_by
from jotgraph.store.journal_lines import JournalLine, decoded, encoded
from tests.functional.estate import estate
from tests.fuzzing.content import CONTENT
from tests.fuzzing.target import SHA, Target

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
DIGEST = "sha256:" + "a1" * 32
_FOLDER = tempfile.TemporaryDirectory(prefix="jotgraph-fuzzing-")


def _file(name: str, content: bytes) -> Path:
    path = Path(_FOLDER.name) / name
    path.write_bytes(content)
    return path


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _snapshot(content: bytes) -> None:
    build(store.load(_file("world.jsonl", content)))


def _packed_snapshot(content: bytes) -> None:
    build(store.load(_file("world.jsonl.zst", content)))


def _snapshots(name: str) -> Callable[[], Sequence[bytes]]:
    def made() -> Sequence[bytes]:
        path = Path(_FOLDER.name) / f"seed-{name}"
        store.save(estate(), path)
        return [path.read_bytes()]

    return made


def _plans() -> Sequence[bytes]:
    world = estate()
    function = next(function.id for function in world.functions if function.name == "billing")
    plan = plan_delete(build(world), [function], now=NOON)
    return [str(writers()["json"](plan)).encode()]


def _policy(content: bytes) -> None:
    for name in ("jotgraph.toml", "jotgraph.yaml"):
        with suppress(OptionError):
            read_policy(_file(name, content))


def _settings(content: bytes) -> None:
    """A project's file, as every command reads it; its expressions are run."""
    file = read_toml(_file("settings.toml", content))
    defaults_of(file)
    conventions = evidence_of(file)
    world = estate()
    scope = replace(world.scope, evidence=conventions)
    build(replace(world, scope=scope))


def _policy_texts(content: bytes) -> None:
    """Policies of repositories, functions and roles, as a scan keeps them: any text."""
    text = _text(content)
    world = estate()
    spoiled = msgspec.structs.replace(
        world,
        ecr_repositories=tuple(
            replace(repository, policy=text) for repository in world.ecr_repositories
        ),
        functions=tuple(replace(function, policy=text) for function in world.functions),
        roles=tuple(replace(role, trust=text) for role in world.roles),
    )
    graph = build(spoiled)
    orphans(graph)
    jots(graph)


def _validated(files: Mapping[str, bytes], handler: str = "app.handler") -> None:
    with tempfile.TemporaryDirectory(dir=_FOLDER.name) as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        validate(Path(folder), handler)


def _deployed(data: bytes) -> None:
    """A Dockerfile with all that is looked at of it, and an ignore file of the same bytes."""
    dockerfile.parse(data)
    _validated({"Dockerfile": data, ".dockerignore": data, "app.py": b"handler = 1\n"}, "")


def _dockerfiles() -> Sequence[bytes]:
    return [
        b"# syntax=docker/dockerfile:1\n# escape=`\nARG V=3.12\n"
        b"FROM --platform=linux/arm64 public.ecr.aws/lambda/python:${V:-3.9} AS base\n"
        b'COPY --from=a ["b", "/var/task/"]\nRUN <<-E `\n\tx\n\tE\nCOPY src/*.py app.py ./\n'
        b"FROM base@" + DIGEST.encode() + b'\nENTRYPOINT ["python", "-m", "awslambdaric"]\n'
        b'CMD ["app.handler"]\n'
    ]


def _names(data: bytes) -> None:
    text = _text(data)
    references.reference(text)
    references.ecr_reference(text)
    references.arn_of(text)
    references.lambda_target(text)
    references.role_of(text)
    references.repository_key(text)
    references.partial_digest(text)
    references.referrer_tag(text)
    mentions.names_in(text)
    resource = ids.as_id(text)
    if resource is not None:
        ids.short_name(resource)
        ids.place_of(resource)
        ids.spellings(resource)


_STEERS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What moves a cursor, a line or the direction of writing."""


def _printable(data: bytes) -> None:
    shown = clean(_text(data))
    assert not _STEERS.search(shown), shown


def _manifests() -> Sequence[bytes]:
    plain = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"digest": DIGEST, "mediaType": "application/vnd.oci.image.config.v1+json"},
        "layers": [{"digest": DIGEST, "size": 12, "annotations": {"predicateType": "x"}}],
        "annotations": {"org.opencontainers.image.revision": SHA},
        "subject": {"digest": DIGEST},
    }
    index = {
        "manifests": [{"digest": DIGEST, "platform": {"os": "linux", "architecture": "arm64"}}]
    }
    return [json.dumps(manifest).encode() for manifest in (plain, index)]


def _configs() -> Sequence[bytes]:
    config = {
        "created": "2026-11-26T12:00:00.123456789Z",
        "architecture": "amd64",
        "config": {"Labels": {"org.opencontainers.image.revision": SHA}, "Env": [f"GIT_SHA={SHA}"]},
        "rootfs": {"diff_ids": [DIGEST]},
    }
    return [json.dumps(config).encode()]


def _statements() -> Sequence[bytes]:
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": "app", "digest": {"sha256": "a1" * 32}}],
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "externalParameters": {
                    "configSource": {"uri": f"https://example.com/shop.git#{SHA}"}
                },
                "resolvedDependencies": [
                    {"uri": "git+https://example.com/shop", "digest": {"gitCommit": SHA}}
                ],
            }
        },
    }
    return [json.dumps(statement).encode()]


def _payload(data: bytes) -> None:
    for media_type in (
        IN_TOTO,
        "application/vnd.dev.cosign.simplesigning.v1+json",
        "application/vnd.dev.sigstore.bundle.v0.3+json",
        "application/vnd.dsse.envelope.v1+json",
    ):
        try:
            open_payload(data, media_type)
        except ValueError:
            continue


_KUBECTL = {
    "kind": "List",
    "items": [
        {
            "kind": "Pod",
            "metadata": {"name": "web-1", "namespace": "shop"},
            "spec": {"containers": [{"name": "web", "image": f"example.com/shop@{DIGEST}"}]},
            "status": {"phase": "Running", "containerStatuses": [{"imageID": f"shop@{DIGEST}"}]},
        }
    ],
}


def _log(data: bytes) -> None:
    parse_log(_text(data), "shop")


def _journal() -> Sequence[bytes]:
    lines = (
        JournalLine(what="step", at=NOON, line=n, result="done", because="gone") for n in (1, 2, 3)
    )
    return [b"".join(map(encoded, lines))]


_RULES = {
    "rules": [
        {
            "rulePriority": 1,
            "selection": {
                "tagStatus": "tagged", "tagPatternList": ["v*"], "countType": "sinceImagePushed",
                "countUnit": "days", "countNumber": 14,
            },
            "action": {"type": "expire"},
        }
    ]
}  # fmt: skip

TARGETS: Mapping[str, Target] = {
    **CONTENT,
    "snapshot": Target(_snapshot, _snapshots("world.jsonl"), (SnapshotError,)),
    "packed-snapshot": Target(_packed_snapshot, _snapshots("world.jsonl.zst"), (SnapshotError,)),
    "plan": Target(parse_plan, _plans, (PlanError,)),
    "journal": Target(decoded, _journal),
    "policy": Target(
        _policy,
        lambda: [b'max_orphans = 0\nno_broken = true\nignore = ["too-new"]\n'],
    ),
    "settings": Target(
        _settings,
        lambda: [
            b'[defaults]\nprofiles = ["a"]\nkeep_days = "4w"\nname = "prod"\ngit = ["."]\n',
            b'[evidence.labels]\nacme_build = "com.acme.build"\n[evidence.tags]\n'
            b"own_tag = '(?:v|r)[0-9]{1,3}-.{0,20}(?P<revision>[0-9a-f]{7,40})'\n",
        ],
        (OptionError,),
    ),
    "policy-text": Target(
        _policy_texts,
        lambda: [
            json.dumps(
                {
                    "Version": "2012-10-17",
                    "Statement": [
                        {
                            "Effect": "Allow",
                            "Principal": {"AWS": "arn:aws:iam::210987654321:root"},
                            "Action": ["ecr:BatchGetImage"],
                            "Resource": "arn:aws:lambda:eu-west-1:123456789012:function:pay",
                        }
                    ],
                }
            ).encode()
        ],
    ),
    "used-by": Target(
        lambda data: read_used_by(str(_file("used.json", data)), datetime.now(UTC)),
        lambda: [
            json.dumps(_KUBECTL).encode(), b'["shop:v1", "example.com/shop:v2"]', b"shop:v1\n",
        ],
        (OptionError, SourceError),
    ),
    "lifecycle": Target(
        lambda data: read_rules(_text(data)), lambda: [json.dumps(_RULES).encode()], (OptionError,)
    ),
    "manifest": Target(parse_manifest, _manifests, (ValueError,)),
    "config": Target(parse_config, _configs, (ValueError,)),
    "statement": Target(parse_statement, _statements, (ValueError,)),
    "payload": Target(_payload, _statements),
    "certificate": Target(issued_for, lambda: [b"-----BEGIN CERTIFICATE-----\n", b"0\x82"]),
    "git-log": Target(
        _log,
        lambda: [f"{SHA}\n{SHA}\n1700000000\n1700000000\nAda\nAdd the cart".encode()],
    ),
    "names": Target(
        _names,
        lambda: [
            f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop:v1@{DIGEST}".encode(),
            b"arn:aws:lambda:eu-west-1:123456789012:function:shop:7",
            b"arn:aws:iam::123456789012:role/service/shop",
            b"ecr-image:123456789012/eu-west-1/shop@" + DIGEST.encode(),
        ],
    ),
    "deployed-dockerfile": Target(_deployed, _dockerfiles, (OptionError,)),
    "handler": Target(
        lambda data: _validated({"app.py": data}),
        lambda: [
            b"from shop import *\nif x:\n    handler = run = lambda *a, b=1: a\n",
            b"# coding: latin-1\n@wraps\nasync def handler(event, /, context, *, c=1): ...\n",
        ],
    ),
    "target": Target(
        lambda data: split_target(_text(data)), lambda: [b".:app.handler", b"."], (OptionError,)
    ),
    "printable": Target(_printable, lambda: ["a\x1b[31m\u202eb\u0085\n".encode()]),
}  # fmt: skip


def fed(target: Target, data: bytes) -> bool:
    """Whether the target takes the bytes; anything but the errors that it states comes through."""
    try:
        target.parse(data)
    except target.refuses:
        return False
    return True
