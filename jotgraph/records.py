"""What was read of the world: kinds, ids, records, gaps, and the inventory that holds them.

Frozen data only: no client, no behaviour but the id and plain views of a record's own fields.
``None`` always means *the source does not say, or it was not read*; an empty tuple means *read,
and there are none*. Every ``datetime`` is aware (UTC).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NewType, TypeAlias

import msgspec

ResourceId = NewType("ResourceId", str)
"""``<kind>:<key>``, see the table in docs/architecture.md. Sorts and hashes as text."""

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""A frozen mapping of text to text: sorted ``(key, value)`` pairs."""


def pairs(mapping: Mapping[str, str] | None) -> Pairs:
    """Freeze a mapping (``None`` is an empty one) into sorted pairs."""
    return tuple(sorted((mapping or {}).items()))


class Kind(StrEnum):
    """The kinds of resource, in the order in which work flows."""

    COMMIT = "commit"
    LOCAL_IMAGE = "local-image"
    CONTAINER = "container"
    ECR_REPO = "ecr-repo"
    ECR_IMAGE = "ecr-image"
    FUNCTION = "function"
    VERSION = "version"
    ALIAS = "alias"
    TRIGGER = "trigger"
    ROLE = "role"


def kind_of(resource: ResourceId) -> Kind:
    """Return the kind that an id names. Raises ValueError for text that is no id."""
    return Kind(resource.partition(":")[0])


def key_of(resource: ResourceId) -> str:
    """Return an id without its kind."""
    return resource.partition(":")[2]


def commit_id(sha: str) -> ResourceId:
    return ResourceId(f"commit:{sha}")


def local_image_id(image: str) -> ResourceId:
    """``image`` is the engine's id, ``sha256:<hex>``."""
    return ResourceId(f"local-image:{image}")


def container_id(container: str) -> ResourceId:
    return ResourceId(f"container:{container}")


def ecr_repo_id(account: str, region: str, name: str) -> ResourceId:
    return ResourceId(f"ecr-repo:{account}/{region}/{name}")


def ecr_image_id(account: str, region: str, repository: str, digest: str) -> ResourceId:
    """``digest`` is ``sha256:<hex>``."""
    return ResourceId(f"ecr-image:{account}/{region}/{repository}@{digest}")


def function_id(account: str, region: str, name: str) -> ResourceId:
    return ResourceId(f"function:{account}/{region}/{name}")


def version_id(account: str, region: str, function: str, number: str) -> ResourceId:
    return ResourceId(f"version:{account}/{region}/{function}:{number}")


def alias_id(account: str, region: str, function: str, alias: str) -> ResourceId:
    return ResourceId(f"alias:{account}/{region}/{function}:{alias}")


def role_id(account: str, path_and_name: str) -> ResourceId:
    """``path_and_name`` has no leading slash: ``service/app-role`` or ``app-role``."""
    return ResourceId(f"role:{account}/{path_and_name.lstrip('/')}")


def trigger_id(account: str, region: str, uuid: str) -> ResourceId:
    return ResourceId(f"trigger:{account}/{region}/{uuid}")


