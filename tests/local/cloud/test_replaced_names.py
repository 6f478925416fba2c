"""What is replaced and used of the emulator is private to it: another release of it must fail here, by name."""

import ast
import json
import subprocess
import tomllib
from pathlib import Path

import pytest

from local.emulator import CLOUD_PYTHON, ROOT, cloud_environment

VERSION = "1.5.33"
PROVISIONERS = "ministack.services.cloudformation.provisioners"
REPLACED = {
    "Worker._drain_stderr_bounded": (
        "(self, first_line_wait: float = 0.05, idle_confirm: float = 0.005, hard_cap: float = 0.25) -> str"
    ),
    "ministack.app.app": "(scope, receive, send)",
    "ministack.core.iam_actions.extract_iam_action": (
        "(service: str, method: str, path: str, headers: dict, body: bytes, query_params: dict) -> str | None"
    ),
    "ministack.core.iam_actions.extract_resource_arn": (
        "(service: str, method: str, path: str, headers: dict, body: bytes, query_params: dict, region: str, "
        "account_id: str) -> str"
    ),
    "ministack.core.iam_actions.request_tag_context": (
        "(service: str, iam_action: str, body: bytes, params: dict) -> dict"
    ),
    "ministack.core.iam_evaluator._fnmatch_compile": "(pattern: str, ignore_case: bool) -> re.Pattern",
    "ministack.core.iam_evaluator.enforce": (
        "(access_key_id: str, iam_action: str, service: str, region: str, resource_arn: str = '*', "
        "service_context: dict[str, typing.Any] | None = None) -> ministack.core.iam_evaluator.EvalResult | "
        "ministack.core.iam_evaluator.AuthError | None"
    ),
    "ministack.services.cloudformation.changesets._deploy_stack_async": (
        "(stack_name: str, stack_id: str, template: dict, param_values: dict, disable_rollback: bool, tags: list, "
        "is_update: bool = False, previous_stack: dict | None = None, retain_except_on_create: bool = False, "
        "imports: dict | None = None)"
    ),
    "ministack.services.cloudformation.changesets._evaluate_conditions": "(template: dict, params: dict) -> dict",
    "ministack.services.cloudformation.handlers._evaluate_conditions": "(template: dict, params: dict) -> dict",
    f"{PROVISIONERS}._codebuild_project_create": "(logical_id, props, stack_name)",
    f"{PROVISIONERS}._codebuild_project_update": "(physical_id, old_props, new_props, stack_name)",
    f"{PROVISIONERS}._cwlogs_create": "(logical_id, props, stack_name)",
    f"{PROVISIONERS}._cwlogs_update": "(physical_id, old_props, new_props, stack_name, logical_id=None)",
    f"{PROVISIONERS}._ecr_cfn_to_api": "(props)",
    f"{PROVISIONERS}._ecs_service_create": "(logical_id, props, stack_name)",
    f"{PROVISIONERS}._ecs_service_update": "(physical_id, old_props, new_props, stack_name)",
    f"{PROVISIONERS}._ecs_task_def_create": "(logical_id, props, stack_name)",
    f"{PROVISIONERS}._elbv2_load_balancer_create": "(logical_id, props, stack_name)",
    f"{PROVISIONERS}._s3_create": "(logical_id, props, stack_name)",
    "ministack.services.cloudformation.stacks._evaluate_conditions": "(template: dict, params: dict) -> dict",
    "ministack.services.cloudformation.stacks._runs_on_worker_thread": "(resource_type: str) -> bool",
    "ministack.services.cloudformation.stacks._sends_back_failed_update": "(resource_type: str) -> bool",
    "ministack.services.codebuild._list_builds_for_project": "(data)",
    "ministack.services.codebuild._start_build": "(data)",
    "ministack.services.codebuild._stop_build": "(data)",
    "ministack.services.ecr._batch_get_image": "(data)",
    "ministack.services.ecr._describe_images": "(data)",
    "ministack.services.ecr._list_images": "(data)",
    "ministack.services.ecr._put_image": "(data)",
    "ministack.services.ecr._repo_uri": "(name)",
    "ministack.services.ecr._v2_put_manifest": "(name, ref, headers, body)",
    "ministack.services.ecr.handle_registry_request": "(method, path, headers, body, query_params)",
    "ministack.services.ecs._build_run_kwargs": (
        "(cdef, td, env, port_bindings, ecs_network, host_mode, task_id, task_arn, ministack_net_ip, cluster_arn)"
    ),
    "ministack.services.ecs._complete_service_deployment": "(cluster_name, svc_key, expected_deployment_id=None)",
    "ministack.services.ecs._make_deployment": "(task_definition, desired_count, status='PRIMARY')",
    "ministack.services.ecs._maybe_mark_stopped": "(task, docker_client=None)",
    "ministack.services.ecs._reconcile_service_tasks": "(cluster_name, svc_key)",
    "ministack.services.ecs._record_service_task_failure": "(task, digest_resolution_failed=False)",
    "ministack.services.ecs._record_service_task_healthy": "(svc_key, task)",
    "ministack.services.ecs._resolve_repository_credentials": "(cdef)",
    "ministack.services.ecs._run_task": "(data)",
    "ministack.services.ecs._start_task_worker": "(task, td, container_overrides, docker_client)",
    "ministack.services.ecs._task_ip": "(task)",
    "ministack.services.eventbridge._dispatch_event": "(event, view=None)",
    "ministack.services.eventbridge._invoke_target": "(target, event, rule, view=None)",
    "ministack.services.s3._complete_multipart_upload": (
        "(bucket_name: str, key: str, body: bytes, query_params: dict, headers: dict | None = None)"
    ),
    "ministack.services.s3._fire_s3_event": (
        "(bucket_name: str, key: str, event_name: str, size: int = 0, etag: str = '', "
        "deletion_type: str | None = None, restore_event_data: dict | None = None, version_id: str | None = None, "
        "sequencer: str | None = None, object_extra: dict | None = None, record_extra: dict | None = None) -> None"
    ),
    "ministack.services.cloudwatch_logs._compile_filter_pattern": "(raw: str)",
    "ministack.services.cloudwatch_logs._filter_log_events": "(data)",
    "ministack.services.s3._get_object": "(bucket_name: str, key: str, headers: dict, query_params: dict = None)",
    "ministack.services.s3._get_object_tagging": "(bucket_name: str, key: str, query_params: dict | None = None)",
    "ministack.services.s3._put_object_tagging": (
        "(bucket_name: str, key: str, body: bytes, query_params: dict | None = None)"
    ),
    "ministack.services.ssm._delete_parameter": "(data)",
    "ministack.services.ssm._delete_parameters": "(data)",
    "ministack.services.ssm._put_parameter": "(data)",
}
USED = {
    "ministack.core.iam_evaluator._action_matches",
    "ministack.core.iam_evaluator._resolve_managed_policy_document",
    "ministack.core.iam_evaluator._resource_matches",
    "ministack.services.iam._roles",
    "ministack.services.iam._user_inline_policies",
    "ministack.services.iam._users",
    "ministack.services.alb._lbs",
    "ministack.services.cloudformation._stacks",
    "ministack.services.cloudformation.engine._resolve_refs",
    f"{PROVISIONERS}._RESOURCE_HANDLERS",
    f"{PROVISIONERS}._STACK_TAG_PROPERTY",
    f"{PROVISIONERS}._codebuild_project_create",
    f"{PROVISIONERS}._codebuild_project_update",
    f"{PROVISIONERS}._ecs_service_create",
    f"{PROVISIONERS}._ecs_service_delete",
    f"{PROVISIONERS}._ecs_service_update",
    f"{PROVISIONERS}._ecs_task_def_create",
    f"{PROVISIONERS}._elbv2_load_balancer_create",
    f"{PROVISIONERS}._cwlogs_create",
    f"{PROVISIONERS}._cwlogs_update",
    f"{PROVISIONERS}._pascal_to_camel",
    f"{PROVISIONERS}._physical_name",
    f"{PROVISIONERS}._s3_create",
    "ministack.services.codebuild._build_id",
    "ministack.services.codebuild._builds",
    "ministack.services.codebuild._make_build_record",
    "ministack.services.codebuild._projects",
    "ministack.services.ecr._find_image",
    "ministack.services.ecr._image_digest",
    "ministack.services.ecr._images",
    "ministack.services.ecr._registry_error",
    "ministack.services.ecr._repositories",
    "ministack.services.ecs._ACTION_MAP",
    "ministack.services.ecs._ImagePullError",
    "ministack.services.ecs._SecretResolutionError",
    "ministack.services.ecs._cleanup_task_resources",
    "ministack.services.ecs._cluster_name_from_arn",
    "ministack.services.ecs._deployment_for_task",
    "ministack.services.ecs._get_docker",
    "ministack.services.ecs._mark_task_stopped",
    "ministack.services.ecs._primary_deployment",
    "ministack.services.ecs._record_service_task_failure",
    "ministack.services.ecs._resolve_td_key",
    "ministack.services.ecs._schedule_service_deployment_completion",
    "ministack.services.ecs._services",
    "ministack.services.ecs._task_defs",
    "ministack.services.eventbridge._put_events",
    "ministack.services.s3._bucket_tags",
    "ministack.services.s3._delete_marker_read_refused",
    "ministack.services.s3._ensure_bucket",
    "ministack.services.s3._error",
    "ministack.services.s3._multipart_uploads",
    "ministack.services.s3._object_versions",
    "ministack.services.s3._parse_range",
    "ministack.services.s3._qp",
    "ministack.services.s3._range_error_xml",
    "ministack.services.s3._xml_body",
    "ministack.services.sqs._HANDLERS",
    "ministack.services.sqs._queue_by_arn",
    "ministack.services.ssm._parameter_history",
    "ministack.services.ssm._parameters",
}


