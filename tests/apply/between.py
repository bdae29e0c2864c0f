"""What can block a deletion, each set between plan and apply; and what cannot be, with the reason.
``test_again.py`` tries every one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any, NamedTuple

from jotgraph.analysis.usage.model import code_of
from jotgraph.sandbox import seed
from jotgraph.sandbox.server import Sandbox
from jotgraph.sandbox.world import iam_backend
from jotgraph.sources.consumers import BY_SERVICE
from tests.apply.estate import Estate

ACCOUNT = "123456789012"
FUNCTION = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:app"
REPOSITORY = f"arn:aws:ecr:us-east-1:{ACCOUNT}:repository/app"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app-role"
OLD_IMAGE, INDEX = "ecr-image:app@{old}", "ecr-image:app@{index}"
REPO, FUNC, VERSION, ALIAS = "ecr-repo:app", "function:app", "version:app:1", "alias:app:live"
TRIGGER, APP_ROLE = "trigger:{trigger}", "role:app-role"

Change = Callable[[Sandbox, Estate], object]


class Set(NamedTuple):
    """One change between plan and apply."""

    change: Change
    stays: str
    """What must stay because of it."""
    words: str
    """What the outcome must say."""


def _lambda(action: str, **words: Any) -> Change:
    def change(aws: Sandbox, of: Estate) -> object:
        return getattr(aws.client("lambda"), action)(**words)

    return change


def _ecr(action: str, **words: Any) -> Change:
    def change(aws: Sandbox, of: Estate) -> object:
        return getattr(aws.client("ecr"), action)(**words)

    return change


def _deny(service: str, action: str) -> Change:
    """Take a permission away that the scan had."""

    def change(aws: Sandbox, of: Estate) -> object:
        return aws.faults.deny(service, action)

    return change


def _tagged(key: str, *kinds: str) -> Change:
    def change(aws: Sandbox, of: Estate) -> None:
        if "function" in kinds:
            aws.world.lambda_of(ACCOUNT, "us-east-1").functions["app"].tags[key] = "why"
        if "repository" in kinds:
            aws.client("ecr").tag_resource(
                resourceArn=REPOSITORY, tags=[{"Key": key, "Value": "why"}]
            )
        if "role" in kinds:
            aws.client("iam").tag_role(RoleName="app-role", Tags=[{"Key": key, "Value": "why"}])

    return change


def _restored(aws: Sandbox, of: Estate) -> None:
    for target in ("ARCHIVE", "STANDARD"):
        aws.client("ecr").update_image_storage_class(
            repositoryName="app", imageId={"imageDigest": of.old}, targetStorageClass=target
        )


def _admit(principal: Mapping[str, str]) -> Change:
    statement = {"Effect": "Allow", "Principal": principal, "Action": "ecr:*", "Sid": "late"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return _ecr("set_repository_policy", repositoryName="app", policyText=text)


def _replicate(aws: Sandbox, of: Estate) -> None:
    target = {"region": "eu-west-1", "registryId": ACCOUNT}
    aws.client("ecr").put_replication_configuration(
        replicationConfiguration={"rules": [{"destinations": [target]}]}
    )


def pull(aws: Sandbox, of: Estate) -> None:
    aws.client("ecr").batch_get_image(repositoryName="app", imageIds=[{"imageDigest": of.old}])


def _tag_image(tag: str, aws: Sandbox, of: Estate) -> None:
    ecr = aws.client("ecr")
    answer = ecr.batch_get_image(repositoryName="app", imageIds=[{"imageDigest": of.old}])
    text = answer["images"][0]["imageManifest"]
    ecr.put_image(repositoryName="app", imageManifest=text, imageTag=tag)


def push(aws: Sandbox, of: Estate) -> None:
    seed.image(aws, "app", "new", config=b'{"n":9}')


def _signature(aws: Sandbox, of: Estate) -> None:
    seed.image(aws, "app", text=seed.manifest(b"{}", subject=of.old), config=b"{}")


def _index(aws: Sandbox, of: Estate) -> None:
    seed.index(aws, "app", {of.old: "linux/arm64"}, "late")


def _task(image: str, aws: Sandbox, of: Estate) -> None:
    seed.task_definition(aws, "late", image.format(**_digests(of)))
    seed.ecs_task(aws, "late")


def _service(image: str, aws: Sandbox, of: Estate) -> None:
    seed.task_definition(aws, "late", image.format(**_digests(of)))
    seed.ecs_service(aws, "late", "late")


def _elsewhere(aws: Sandbox, of: Estate) -> None:
    """A task in a region that had nothing and was not scanned."""
    home = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/app@{of.old}"
    seed.task_definition(aws, "late", home, region="eu-west-1")


def _newest(aws: Sandbox, of: Estate) -> None:
    seed.task_definition(aws, "late", f"app@{of.old}")


def _older(aws: Sandbox, of: Estate) -> None:
    seed.task_definition(aws, "late", f"app@{of.old}")
    seed.task_definition(aws, "late", "common:v1")


def _job(aws: Sandbox, of: Estate) -> None:
    seed.job_definition(aws, "late", f"app@{of.old}")


def _untold(aws: Sandbox, of: Estate) -> None:
    home = f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/app"
    seed.runner_service(aws, "late", f"{home}:gone")


def _build(aws: Sandbox, of: Estate) -> None:
    seed.build_project(aws, "late", f"{ACCOUNT}.dkr.ecr.us-east-1.amazonaws.com/app@{of.old}")


def _model(aws: Sandbox, of: Estate) -> None:
    seed.model(aws, "late", f"app@{of.old}")


def _cluster(aws: Sandbox, of: Estate) -> None:
    seed.kubernetes_cluster(aws, "late")


def _task_role(aws: Sandbox, of: Estate) -> None:
    seed.task_definition(aws, "late", "common:v1", role=ROLE)


def _provider(aws: Sandbox, of: Estate) -> None:
    seed.capacity_provider(aws, "fleet", ROLE)


def _function(image: str, aws: Sandbox, of: Estate) -> None:
    other = f"arn:aws:iam::{ACCOUNT}:role/other-role"
    seed.function(aws, "late", image.format(**_digests(of)), role=other)


def _function_of_role(aws: Sandbox, of: Estate) -> None:
    seed.function(aws, "late", "common:v1", role=ROLE)


def _mention(value: str, aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").update_function_configuration(
        FunctionName="other", Environment={"Variables": {"IT": value.format(**_digests(of))}}
    )


def _undigested(aws: Sandbox, of: Estate) -> None:
    _function("common:v1", aws, of)
    late = aws.world.lambda_of(ACCOUNT, "us-east-1").functions["late"]
    late.latest["CodeSha256"] = ""


def _half_updated(aws: Sandbox, of: Estate) -> None:
    """It was set back to what the plan deletes, and what it was updated to then failed: calls go to
    what no listing shows."""
    _function("common:v1", aws, of)
    aws.world.lambda_of(ACCOUNT, "us-east-1").functions["late"].latest["LastUpdateStatus"] = (
        "Failed"
    )


def _function_elsewhere(aws: Sandbox, of: Estate) -> None:
    seed.function(aws, "late", role=ROLE, region="eu-west-1")


def trust(aws: Sandbox, of: Estate) -> None:
    statement = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Action": "sts:AssumeRole"}]}
    aws.client("iam").update_assume_role_policy(
        RoleName="app-role", PolicyDocument=json.dumps(document)
    )


def profile(aws: Sandbox, of: Estate) -> None:
    iam = aws.client("iam")
    iam.create_instance_profile(InstanceProfileName="machines")
    iam.add_role_to_instance_profile(InstanceProfileName="machines", RoleName="app-role")


def _used(region: str, aws: Sandbox, of: Estate) -> None:
    for role in iam_backend(ACCOUNT).roles.values():
        if role.name == "app-role":
            role.last_used, role.last_used_region = datetime.now(UTC), region


def _alias(aws: Sandbox, of: Estate) -> None:
    seed.alias(aws, "app", "second", "1")


def _ready(qualifier: str) -> Change:
    words: dict[str, Any] = {"Qualifier": qualifier, "ProvisionedConcurrentExecutions": 1}
    return _lambda("put_provisioned_concurrency_config", FunctionName="app", **words)


def _let_in(qualifier: str = "") -> Change:
    words: dict[str, Any] = {"Qualifier": qualifier} if qualifier else {}
    return _lambda(
        "add_permission",
        FunctionName="app",
        StatementId="late",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        **words,
    )


def _update_trigger(aws: Sandbox, of: Estate) -> None:
    aws.client("lambda").update_event_source_mapping(UUID=of.trigger, BatchSize=5)


def _mark_trigger(aws: Sandbox, of: Estate) -> None:
    """A quarantine of another machine disabled it, which leaves no other trace."""
    here = aws.world.lambda_of(ACCOUNT, "us-east-1")
    mark = "0123456789ab 2026-01-02T03:04:05+00:00"
    here.trigger_tags[of.trigger] = {"jotgraph:quarantined": mark}
    here.triggers[of.trigger]["State"] = "Disabled"


def _new_trigger(aws: Sandbox, of: Estate) -> None:
    seed.trigger(aws, "app", f"arn:aws:sqs:us-east-1:{ACCOUNT}:late")


def _digests(of: Estate) -> dict[str, str]:
    return {"old": of.old, "child": of.child, "index": of.index}


PROTECT = "jotgraph:protect"
STACK = "aws:cloudformation:stack-name"
TAGGED = "protects it"
BLOCKS: dict[str, Set | str] = {
    "protected function": Set(_tagged(PROTECT, "function"), FUNC, TAGGED),
    "protected alias": Set(_tagged(PROTECT, "function"), ALIAS, TAGGED),
    "protected repository": Set(_tagged(PROTECT, "repository"), REPO, TAGGED),
    "protected image": Set(_tagged(PROTECT, "repository"), OLD_IMAGE, TAGGED),
    "protected role": Set(_tagged(PROTECT, "role"), APP_ROLE, TAGGED),
    "missing": "what is gone is done: nothing is deleted",
    "excluded": "a pattern of the command, which the plan has obeyed",
    "kept by name": "an option of the command, which the plan has obeyed",
    "of another kind": "an option of the command, which the plan has obeyed",
    "running container": "its state is in its fingerprint (tests/apply/test_broken_engine.py)",
    "caps": "counted again by the applying side from the steps",
    "task runs": Set(partial(_task, "app@{old}"), OLD_IMAGE, "late"),
    "task runs a child": Set(partial(_task, "app@{child}"), INDEX, "late"),
    "service runs": Set(partial(_service, "app@{old}"), OLD_IMAGE, "late"),
    "service follows": Set(partial(_service, "app:v1"), OLD_IMAGE, "late"),
    "revision names": Set(_newest, OLD_IMAGE, "late"),
    "task elsewhere": Set(_elsewhere, OLD_IMAGE, "eu-west-1"),
    "job runs": Set(_job, OLD_IMAGE, "late"),
    "build runs": Set(_build, OLD_IMAGE, "late"),
    "task assumes": Set(_task_role, APP_ROLE, "late"),
    "capacity provider assumes": Set(_provider, APP_ROLE, "fleet"),
    "capacity providers unread": Set(
        _deny("lambda", "ListCapacityProviders"), APP_ROLE, "ListCapacityProviders"
    ),
    "function runs": Set(partial(_function, "app@{old}"), OLD_IMAGE, "function late runs it"),
    "function runs a child": Set(partial(_function, "app@{child}"), INDEX, "a part of it"),
    "function assumes": Set(_function_of_role, APP_ROLE, "assumes it now"),
    "function updating": Set(_half_updated, OLD_IMAGE, "an update of function late"),
    "configuration updating": Set(_half_updated, APP_ROLE, "an update of function late"),
    "text names an image": Set(partial(_mention, "{old}"), OLD_IMAGE, "other uses it now"),
    "text names a role": Set(partial(_mention, ROLE), APP_ROLE, "other uses it now"),
    "index lists": Set(_index, OLD_IMAGE, "an index lists it"),
    "signature": Set(_signature, OLD_IMAGE, "references it"),
    "image pushed": Set(push, REPO, "it holds"),
    "alias made": Set(_alias, FUNC, "alias second"),
    "trigger marked": Set(
        _mark_trigger, TRIGGER, "put in quarantine 2026-01-02 by run 0123456789ab"
    ),
    "trigger made": Set(_new_trigger, FUNC, "trigger"),
    "function ready": Set(_ready("live"), FUNC, "provisioned concurrency"),
    "version ready": Set(_ready("1"), VERSION, "provisioned concurrency"),
    "URL made": Set(
        _lambda("create_function_url_config", FunctionName="app", AuthType="NONE"), FUNC, "URLs"
    ),
    "function let in": Set(_let_in(), FUNC, "who may call it changed"),
    "alias let in": Set(_let_in("live"), ALIAS, "who may call it changed"),
    "version let in": Set(_let_in("1"), VERSION, "who may call it changed"),
    "function called": Set(_lambda("invoke", FunctionName="app"), FUNC, "it was called 1 time"),
    "alias called": Set(
        _lambda("invoke", FunctionName="app", Qualifier="live"), ALIAS, "it was called"
    ),
}
"""What ``stopped`` and the users of a thing block, by what happens; a text says why nothing can."""

DOUBTS: dict[str, Set | str] = {
    "age-unknown": "times of making are in the fingerprint, or never change",
    "age-young": Set(_update_trigger, TRIGGER, "[age-young]"),
    "artifact": "the content of an image never changes: its digest names it",
    "cluster-unread": Set(_cluster, OLD_IMAGE, "the pods of EKS cluster late"),
    "container-new": "the state of a container is in its fingerprint",
    "copy-needed": "as only-copy",
    "digest-unread": Set(_untold, OLD_IMAGE, "which image that was is not reported"),
    "durable-unread": "for how long executions may last is a part of what never changes",
    "edge": "Lambda itself refuses to delete what has replicas",
    "gap": Set(_deny("ecr", "GetLifecyclePolicy"), REPO, "GetLifecyclePolicy"),
    "in-doubt": "users are looked at themselves",
    "invocations-unread": Set(_deny("cloudwatch", "GetMetricData"), FUNC, "GetMetricData"),
    "kept-newest": "needs options: test_again.py",
    "kept-recent": "a push changes the fingerprint, and pulls are compared with the plan's",
    "kept-tag": Set(partial(_tag_image, "prod"), OLD_IMAGE, "tags was v1, is prod v1"),
    "managed": Set(_tagged(STACK, "function"), FUNC, "the CloudFormation stack why"),
    "log-shared": "the name of a log group never changes (others: test_logs.py)",
    "manifest-unread": "ECR refuses to delete what an index lists",
    "may-run": Set(_older, OLD_IMAGE, "late:1 would run it if started"),
    "no-caller-known": "says that AWS tells nothing; a caller that it tells of blocks by itself",
    "not-empty": Set(push, REPO, "it holds"),
    "only-copy": "of local images: test_again.py",
    "other-principal": Set(_admit({"AWS": f"arn:aws:iam::{ACCOUNT}:role/r"}), OLD_IMAGE, "role/r"),
    "outside-account": Set(_admit({"AWS": "999999999999"}), OLD_IMAGE, "account 999999999999"),
    "policy-unread": Set(_deny("ecr", "GetRepositoryPolicy"), OLD_IMAGE, "GetRepositoryPolicy"),
    "provisioned-unread": Set(
        _deny("lambda", "ListProvisionedConcurrencyConfigs"), VERSION, "ListProvisionedConcurrency"
    ),
    "pulled": Set(pull, OLD_IMAGE, "a pull of it was recorded"),
    "pull-through": Set(
        _ecr(
            "create_pull_through_cache_rule",
            ecrRepositoryPrefix="app",
            upstreamRegistryUrl="public.ecr.aws",
        ),
        OLD_IMAGE,
        "the pull-through cache rule app",
    ),
    "pulls-hidden": Set(
        _ecr("register_pull_time_update_exclusion", principalArn=ROLE),
        OLD_IMAGE,
        "are not recorded",
    ),
    "quarantined": Set(_tagged("jotgraph:quarantined", "function"), FUNC, "put in quarantine"),
    "regions-unread": Set(_function_elsewhere, APP_ROLE, "in eu-west-1 was not read"),
    "registry-unread": Set(_deny("ecr", "DescribeRegistry"), OLD_IMAGE, "DescribeRegistry"),
    "replication": Set(_replicate, OLD_IMAGE, "replicates its images"),
    "restored": Set(_restored, OLD_IMAGE, "somebody restored it"),
    "role-instance-profile": Set(profile, APP_ROLE, "profiles was empty"),
    "role-service-linked": "the path of a role never changes",
    "role-trust": Set(trust, APP_ROLE, "trust was"),
    "role-used": Set(partial(_used, "us-east-1"), APP_ROLE, "it was used since"),
    "role-used-elsewhere": Set(partial(_used, "ap-south-2"), APP_ROLE, "used in ap-south-2"),
    "role-young": "when a role was made never changes; one that was made again has another id",
    "runs-unread": Set(_undigested, OLD_IMAGE, "which image function late runs cannot be read"),
    "tag-unread": "what a function runs is looked at by digest",
    "tags-unread": Set(_deny("lambda", "ListTags"), FUNC, "ListTags"),
    "used-by-namespace": "what a list leaves out is known when it is read",
    "used-by-old": "the age of a list is counted from the scan",
    "used-lately": "Inspector tells it late; what starts now pulls, and pulls are compared",
}
DOUBTS |= {
    code_of(service): Set(
        _deny(entries[0].client or service, entries[0].calls[0].action),
        OLD_IMAGE,
        f"{service} of {ACCOUNT}/",
    )
    for service, entries in BY_SERVICE
    if service != "eks"
}
"""Every doubt: how it comes up between plan and apply, or why it cannot."""
BLOCKS["EKS unread"] = Set(_deny("eks", "ListClusters"), OLD_IMAGE, "eks of")
