"""IAM: the condition keys and resource ARNs that the stack's policies use, and a record of used permissions."""

import json
import re
from functools import cache
from typing import Any

from ministack import app
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id, get_region
from ministack.services import iam

from local.cloud.shared.answers import json_object
from local.cloud.shared.live_settings import USED_PERMISSIONS, folder
from local.cloud.shared.replacing import Function, replaces

PROTOCOL = b"x-forwarded-proto"
NAMING_MANY = ("tasks", "serviceRevisionArns", "taskDefinitions")
"""The members of ECS's requests that name several resources."""


@replaces(iam_actions, "request_tag_context")
def _(original: Function) -> Function:
    def context(service: str, action: str, body: bytes, parameters: dict[str, Any]) -> dict[str, Any]:
        """Adds the condition keys of StartBuild, PutEvents and ListTasks that policies here use to a request's context.

        https://docs.aws.amazon.com/codebuild/latest/userguide/action-context-keys.html
        """
        # assumes: action-resources, start-build-denies
        found: dict[str, Any] = dict(original(service, action, body, parameters))
        request = json_object(body) if action in {"codebuild:StartBuild", "events:PutEvents", "ecs:ListTasks"} else {}
        if "buildspecOverride" in request:
            found["codebuild:source.buildspec"] = request["buildspecOverride"]
        if variables := request.get("environmentVariablesOverride"):
            found["codebuild:environment.environmentVariables.name"] = [each["name"] for each in variables]
        if cluster := request.get("cluster"):
            found["ecs:cluster"] = f"arn:aws:ecs:{get_region()}:{get_account_id()}:cluster/{cluster}"
        if sources := sorted({entry.get("Source", "") for entry in request.get("Entries", [])}):
            found["events:source"] = sources[0] if len(sources) == 1 else sources
        return found

    return context


def layer_version(service: str, method: str, path: str, query: dict[str, Any]) -> str:
    """The ARN in a GetLayerVersionByArn request. Empty for other requests.

    https://docs.aws.amazon.com/lambda/latest/api/API_GetLayerVersionByArn.html
    """
    if (service, method) != ("lambda", "GET") or not path.endswith("/layers"):
        return ""
    return str(next(iter(query.get("Arn", [])), "")) if "find" in query else ""


@replaces(iam_actions, "extract_iam_action")
def _(original: Function) -> Function:
    def action(  # noqa: PLR0917  # the emulator's signature
        service: str, method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, Any]
    ) -> str | None:
        """Distinguishes GetLayerVersionByArn from ListLayers, which has the same path."""
        if layer_version(service, method, path, query):
            return "lambda:GetLayerVersion"
        found: str | None = original(service, method, path, headers, body, query)
        return found

    return action


@replaces(iam_actions, "extract_resource_arn")
def _(original: Function) -> Function:
    def arn(  # noqa: PLR0917  # the emulator's signature
        service: str,
        method: str,
        path: str,
        headers: dict[str, str],
        body: bytes,
        query: dict[str, Any],
        region: str,
        account: str,
    ) -> str:
        """Finds the resource that a call names: builds, services and tasks, rules, log streams, layer versions."""
        if version := layer_version(service, method, path, query):
            return version
        # assumes: action-resources
        found: str = original(service, method, path, headers, body, query, region, account)
        request = json_object(body) if service in {"codebuild", "ecs", "events", "logs"} else {}
        if service == "events" and (rule := request.get("Rule") or request.get("Name")):
            return f"arn:aws:events:{region}:{account}:rule/{rule}"  # of the default bus
        if service == "codebuild" and found == "*":
            builds = request.get("ids") or [request[member] for member in ("id", "projectName") if member in request]
            projects = {build.split(":build/")[-1].split(":")[0] for build in builds}
            if len(projects) == 1:
                return f"arn:aws:codebuild:{region}:{account}:project/{projects.pop()}"
        if service == "ecs" and (name := next(iter(request.get("services", [])), request.get("service"))):
            return f"arn:aws:ecs:{region}:{account}:service/{request['cluster']}/{name}"
        if service == "ecs" and "containerDefinitions" in request:
            return "*"  # assumes: register-task-definition-on-star
        if service == "ecs" and (named := next(filter(None, map(request.get, NAMING_MANY)), None)):
            return str(named[0])
        if service == "ecs" and "resourceArn" in request:
            return str(request["resourceArn"])
        if service == "logs" and "logGroupName" in request and ":log-stream:" not in found:
            return f"{found}:log-stream:{request.get('logStreamName', '')}"  # as in AWS's refusals
        return found

    return arn


