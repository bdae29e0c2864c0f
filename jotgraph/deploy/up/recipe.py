"""The parts of equivalent ``docker`` and ``aws`` commands for ``up``."""

from __future__ import annotations

import json

from jotgraph.deploy.build.preparation import Prepared
from jotgraph.deploy.registry_image import repository_uri
from jotgraph.deploy.rollout.labels import tags_of
from jotgraph.deploy.rollout.roles import FUNCTION_TAG, TRUST, log_policy, role_name
from jotgraph.deploy.up.existing import Existing
from jotgraph.deploy.up.run_up import ARCHITECTURES, UpOptions, why_skipped
from jotgraph.queries.answers.up import Recipe, Stage
from jotgraph.records import name_of, place_of


def recipe_of(there: Existing, prepared: Prepared, options: UpOptions) -> Recipe:
    """Return what ``up`` does, given what exists."""
    build, deploy = options.build, options.deploy
    account, region = place_of(there.function)
    new, alias = there.current is None, there.alias
    return Recipe(
        account=account,
        region=region,
        folder=str(prepared.root),
        dockerfile=prepared.dockerfile,
        generated=prepared.text.decode() if prepared.generated else "",
        platform=build.platform,
        builder=build.builder.value,
        network=build.network,
        pull=build.pull,
        cache=build.cache,
        names=build.tags,
        labels=prepared.labels,
        arguments=tuple(sorted(build.arguments)),
        test_variables=tuple(sorted(options.test.environment)),
        test_network=options.test.network,
        repository=repository_uri(there.repository),
        tag=there.tag,
        new_repository=there.repository_detail is None,
        scan_on_push=options.push.scan_on_push,
        immutable=options.push.immutable,
        lifecycle_policy=options.push.lifecycle_policy,
        function=name_of(there.function),
        new_function=new,
        settings=_settings(options, "" if new or not deploy.role else there.role, new=new),
        variables=None if deploy.environment is None else tuple(sorted(deploy.environment)),
        tags=tags_of(tuple(prepared.labels.items())).tags,
        role=there.role or (role_name(there.function) if new else ""),
        new_role=new and not there.role,
        role_tag=f"Key={FUNCTION_TAG},Value={there.function}",
        trust=json.dumps(TRUST),
        policy=json.dumps(log_policy(there.function)),
        alias=deploy.alias,
        new_alias=bool(deploy.alias) and alias is None,
        alias_version=alias.version if alias else "",
        weight=deploy.weight,
        events=tuple((case.name, case.event.decode().strip()) for case in options.cases),
        tested=not why_skipped(Stage.TEST, options),
        invoked=not why_skipped(Stage.INVOKE, options),
    )


def _settings(options: UpOptions, role: str, *, new: bool) -> tuple[tuple[str, str], ...]:
    """Options of the aws command for settings beside image and variables."""
    deploy = options.deploy
    named = {
        "memory-size": str(deploy.memory or ""),
        "timeout": str(deploy.timeout or ""),
        "role": role,
        "architectures": ARCHITECTURES[options.build.platform] if new else "",
    }
    return tuple((name, value) for name, value in named.items() if value)
