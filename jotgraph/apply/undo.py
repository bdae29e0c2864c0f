"""A run's journal and backup -> what it deleted, made again as far as the world allows.

In the reverse order of the deletion. What cannot come back is said: version numbers are never
given twice, a role made again has another id, a function URL another host name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from jotgraph.apply import iam
from jotgraph.apply.backup import blob_path, document_path, layout_path, read_json
from jotgraph.apply.journal import Journal, runs
from jotgraph.apply.model import Status
from jotgraph.apply.read import parts, read
from jotgraph.apply.world import World, open_world
from jotgraph.clients import Clients
from jotgraph.errors import ApplyError
from jotgraph.plan.model import ACTIONS
from jotgraph.records import Kind, ResourceId, key_of, kind_of, version_id
from jotgraph.sources.calls import Place
from jotgraph.sources.failures import CallFailedError

FORMAT = "jotgraph/undone/1"
PART = 10 << 20
"""Bytes of one UploadLayerPart (ECR asks for 5 to 10 MiB but for the last)."""


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """What became of one resource."""

    id: ResourceId
    status: str
    """``restored``, ``there`` (it was never gone), ``cannot`` (by its nature) or ``failed``."""
    because: str


class Undoing(msgspec.Struct, frozen=True, kw_only=True):
    """What ``undo`` did."""

    format: str = FORMAT
    run: str
    outcomes: tuple[Undone, ...]

    @property
    def whole(self) -> bool:
        """Whether everything is back."""
        return all(each.status in ("restored", "there") for each in self.outcomes)


class _CannotError(Exception):
    """By its nature, this does not come back."""


def undo(run: str, clients: Clients) -> Undoing:
    """Make again what a run deleted, last first. Raises ApplyError for a run that is not known."""
    folder = runs() / run
    if "/" in run or not (folder / "journal.jsonl").exists():
        known = sorted(each.name for each in runs().iterdir()) if runs().is_dir() else []
        raise ApplyError(f"there is no run {run!r}; runs here: {', '.join(known) or 'none'}")
    with open_world(clients) as world, Journal(folder) as journal:
        gone: dict[ResourceId, None] = {}
        for entry in journal.entries:
            for step in entry.steps if entry.what == "step" else ():
                gone.pop(step, None)
                if entry.result == Status.DONE:
                    gone[step] = None
        outcomes = _crippled(world, journal, gone)
        outcomes += [_one(world, journal, folder, each) for each in reversed(gone)]
        return Undoing(run=run, outcomes=tuple(outcomes))


def _crippled(world: World, journal: Journal, gone: Mapping[ResourceId, None]) -> list[Undone]:
    """Make roles whole that the run took policies from and did not delete."""
    found: dict[ResourceId, None] = {}
    for entry in journal.entries:
        if entry.what == "intent" and entry.call in (iam.DETACH, iam.DROP, iam.LEAVE):
            found |= dict.fromkeys(each for each in entry.steps if each not in gone)
    outcomes = []
    for role in found:
        try:
            place = world.place(key_of(role).partition("/")[0])
            iam.restore(world, journal, role, place)
        except (ApplyError, CallFailedError) as error:
            outcomes.append(Undone(id=role, status="failed", because=str(error)))
        else:
            outcomes.append(Undone(id=role, status="there", because="it has all its policies"))
    return outcomes


def _one(world: World, journal: Journal, folder: Path, resource: ResourceId) -> Undone:
    def ended(status: str, because: str) -> Undone:
        journal.add("undo", steps=(resource,), result=status, because=because)
        return Undone(id=resource, status=status, because=because)

    try:
        if read(world, resource) is not None:
            return ended("there", "it is there")
        said = _MAKERS[kind_of(resource)](_Maker(world, journal, folder, resource))
        if read(world, resource) is None and kind_of(resource) is not Kind.TRIGGER:
            return ended("failed", "it was made, and is not there")
        return ended("restored", said)
    except _CannotError as no:
        return ended("cannot", str(no))
    except CallFailedError as error:
        return ended("failed", error.failure.detail)
    except ApplyError as error:
        return ended("failed", str(error))


class _Maker:
    """One resource to make again: its backup, and journalled calls."""

    def __init__(self, world: World, journal: Journal, folder: Path, resource: ResourceId) -> None:
        self.world, self.journal, self.folder, self.id = world, journal, folder, resource

    @property
    def answers(self) -> Any:
        path = document_path(self.folder, self.id)
        if not path.exists():
            raise _CannotError("no backup of it was made")
        return read_json(path)["answers"]

    def place(self) -> Place:
        if kind_of(self.id) is Kind.ROLE:
            return self.world.place(key_of(self.id).partition("/")[0])
        account, region, _ = parts(self.id)
        return self.world.place(account, region)

    def ask(self, service: str, action: str, **params: Any) -> Any:
        place = self.place()
        shown = {key: each for key, each in params.items() if not isinstance(each, bytes)}
        return self.journal.call(
            (self.id,), f"{service}:{action}", shown, lambda: place.ask(service, action, **params)
        )


def _role(make: _Maker) -> str:
    answers = make.answers
    role, name = answers["GetRole"], make.id.rpartition("/")[2]
    boundary = (role.get("PermissionsBoundary") or {}).get("PermissionsBoundaryArn")
    optional = {
        "Description": role.get("Description"),
        "MaxSessionDuration": role.get("MaxSessionDuration"),
        "PermissionsBoundary": boundary,
        "Tags": role.get("Tags"),
    }
    make.ask(
        "iam",
        "CreateRole",
        RoleName=name,
        Path=role["Path"],
        AssumeRolePolicyDocument=json.dumps(role["AssumeRolePolicyDocument"]),
        **{key: each for key, each in optional.items() if each},
    )
    for arn in answers["attached"]:
        make.ask("iam", "AttachRolePolicy", RoleName=name, PolicyArn=arn)
    for policy, document in answers["inline"].items():
        text = json.dumps(document)
        make.ask("iam", "PutRolePolicy", RoleName=name, PolicyName=policy, PolicyDocument=text)
    for profile in answers["profiles"]:
        make.ask("iam", "AddRoleToInstanceProfile", RoleName=name, InstanceProfileName=profile)
    return (
        f"with another id than {role['RoleId']}: grants and policies that named the old one do "
        "not know it, and functions that used it may fail to decrypt their environment"
    )


def _repository(make: _Maker) -> str:
    answers, name = make.answers, parts(make.id)[2]
    found = answers["DescribeRepositories"]
    kept = ("imageTagMutability", "imageScanningConfiguration", "encryptionConfiguration")
    settings = {key: found[key] for key in kept if found.get(key)}
    tags = (answers["ListTagsForResource"] or {}).get("tags") or []
    make.ask("ecr", "CreateRepository", repositoryName=name, tags=tags, **settings)
    if policy := answers["GetRepositoryPolicy"]:
        text = policy["policyText"]
        make.ask("ecr", "SetRepositoryPolicy", repositoryName=name, policyText=text)
    if policy := answers["GetLifecyclePolicy"]:
        text = policy["lifecyclePolicyText"]
        make.ask("ecr", "PutLifecyclePolicy", repositoryName=name, lifecyclePolicyText=text)
    return "created now, with its settings"


def _image(make: _Maker) -> str:
    account, region, rest = parts(make.id)
    name, _, digest = rest.partition("@")
    root = layout_path(make.folder, account, region, name)
    path = blob_path(root, digest)
    if not path.exists():
        raise _CannotError("no backup of it was made")
    content = path.read_bytes()
    manifest = msgspec.json.decode(content)
    for part in (manifest.get("config") or {}, *(manifest.get("layers") or ())):
        if part.get("digest") and not part.get("urls"):
            _upload(make, name, root, part["digest"])
    index = read_json(root / "index.json")["manifests"]
    mine = [each for each in index if each["digest"] == digest]
    tags = [
        each["annotations"]["org.opencontainers.image.ref.name"]
        for each in mine
        if "annotations" in each
    ]
    for tag in tags or [None]:
        named = {"imageTag": tag} if tag else {}
        make.ask(
            "ecr",
            "PutImage",
            repositoryName=name,
            imageManifest=content.decode(),
            imageManifestMediaType=mine[0]["mediaType"],
            imageDigest=digest,
            **named,
        )
    return "the same bytes under the same digest; pushed now"


def _upload(make: _Maker, name: str, root: Path, digest: str) -> None:
    known = make.ask(
        "ecr", "BatchCheckLayerAvailability", repositoryName=name, layerDigests=[digest]
    )
    if any(each.get("layerAvailability") == "AVAILABLE" for each in known.get("layers") or ()):
        return
    upload = make.ask("ecr", "InitiateLayerUpload", repositoryName=name)["uploadId"]
    words = {"repositoryName": name, "uploadId": upload}
    first = 0
    with blob_path(root, digest).open("rb") as file:
        while chunk := file.read(PART):
            last = first + len(chunk) - 1
            make.ask(
                "ecr",
                "UploadLayerPart",
                partFirstByte=first,
                partLastByte=last,
                layerPartBlob=chunk,
                **words,
            )
            first = last + 1
    make.ask("ecr", "CompleteLayerUpload", layerDigests=[digest], **words)


_CONFIGURATION = (
    "Role", "Handler", "Runtime", "Description", "Timeout", "MemorySize", "KMSKeyArn", "Layers",
    "FileSystemConfigs", "Architectures", "PackageType", "DeadLetterConfig", "EphemeralStorage",
    "LoggingConfig",
)  # fmt: skip
"""Members of a FunctionConfiguration that CreateFunction takes as they are."""


def _function(make: _Maker) -> str:
    answers, name = make.answers, parts(make.id)[2]
    found = answers["GetFunction"]
    config, code = found["Configuration"], found.get("Code") or {}
    if config.get("PackageType") != "Image":
        raise _CannotError("a zip function: its package was not kept")
    given: dict[str, Any] = {key: config[key] for key in _CONFIGURATION if config.get(key)}
    if variables := (config.get("Environment") or {}).get("Variables"):
        given["Environment"] = {"Variables": variables}
    if vpc := config.get("VpcConfig"):
        given["VpcConfig"] = {k: vpc[k] for k in ("SubnetIds", "SecurityGroupIds") if vpc.get(k)}
    if image := (config.get("ImageConfigResponse") or {}).get("ImageConfig"):
        given["ImageConfig"] = image
    given["TracingConfig"] = {
        "Mode": (config.get("TracingConfig") or {}).get("Mode", "PassThrough")
    }
    make.ask(
        "lambda",
        "CreateFunction",
        FunctionName=name,
        Code={"ImageUri": code["ResolvedImageUri"]},
        Tags=found.get("Tags") or {},
        **given,
    )
    reserve = (found.get("Concurrency") or {}).get("ReservedConcurrentExecutions")
    if reserve is not None:
        make.ask(
            "lambda",
            "PutFunctionConcurrency",
            FunctionName=name,
            ReservedConcurrentExecutions=reserve,
        )
    said = ["from the same digest"]
    if (answers.get("GetPolicy") or {}).get("Policy"):
        said.append("its resource policy is in the backup and was not put back")
    if answers.get("GetFunctionUrlConfig"):
        said.append("its URL had a host name that cannot come back")
    return "; ".join(said)


def _version(make: _Maker) -> str:
    raise _CannotError("version numbers are never given twice; its configuration is in the backup")


def _alias(make: _Maker) -> str:
    account, region, rest = parts(make.id)
    name = rest.partition(":")[0]
    found = make.answers["GetAlias"]
    routing = (found.get("RoutingConfig") or {}).get("AdditionalVersionWeights") or {}
    for number in (found["FunctionVersion"], *routing):
        version = version_id(account, region, name, number)
        if number != "$LATEST" and read(make.world, version) is None:
            raise _CannotError(f"it named version {number}, and numbers are never given twice")
    weights = {"RoutingConfig": {"AdditionalVersionWeights": routing}} if routing else {}
    make.ask(
        "lambda",
        "CreateAlias",
        FunctionName=name,
        Name=found["Name"],
        FunctionVersion=found["FunctionVersion"],
        Description=found.get("Description", ""),
        **weights,
    )
    return "as it was, but for its policy, which is in the backup"


_MAPPING = (
    "EventSourceArn", "BatchSize", "MaximumBatchingWindowInSeconds", "ParallelizationFactor",
    "DestinationConfig", "Topics", "Queues", "MaximumRecordAgeInSeconds", "MaximumRetryAttempts",
    "BisectBatchOnFunctionError", "TumblingWindowInSeconds", "FunctionResponseTypes",
    "FilterCriteria", "ScalingConfig", "SourceAccessConfigurations", "SelfManagedEventSource",
)  # fmt: skip


def _trigger(make: _Maker) -> str:
    found = make.answers["GetEventSourceMapping"]
    given = {key: found[key] for key in _MAPPING if found.get(key)}
    if found.get("StartingPosition"):
        given["StartingPosition"] = "LATEST"
    enabled = found.get("State") in ("Enabled", "Enabling", "Creating")
    made = make.ask(
        "lambda",
        "CreateEventSourceMapping",
        FunctionName=found["FunctionArn"],
        Enabled=enabled,
        **given,
    )
    lost = "; its place in the stream is lost" if found.get("StartingPosition") else ""
    return f"with another id ({made['UUID']}){lost}"


def _container(make: _Maker) -> str:
    raise _CannotError("what a container wrote is gone; its configuration is in the backup")


def _local_image(make: _Maker) -> str:
    image = key_of(make.id)
    path = make.folder / "backup" / f"{image.replace(':', '-')}.tar"
    if not path.exists():
        raise _CannotError("no backup of it was made")
    engine = make.world.docker()
    with path.open("rb") as file:
        make.journal.call(
            (make.id,), "docker:POST /images/load", {}, lambda: list(engine.load_image(file))
        )
    for name in make.answers["inspect"].get("RepoTags") or ():
        repository, _, tag = name.rpartition(":")
        engine.tag(image, repository, tag)
    return "loaded, with its names; which registry it was pushed to is not known any more"


_MAKERS: Mapping[Kind, Callable[[_Maker], str]] = {
    Kind.ROLE: _role,
    Kind.ECR_REPO: _repository,
    Kind.ECR_IMAGE: _image,
    Kind.FUNCTION: _function,
    Kind.VERSION: _version,
    Kind.ALIAS: _alias,
    Kind.TRIGGER: _trigger,
    Kind.CONTAINER: _container,
    Kind.LOCAL_IMAGE: _local_image,
}
assert _MAKERS.keys() == ACTIONS.keys()