@replaces(iam_evaluator, "_fnmatch_compile")
def _(original: Function) -> Function:
    @cache
    def compiled(pattern: str, ignore_case: bool) -> "re.Pattern[str]":  # the emulator's signature
        """Lets a policy's `*` also match line breaks, which keys may contain."""
        found: re.Pattern[str] = original(pattern, ignore_case)
        return re.compile(found.pattern, found.flags | re.DOTALL)

    return compiled


@replaces(app, "app")
def _(original: Function) -> Function:
    async def over_tls(scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Marks a request that isn't marked as sent over TLS: loopback has none, and the source bucket requires it."""
        if scope["type"] == "http" and PROTOCOL not in dict(scope["headers"]):
            scope["headers"] = [*scope["headers"], (PROTOCOL, b"https")]
        await original(scope, receive, send)

    return over_tls


# --- The record of used permissions ---------------------------------------------------------------------------------

seen: set[tuple[str, str, str, bool]] = set()
"""The caller, action and resource of each request that was looked at, and whether it was allowed."""
used: set[tuple[str, str, str]] = set()
"""The principal, policy and action of each line, which has the first resource as well."""


@replaces(iam_evaluator, "enforce")
def _(original: Function) -> Function:
    def enforce(
        access_key: str, action: str, service: str, region: str, resource_arn: str = "*", **more: Any
    ) -> Any:  # the emulator's signature
        """Records requests, except those that a Deny refuses."""
        denied = original(access_key, action, service, region, resource_arn=resource_arn, **more)
        if denied is None or getattr(denied, "decision", "") == "ImplicitDeny":
            caller = iam_evaluator.resolve_caller_identity(access_key)
            request = ((caller or {}).get("userArn", ""), action, resource_arn, denied is None)
            if request not in seen:
                seen.add(request)
                record(*request)
        return denied

    return enforce


def record(caller: str, action: str, resource: str, is_allowed: bool) -> None:
    """Writes a line for each policy of the caller that allowed the action, or one without a policy if none did."""
    kind, _, name = caller.rpartition(":")[2].partition("/")  # assumed-role/<role>/<session>, user/<user> or root
    principal = name.partition("/")[0] if kind == "assumed-role" else name
    documents = policies(kind, principal)
    if not documents:  # root, or a role that is being deleted
        return
    allowing = [policy for policy, document in documents.items() if allows(document, action, resource)]
    for policy in allowing if is_allowed else [""]:
        if (principal, policy, action) not in used:
            used.add((principal, policy, action))
            line = {"principal": principal, "policy": policy, "action": action, "resource": resource}
            with (folder() / USED_PERMISSIONS).open("a") as file:
                file.write(json.dumps(line) + "\n")


def policies(kind: str, principal: str) -> dict[str, Any]:
    """The documents of a role or user, by the names of inline policies and the ARNs of managed ones."""
    account = get_account_id()
    store = iam._roles if kind == "assumed-role" else iam._users
    entity = store.get_scoped(account, None, principal) or {}
    inline = entity.get("InlinePolicies") if kind == "assumed-role" else iam._user_inline_policies.get(principal)
    managed = {
        arn: iam_evaluator._resolve_managed_policy_document(arn, account) for arn in entity.get("AttachedPolicies", [])
    }
    return {**(inline or {}), **managed}


def allows(document: Any, action: str, resource: str) -> bool:
    """Whether a statement allows the action on the resource, whatever its conditions: the request was allowed."""
    return any(
        statement.effect == "Allow"
        and iam_evaluator._action_matches(action, statement.actions, statement.not_actions)
        and iam_evaluator._resource_matches(resource, statement.resources, statement.not_resources)
        for statement in iam_evaluator.parse_policy_document(document or {})
    )
