"""What ``up`` would do, as a shell script of docker and aws commands.

It is for reading, and for those who may not run anything else: unlike ``up`` it does not resume
after a failure, compares no answers, and leaves nothing for ``undo``.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from shlex import quote

from jotgraph.queries.answers.up import Recipe, Result, UpPlan

_HEAD = """\
#!/usr/bin/env bash
# {title}: what jotgraph up would do, by what was there when this was written.
# It stops at the first failure; for what is left then, let jotgraph up --format sh write another.
set -euo pipefail
work=$(mktemp -d) container=
trap 'rm -rf "$work"; [ -z "$container" ] || docker rm --force "$container" > /dev/null' EXIT
export AWS_PAGER=
{variables}if [ "$(aws sts get-caller-identity --query Account --output text)" != {account} ]; then
  echo {sign_in} >&2
  exit 1
fi
export AWS_REGION={region} AWS_DEFAULT_REGION={region}
"""
_UNATTESTED = "BUILDX_NO_DEFAULT_ATTESTATIONS=1"
"""Prevents attestations, whose index Lambda refuses. ``--provenance=false`` does the same, but is
an unknown flag to a docker without buildx, which ignores this variable."""
_PORT = 9000
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_AS_JSON = (
    "import json, os, sys; "
    "print(json.dumps({'Variables': {name: os.environ[name] for name in sys.argv[1:]}}))"
)


def script(plan: UpPlan) -> str:
    """The whole script."""
    recipe = plan.recipe
    head = _HEAD.format(
        title=f"{recipe.folder} as function {recipe.function}".replace("\n", " "),
        account=quote(recipe.account),
        sign_in=quote(f"sign in to account {recipe.account} first"),
        region=quote(recipe.region),
        variables=_needed(recipe),
    )
    parts = [head]
    for done in plan.stages:
        title = f"\n# {done.stage}: {done.result}: {' '.join(done.statement.split())}\n"
        lines = () if done.result is Result.SKIPPED else _LINES[done.stage](recipe)
        parts.append(title + "".join(f"{line}\n" for line in lines))
    return "".join(parts)


def _needed(recipe: Recipe) -> str:
    """A line that stops a script without the values that it needs."""
    names = {*recipe.arguments, *recipe.test_variables, *(recipe.variables or ())}
    names = {name for name in names if _NAME.fullmatch(name)}  # another is none of a shell
    if not names:
        return ""
    needed = " ".join(f'"${{{name}?is not set}}"' for name in sorted(names))
    return f"# values of variables are not written here: set them in the environment\n: {needed}\n"


def _validate(recipe: Recipe) -> Iterator[str]:
    yield from ()


def _build(recipe: Recipe) -> Iterator[str]:
    dockerfile = f"{recipe.folder}/{recipe.dockerfile}"
    if recipe.generated:
        dockerfile = '"$work/Dockerfile"'
        yield f"printf '%s' {quote(recipe.generated)} > {dockerfile}"
    else:
        dockerfile = quote(dockerfile)
    buildkit = {"classic": "DOCKER_BUILDKIT=0 ", "buildkit": "DOCKER_BUILDKIT=1 "}
    asked = {
        f"--network {quote(recipe.network)}": recipe.network,
        "--pull": recipe.pull,
        "--no-cache": not recipe.cache,
    }
    wanted = [option for option, is_asked in asked.items() if is_asked]
    yield _command(
        f"{_UNATTESTED} {buildkit.get(recipe.builder, '')}docker build",
        *(f"--label {quote(f'{key}={value}')}" for key, value in recipe.labels.items()),
        *(f"--build-arg {quote(key)}" for key in recipe.arguments),
        " ".join([f"--platform {recipe.platform}", *wanted]),
        *(f"--tag {quote(name)}" for name in recipe.names),
        f"--tag {quote(_image(recipe))} --file {dockerfile} {quote(recipe.folder)}",
    )


def _test(recipe: Recipe) -> Iterator[str]:
    if not recipe.tested:
        return
    if not recipe.test_network:
        yield "# no test: it is to have no network, and the emulator is reached by the network"
        return
    image = quote(_image(recipe))
    variables = "".join(f" --env {quote(name)}" for name in recipe.test_variables)
    yield "# by the runtime interface emulator, which AWS's bases hold and others may not"
    yield _command(
        f"container=$(docker run --detach --publish 127.0.0.1:{_PORT}:8080{variables}",
        f"{image})",
    )
    url = f"http://127.0.0.1:{_PORT}/2015-03-31/functions/function/invocations"
    for name, event in recipe.events:
        yield f"echo {quote(name)}"
        again = "--retry 5 --retry-connrefused"
        yield f"curl --silent --fail {again} --data {quote(event)} {url}; echo"
    yield 'docker rm --force "$container" > /dev/null'
    yield "container="


def _push(recipe: Recipe) -> Iterator[str]:
    host, _, name = recipe.repository.partition("/")
    if recipe.new_repository:
        scan = " --image-scanning-configuration scanOnPush=true" * recipe.scan_on_push
        fixed = " --image-tag-mutability IMMUTABLE" * recipe.immutable
        yield f"aws ecr create-repository --repository-name {quote(name)}{scan}{fixed}"
        if recipe.lifecycle_policy:
            yield _command(
                f"aws ecr put-lifecycle-policy --repository-name {quote(name)}",
                f"--lifecycle-policy-text {quote(recipe.lifecycle_policy)}",
            )
    login = f"docker login --username AWS --password-stdin {quote(host)}"
    yield f"aws ecr get-login-password | {login}"
    yield f"docker push {quote(_image(recipe))}"
    yield _command(
        f"digest=$(aws ecr describe-images --repository-name {quote(name)}",
        f"--image-ids imageTag={quote(recipe.tag)} --query 'imageDetails[0].imageDigest'",
        "--output text)",
    )


def _deploy(recipe: Recipe) -> Iterator[str]:
    yield from _role(recipe)
    name, image = quote(recipe.function), f'{quote(recipe.repository)}@"$digest"'
    settings = " ".join(f"--{option} {quote(value)}" for option, value in recipe.settings)
    if recipe.variables is not None:
        yield _command(
            f"environment=$(python3 -c {quote(_AS_JSON)}",
            f"{' '.join(recipe.variables)})" if recipe.variables else ")",
        )
        settings = f'{settings} --environment "$environment"'.strip()
    if recipe.new_function:
        yield _command(
            f"aws lambda create-function --function-name {name} --package-type Image",
            f"--code ImageUri={image}",
            f'--role "$role" --tags {_json(recipe.tags)}',
            *([settings] if settings else []),
        )
    else:
        if settings:
            yield f"aws lambda update-function-configuration --function-name {name} {settings}"
            yield f"aws lambda wait function-updated-v2 --function-name {name}"
        yield f"aws lambda update-function-code --function-name {name} --image-uri {image}"
    active = "function-active-v2" if recipe.new_function else "function-updated-v2"
    yield f"aws lambda wait {active} --function-name {name}"
    if recipe.tags and not recipe.new_function:
        arn = f"arn:aws:lambda:{recipe.region}:{recipe.account}:function:{recipe.function}"
        yield f"aws lambda tag-resource --resource {quote(arn)} --tags {_json(recipe.tags)}"
    yield _command(
        f"version=$(aws lambda publish-version --function-name {name}",
        "--query Version --output text)",
    )
    yield from _alias(recipe)


def _role(recipe: Recipe) -> Iterator[str]:
    if recipe.new_role:
        role = quote(recipe.role)
        yield _command(
            f"role=$(aws iam create-role --role-name {role}",
            f"--assume-role-policy-document {quote(recipe.trust)}",
            f"--tags {quote(recipe.role_tag)} --query Role.Arn --output text)",
        )
        yield _command(
            f"aws iam put-role-policy --role-name {role} --policy-name logs",
            f"--policy-document {quote(recipe.policy)}",
        )
        yield f"aws iam wait role-exists --role-name {role}"
        yield "sleep 15 # until Lambda may assume it"
    elif recipe.new_function:
        yield f"role={quote(recipe.role)}"


def _alias(recipe: Recipe) -> Iterator[str]:
    if not recipe.alias:
        return
    verb = "create-alias" if recipe.new_alias else "update-alias"
    command = (
        f"aws lambda {verb} --function-name {quote(recipe.function)} --name {quote(recipe.alias)}"
    )
    if recipe.weight is None or recipe.new_alias:
        cleared = "" if recipe.new_alias else " --routing-config AdditionalVersionWeights={}"
        yield f'{command} --function-version "$version"{cleared}'
        return
    weights = f'AdditionalVersionWeights={{"$version"={recipe.weight}}}'
    yield f"{command} --function-version {quote(recipe.alias_version)} --routing-config {weights}"


def _invoke(recipe: Recipe) -> Iterator[str]:
    if not recipe.invoked:
        return
    for name, event in recipe.events:
        yield f"echo {quote(name)}"
        yield f"printf '%s' {quote(event)} > \"$work/event.json\""
        yield _command(
            f'aws lambda invoke --function-name {quote(recipe.function)} --qualifier "$version"',
            '--payload fileb://"$work/event.json" "$work/answer.json"',
        )
        yield 'cat "$work/answer.json"; echo'


_LINES = {
    "validate": _validate,
    "build": _build,
    "test": _test,
    "push": _push,
    "deploy": _deploy,
    "invoke": _invoke,
}


def _image(recipe: Recipe) -> str:
    return f"{recipe.repository}:{recipe.tag}"


def _json(value: Mapping[str, str]) -> str:
    return quote(json.dumps(dict(value), sort_keys=True, ensure_ascii=False))


def _command(*words: str) -> str:
    """A command on several lines."""
    return " \\\n  ".join(words)
