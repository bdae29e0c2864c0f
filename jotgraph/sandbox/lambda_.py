"""Every Lambda call that the sandbox answers."""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.sandbox import (
    lambda_access,
    lambda_aliases,
    lambda_extras,
    lambda_functions,
    lambda_reads,
    lambda_runs,
    lambda_triggers,
)
from jotgraph.sandbox.world import Handler

HANDLERS: Mapping[str, Handler] = {
    **lambda_extras.HANDLERS,
    "AddPermission": lambda_access.add_permission,
    "CreateAlias": lambda_aliases.create_alias,
    "CreateEventSourceMapping": lambda_triggers.create_event_source_mapping,
    "CreateFunction": lambda_functions.create_function,
    "CreateFunctionUrlConfig": lambda_access.create_function_url_config,
    "DeleteAlias": lambda_aliases.delete_alias,
    "DeleteEventSourceMapping": lambda_triggers.delete_event_source_mapping,
    "DeleteFunction": lambda_functions.delete_function,
    "DeleteFunctionConcurrency": lambda_access.delete_function_concurrency,
    "DeleteFunctionUrlConfig": lambda_access.delete_function_url_config,
    "GetAlias": lambda_aliases.get_alias,
    "GetEventSourceMapping": lambda_triggers.get_event_source_mapping,
    "GetFunction": lambda_reads.get_function,
    "GetFunctionConcurrency": lambda_access.get_function_concurrency,
    "GetFunctionConfiguration": lambda_reads.get_function_configuration,
    "GetFunctionUrlConfig": lambda_access.get_function_url_config,
    "GetPolicy": lambda_access.get_policy,
    "Invoke": lambda_runs.invoke,
    "ListAliases": lambda_aliases.list_aliases,
    "ListEventSourceMappings": lambda_triggers.list_event_source_mappings,
    "ListFunctionUrlConfigs": lambda_access.list_function_url_configs,
    "ListFunctions": lambda_reads.list_functions,
    "ListTags": lambda_access.list_tags,
    "ListVersionsByFunction": lambda_reads.list_versions_by_function,
    "PublishVersion": lambda_functions.publish_version,
    "PutFunctionConcurrency": lambda_access.put_function_concurrency,
    "RemovePermission": lambda_access.remove_permission,
    "TagResource": lambda_access.tag_resource,
    "UntagResource": lambda_access.untag_resource,
    "UpdateAlias": lambda_aliases.update_alias,
    "UpdateEventSourceMapping": lambda_triggers.update_event_source_mapping,
    "UpdateFunctionCode": lambda_functions.update_function_code,
    "UpdateFunctionConfiguration": lambda_functions.update_function_configuration,
    "UpdateFunctionUrlConfig": lambda_access.update_function_url_config,
}
"""Action -> handler; an action that is absent here is answered by moto."""
