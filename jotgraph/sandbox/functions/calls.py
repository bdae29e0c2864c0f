"""Every Lambda call that the sandbox answers."""

from __future__ import annotations

from collections.abc import Mapping

from jotgraph.sandbox.functions import (
    access,
    aliases,
    capacity,
    extras,
    functions,
    reads,
    runs,
    triggers,
)
from jotgraph.sandbox.world import Handler

HANDLERS: Mapping[str, Handler] = {
    **capacity.HANDLERS,
    **extras.HANDLERS,
    "AddPermission": access.add_permission,
    "CreateAlias": aliases.create_alias,
    "CreateEventSourceMapping": triggers.create_event_source_mapping,
    "CreateFunction": functions.create_function,
    "CreateFunctionUrlConfig": access.create_function_url_config,
    "DeleteAlias": aliases.delete_alias,
    "DeleteEventSourceMapping": triggers.delete_event_source_mapping,
    "DeleteFunction": functions.delete_function,
    "DeleteFunctionConcurrency": access.delete_function_concurrency,
    "DeleteFunctionUrlConfig": access.delete_function_url_config,
    "GetAlias": aliases.get_alias,
    "GetEventSourceMapping": triggers.get_event_source_mapping,
    "GetFunction": reads.get_function,
    "GetFunctionConcurrency": access.get_function_concurrency,
    "GetFunctionConfiguration": reads.get_function_configuration,
    "GetFunctionUrlConfig": access.get_function_url_config,
    "GetPolicy": access.get_policy,
    "Invoke": runs.invoke,
    "ListAliases": aliases.list_aliases,
    "ListEventSourceMappings": triggers.list_event_source_mappings,
    "ListFunctionUrlConfigs": access.list_function_url_configs,
    "ListFunctions": reads.list_functions,
    "ListTags": access.list_tags,
    "ListVersionsByFunction": reads.list_versions_by_function,
    "PublishVersion": functions.publish_version,
    "PutFunctionConcurrency": access.put_function_concurrency,
    "RemovePermission": access.remove_permission,
    "TagResource": access.tag_resource,
    "UntagResource": access.untag_resource,
    "UpdateAlias": aliases.update_alias,
    "UpdateEventSourceMapping": triggers.update_event_source_mapping,
    "UpdateFunctionCode": functions.update_function_code,
    "UpdateFunctionConfiguration": functions.update_function_configuration,
    "UpdateFunctionUrlConfig": access.update_function_url_config,
}
"""Action -> handler; an action that is absent here is answered by moto."""