class _Record(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Fields in the order of the API they come from; see each source for what fills them."""


class Commit(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="commit"):
    """One commit of one or more of the git repositories read."""

    sha: str
    parents: tuple[str, ...] = ()
    committed_at: datetime
    authored_at: datetime | None = None
    author: str = ""
    subject: str = ""
    repositories: tuple[str, ...] = ()
    """Keys of the GitRepository records that hold it."""

    @property
    def id(self) -> ResourceId:
        return commit_id(self.sha)


class LocalImage(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="local-image"):
    """One image of the local engine, tagged or dangling."""

    image_id: str
    """``Id`` of ``GET /images/json``: the config digest in the classic store, the manifest or
    index digest in the containerd store (docs.docker.com/engine/storage/containerd)."""
    tags: tuple[str, ...] = ()
    """``RepoTags``, empty for a dangling image."""
    repo_digests: tuple[str, ...] = ()
    """``RepoDigests``, ``name@sha256:…``; one per registry name pushed to or pulled from."""
    created_at: datetime | None = None
    size: int = 0
    """Bytes on disk, layers shared with other images counted."""
    labels: Pairs = ()
    env: Pairs = ()
    """Only environment variables on an allow-list of revision names (GIT_SHA and the like)."""
    config_digest: str | None = None
    diff_ids: tuple[str, ...] = ()
    """Digests of the uncompressed layers, base first."""
    parent: str | None = None
    """``Parent`` of the classic builder; an intermediate step, not the base image."""
    architecture: str = ""
    os: str = ""
    engine: str = ""

    @property
    def id(self) -> ResourceId:
        return local_image_id(self.image_id)


class Container(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="container"):
    """One container of the local engine, running or not."""

    container_id: str
    name: str = ""
    image_id: str
    image_name: str = ""
    """The reference it was started from."""
    state: str = ""
    """``created running paused restarting removing exited dead`` (Docker Engine API)."""
    created_at: datetime | None = None
    started_at: datetime | None = None
    labels: Pairs = ()

    @property
    def id(self) -> ResourceId:
        return container_id(self.container_id)


class EcrRepository(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="ecr-repo"):
    """One ECR repository."""

    account: str
    region: str
    name: str
    arn: str = ""
    uri: str = ""
    """``<account>.dkr.ecr.<region>.amazonaws.com/<name>``."""
    created_at: datetime | None = None
    mutability: str = ""
    """``MUTABLE``, ``IMMUTABLE`` or one of the two with exclusions."""
    policy: str | None = None
    """Policy document, JSON; ``""`` when the repository has none, None when not read."""
    lifecycle: str | None = None
    """Lifecycle policy, JSON; ``""`` when the repository has none, None when not read."""
    tags: Pairs | None = None

    @property
    def id(self) -> ResourceId:
        return ecr_repo_id(self.account, self.region, self.name)


class ImageType(StrEnum):
    """What an ECR image is, by its manifest's media types and annotations."""

    IMAGE = "image"
    INDEX = "index"
    ATTESTATION = "attestation"
    SIGNATURE = "signature"
    SOCI = "soci"
    ARTIFACT = "artifact"
    UNKNOWN = "unknown"


class Layer(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A compressed layer of a manifest."""

    digest: str
    size: int
    media_type: str = ""
    predicate: str = ""
    """``in-toto.io/predicate-type`` of an attestation's layer."""


class Statement(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """What an in-toto statement in an attestation says about where an image comes from."""

    predicate: str
    """``https://slsa.dev/provenance/v0.2``, ``…/v1``."""
    subjects: tuple[str, ...] = ()
    """Digests it is about."""
    source: str = ""
    """URL of the git repository, without credentials."""
    revision: str = ""
    """40 or 64 hex digits; ``-dirty`` where the builder said so."""
    context: str = ""
    """Folder of the repository that was built, when it was a local one."""
    git_context: bool = False
    """The builder fetched the commit itself: nothing uncommitted can be in it."""


class Child(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """An entry of an image index."""

    digest: str
    platform: str = ""
    """``os/architecture[/variant]``, ``unknown/unknown`` for an attestation."""
    describes: str = ""
    """``vnd.docker.reference.digest``: the manifest an attestation is about."""


class EcrImage(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="ecr-image"):
    """One digest in one ECR repository. The second block of fields needs the manifest, the third
    the config blob; ``manifest_read`` and ``config_read`` say whether they were read."""

    account: str
    region: str
    repository: str
    digest: str
    tags: tuple[str, ...] = ()
    pushed_at: datetime | None = None
    """First push of the manifest, not of the tag (aws/containers-roadmap#2746)."""
    pulled_at: datetime | None = None
    """``lastRecordedPullTime``: at most daily, moved by anyone's BatchGetImage."""
    size: int = 0
    """``imageSizeInBytes``: compressed layers; for an index the largest child."""
    media_type: str = ""
    artifact_media_type: str = ""
    subject: str | None = None
    """``subjectManifestDigest`` of a referrer."""
    status: str = "ACTIVE"
    """``ACTIVE``, ``ARCHIVED`` or ``ACTIVATING``."""
    type: ImageType = ImageType.UNKNOWN

    manifest_read: bool = False
    config_digest: str | None = None
    layers: tuple[Layer, ...] = ()
    children: tuple[Child, ...] = ()
    annotations: Pairs = ()
    statements: tuple[Statement, ...] = ()
    """Of an attestation: what it says, as far as it was read."""

    config_read: bool = False
    created_at: datetime | None = None
    labels: Pairs = ()
    env: Pairs = ()
    """Only environment variables on the allow-list of revision names."""
    diff_ids: tuple[str, ...] = ()
    architecture: str = ""

    @property
    def id(self) -> ResourceId:
        return ecr_image_id(self.account, self.region, self.repository, self.digest)

    @property
    def repository_id(self) -> ResourceId:
        return ecr_repo_id(self.account, self.region, self.repository)


class _Configuration(_Record, frozen=True, kw_only=True, gc=False):
    """What ListFunctions says of ``$LATEST`` and of each published version alike; the fields of
    the second block come from GetFunction and are None when it was not called."""

    account: str
    region: str
    name: str
    """The function's name."""
    arn: str = ""
    package_type: str = "Image"
    """``Image`` or ``Zip``."""
    code_sha256: str = ""
    """For an image, the manifest digest in hex without ``sha256:``; for zip, base64."""
    role_arn: str = ""
    last_modified: datetime | None = None
    revision: str = ""
    """RevisionId: changes with every change of the configuration."""
    runtime: str = ""
    handler: str = ""
    description: str = ""
    architectures: tuple[str, ...] = ()
    env_names: tuple[str, ...] = ()
    """Names only: values are never stored."""
    env_hash: str = ""
    """Keyed hash of the values, to tell whether they changed; useless without the key."""
    env: Pairs = ()
    """Only environment variables on the allow-list of revision names."""
    log_group: str = ""

    image_uri: str | None = None
    """As the deployer gave it, usually ``repo:tag``."""
    resolved_image_uri: str | None = None
    """``repo@sha256:…``, what runs."""
    state: str | None = None
    state_reason: str | None = None
    """StateReasonCode: ``ImageDeleted``, ``ImageAccessDenied``, ``Idle``…"""
    last_update_status: str | None = None
    tags: Pairs | None = None

    @property
    def detail_read(self) -> bool:
        """Whether GetFunction was asked about this very revision, in this scan or before."""
        return self.state is not None

    @property
    def image_digest(self) -> str | None:
        """The digest that runs, ``sha256:<hex>``, or None for a zip package.

        CodeSha256 of an image function is its manifest digest in hex (undocumented; relied on by
        the Serverless Framework, cartography and Kosli; docs/architecture.md).
        """
        if self.package_type != "Image":
            return None
        if self.resolved_image_uri and "@" in self.resolved_image_uri:
            return self.resolved_image_uri.rpartition("@")[2]
        return f"sha256:{self.code_sha256}" if len(self.code_sha256) == 64 else None


class Function(
    _Configuration, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="function"
):
    """One Lambda function: its ``$LATEST``, and what calls it."""

    policy: str | None = None
    """Resource policy, JSON; ``""`` when there is none, None when not read."""
    urls: tuple[str, ...] | None = None
    """Qualifiers with a function URL (``""`` is the function itself); None when not read."""
    concurrency: int | None = None
    """Reserved concurrency, from GetFunction; None is also *no reserve*."""
    invocations: int | None = None
    """Sum over the scan's window of all qualifiers; None when not read."""

    @property
    def id(self) -> ResourceId:
        return function_id(self.account, self.region, self.name)


class Version(_Configuration, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="version"):
    """One published version: frozen code, configuration and role."""

    number: str
    invocations: int | None = None

    @property
    def id(self) -> ResourceId:
        return version_id(self.account, self.region, self.name, self.number)

    @property
    def function(self) -> ResourceId:
        return function_id(self.account, self.region, self.name)


class Alias(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="alias"):
    """One alias and where it routes."""

    account: str
    region: str
    function_name: str
    name: str
    arn: str = ""
    version: str
    """``FunctionVersion``: a number or ``$LATEST``."""
    weights: tuple[tuple[str, float], ...] = ()
    """``AdditionalVersionWeights``: (version, share of calls from 0 to 1); the main version has
    the rest."""
    revision: str = ""
    description: str = ""
    invocations: int | None = None

    @property
    def id(self) -> ResourceId:
        return alias_id(self.account, self.region, self.function_name, self.name)

    @property
    def function(self) -> ResourceId:
        return function_id(self.account, self.region, self.function_name)


class Trigger(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="trigger"):
    """One event source mapping; it outlives the function it names."""

    account: str
    region: str
    uuid: str
    function_arn: str
    source_arn: str = ""
    state: str = ""
    last_modified: datetime | None = None

    @property
    def id(self) -> ResourceId:
        return trigger_id(self.account, self.region, self.uuid)


class Role(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="role"):
    """One IAM role, from GetAccountAuthorizationDetails."""

    account: str
    name: str
    path: str = "/"
    arn: str = ""
    role_id: str = ""
    """``AROA…``: another one after the role is deleted and made again."""
    created_at: datetime | None = None
    trust: str = ""
    """Trust policy document, JSON."""
    attached: tuple[str, ...] = ()
    """ARNs of managed policies."""
    inline: Pairs = ()
    """(policy name, sha256 of its document)."""
    boundary: str = ""
    instance_profiles: tuple[str, ...] = ()
    tags: Pairs = ()
    last_used_at: datetime | None = None
    """Within the trailing 400 days; appears up to 4 h late (IAM API, RoleLastUsed)."""
    last_used_region: str = ""

    @property
    def id(self) -> ResourceId:
        return role_id(self.account, f"{self.path}{self.name}")


class Missing(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="missing"):
    """Something that is referred to and was not found where it should be. Made by the graph,
    never read or stored. ``looked`` tells whether the place it should be in was read whole: only
    then is it known to be absent."""

    resource: ResourceId
    looked: bool = False

    @property
    def id(self) -> ResourceId:
        return self.resource


Record: TypeAlias = (
    Commit
    | LocalImage
    | Container
    | EcrRepository
    | EcrImage
    | Function
    | Version
    | Alias
    | Trigger
    | Role
)
Node: TypeAlias = Record | Missing


class GitRepository(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="git"):
    """One git repository read. Not a resource: it gives commits their refs."""

    key: str
    """Short name that is unique in the inventory."""
    path: str = ""
    remotes: tuple[str, ...] = ()
    """URLs without credentials."""
    head: str | None = None
    """Commit SHA of HEAD; None in an empty repository."""
    head_ref: str = ""
    """``refs/heads/main``, or ``""`` when detached."""
    dirty: bool = False
    """Tracked files of the work tree or the index differ from HEAD."""
    shallow: bool = False
    object_format: str = "sha1"
    refs: Pairs = ()
    """(full ref name, commit SHA); annotated tags are peeled."""


class Registry(_Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="registry"):
    """Account-and-region settings of ECR that put doubt on orphans."""

    account: str
    region: str
    replication: tuple[str, ...] = ()
    """``account/region`` destinations of DescribeRegistry's replication rules."""
    pull_through: tuple[str, ...] = ()
    """Repository prefixes of pull-through cache rules."""


class ContentVerdict(StrEnum):
    """How the files of an image compare with the commits of one repository, best first."""

    EXACT = "exact"
    """Every file at a tracked path is equal; ``unexplained`` counts files git does not track."""
    SUBSET = "subset"
    """All equal, but only a part of the tracked files was copied: the class is larger."""
    NEAREST = "nearest"
    """Some files differ from every commit: a dirty build, or the commit is not in the clone."""
    WEAK = "weak"
    """Too little in common to tell: a licence, a template, a stray file."""
    NONE = "none"
    """Nothing in common with any repository read (compiled, bundled, or from elsewhere)."""


class FileFact(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A revision that a file of an image names."""

    path: str
    kind: str
    """``git`` (the image holds a repository), ``go``, ``git.properties``, ``gitHead``, ``pep610``,
    ``cargo``, ``file``."""
    revision: str
    """40 or 64 hex digits."""
    source: str = ""
    """URL of the repository, where the file names one."""
    dirty: bool = False


class ContentMatch(
    _Record, frozen=True, kw_only=True, gc=False, tag_field="kind", tag="content-match"
):
    """What the bytes of one image (or zip package) say about the commits of one repository.
    Repositories that tie (forks, shared history) give one record each."""

    resource: ResourceId
    """A local image, an ECR image, or a zip function or version."""
    repository: str = ""
    """Key of the GitRepository; empty for NONE."""
    verdict: ContentVerdict
    commits: tuple[str, ...] = ()
    """SHAs of the class, newest first; the first ``count`` of them up to a bound."""
    count: int = 0
    """Size of the class; more than ``len(commits)`` when the list was cut."""
    newest: str = ""
    oldest: str = ""
    refs: tuple[str, ...] = ()
    """Full names of refs that contain a commit of the class (bounded)."""
    maps: Pairs = ()
    """(directory in the image, directory in the repository): where files were copied from."""
    matched: int = 0
    """Files of the image that are equal in the class."""
    modified: tuple[str, ...] = ()
    """Image paths that are tracked in the class with other content (bounded)."""
    modified_count: int = 0
    unexplained: tuple[str, ...] = ()
    """Image paths in the mapped directories that the class does not track (bounded)."""
    unexplained_count: int = 0
    layers_read: int = 0
    layers_left: int = 0
    """Layers that no COPY or ADD made and that were not fetched: files deleted there are seen."""
    shallow: bool = False
    """The repository's history is cut: an equal commit may lie beyond."""
    facts: tuple[FileFact, ...] = ()
    """Revisions that files of the image name; the same in each record of one image."""


class Gap(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True, order=True):
    """Something that should have been read and was not. Unread is never absent."""

    service: str
    """``lambda``, ``ecr``, ``iam``, ``docker``, ``git``…"""
    action: str
    """The call that failed or was left out: ``ListFunctions``, ``GET /images/json``…"""
    account: str = ""
    region: str = ""
    resource: str = ""
    """The one resource or repository it is about; empty when it is about all of a place."""
    reason: str
    """One word for scripts: ``credentials denied throttled unreachable error shallow unsupported
    left-out``."""
    detail: str = ""
    """One sentence for people, with what to do about it."""
    hides: tuple[Kind, ...] = ()
    """Kinds of which whole resources may exist unread."""
    facts: tuple[str, ...] = ()
    """Facts of known resources that were not read: ``deployed-tag policy labels callers``…"""


class Scope(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Where a scan looked."""

    accounts: tuple[str, ...] = ()
    places: tuple[tuple[str, str], ...] = ()
    """(account, region) pairs read for ECR and Lambda."""
    enabled: tuple[tuple[str, str], ...] = ()
    """(account, region) pairs that the accounts themselves say are enabled (EC2 DescribeRegions).
    An account of which no pair is named was not asked, and may run anything elsewhere."""
    git: tuple[str, ...] = ()
    """Keys of the git repositories."""
    engine: str = ""
    """Name of the Docker engine, or empty when none was read."""
    content: bool = False
    quick: bool = False
    window_days: int = 0
    """Days of invocations read; 0 when none were."""
    not_scanned: tuple[str, ...] = ()
    """Known users of images and roles that no scan reads: ``ecs``, ``eks``, ``sagemaker``…"""


class Inventory(msgspec.Struct, frozen=True, kw_only=True):
    """All records of one scan, with its scope, its time and its gaps."""

    taken_at: datetime
    scope: Scope = Scope()
    gaps: tuple[Gap, ...] = ()
    git: tuple[GitRepository, ...] = ()
    registries: tuple[Registry, ...] = ()
    commits: tuple[Commit, ...] = ()
    local_images: tuple[LocalImage, ...] = ()
    containers: tuple[Container, ...] = ()
    ecr_repositories: tuple[EcrRepository, ...] = ()
    ecr_images: tuple[EcrImage, ...] = ()
    functions: tuple[Function, ...] = ()
    versions: tuple[Version, ...] = ()
    aliases: tuple[Alias, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    roles: tuple[Role, ...] = ()
    content: tuple[ContentMatch, ...] = ()

    def records(self) -> Iterator[Record]:
        """Every resource, kind by kind in the order of Kind."""
        yield from self.commits
        yield from self.local_images
        yield from self.containers
        yield from self.ecr_repositories
        yield from self.ecr_images
        yield from self.functions
        yield from self.versions
        yield from self.aliases
        yield from self.triggers
        yield from self.roles