def python(folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """What the emulator's own Python did."""
    return subprocess.run(
        [CLOUD_PYTHON, *arguments],
        cwd=ROOT,
        env=cloud_environment({}, folder, 1),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def private_names(source: str) -> set[str]:
    """The emulator's private names that a module gets at as attributes."""
    tree = ast.parse(source)
    modules = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "ministack"
        for alias in node.names
    }
    return {
        f"{modules[node.value.id]}.{node.attr}"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
        if node.attr.startswith("_")
    }


def test_the_replaced_names_are_exactly_these_and_called_so(tmp_path: Path) -> None:
    listed = python(tmp_path, "-m", "local.cloud", "--names")

    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout) == REPLACED


def test_the_private_names_that_are_used_are_exactly_these() -> None:
    sources = [path.read_text() for path in (ROOT / "local" / "cloud").rglob("*.py")]

    assert set().union(*map(private_names, sources)) == USED


def test_the_emulator_has_each_private_name_that_is_used(tmp_path: Path) -> None:
    script = "import importlib, sys\nfor name in sys.argv[1:]:\n module, _, private = name.rpartition('.')\n"
    looked = python(tmp_path, "-c", script + " getattr(importlib.import_module(module), private)", *USED)

    assert looked.returncode == 0, looked.stderr


@pytest.mark.parametrize(
    ("module", "name"),
    [("ministack.services.ssm", "_put_parameter"), ("ministack.core.iam_actions", "extract_resource_arn")],
)
def test_a_name_that_the_emulator_has_no_more_keeps_the_local_cloud_from_starting(
    tmp_path: Path, module: str, name: str
) -> None:
    script = (
        f"import {module} as module, runpy\ndel module.{name}\nrunpy.run_module('local.cloud', run_name='__main__')"
    )
    started = python(tmp_path, "-c", script)

    assert started.returncode == 1
    assert started.stderr.splitlines()[-1].startswith(f"AttributeError: module '{module}' has no attribute '{name}'")


def test_the_emulator_is_of_the_pinned_release(tmp_path: Path) -> None:
    installed = python(tmp_path, "-c", "from importlib.metadata import version; print(version('ministack'))")

    assert installed.stdout.strip() == VERSION
    assert f"ministack=={VERSION}" in tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]["cloud"]
    assert f"ministack=={VERSION}" in (ROOT / "requirements/cloud.txt").read_text().splitlines()
