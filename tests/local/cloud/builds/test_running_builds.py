"""A build's commands run as CodeBuild runs them, in an environment that is theirs alone."""

import json
from pathlib import Path

import pytest

from local.cloud.builds.buildspec import PHASES
from local.emulator import ROOT, Account
from local.pipeline import wait_for
from tests.local.support.building import Builder, phases
from tests.local.support.pipes import Gate
from tests.local.support.resources import COMMANDS, PHASED_PROJECT, READABLE
from tests.support.waiting import PATIENCE

BEFORE_COMMANDS = ["SUBMITTED", "QUEUED", "PROVISIONING", "DOWNLOAD_SOURCE"]
IN_COMMANDS = ["INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD"]
AFTER_COMMANDS = ["UPLOAD_ARTIFACTS", "FINALIZING"]


def folder_of(here: Account, build_id: str) -> Path:
    """The folder in which a build works."""
    return here.folder / "builds" / build_id.partition(":")[2]


def in_phase(name: str, *commands: str) -> list[str]:
    """CodeBuild's own lines of a phase that succeeds."""
    running = [f"Running command {command}" for command in commands]
    complete = [f"Phase complete: {name} State: SUCCEEDED", "Phase context status code:  Message: "]
    return [f"Entering phase {name}", *running, *complete]


# What a command gets


def test_variables_of_the_request_win_over_the_projects_and_a_build_s_record_has_each_once(builder: Builder) -> None:
    first = 'echo "$OF_BOTH, $OF_THE_PROJECT, $OF_THE_REQUEST"'
    own = {"OF_BOTH": "the request's", "OF_THE_REQUEST": 'é "$HOME" \\'}
    build = builder.run(first, variables=own)
    recorded = build["environment"]["environmentVariables"]

    assert builder.printed(build) == ["the request's, the project's, é \"$HOME\" \\"]
    expected = {"FIRST": first, "SECOND": "true", "OF_THE_PROJECT": "the project's", **own}
    assert {each["name"]: each["value"] for each in recorded} == expected
    assert len(recorded) == len(expected)
    assert {each["type"] for each in recorded} == {"PLAINTEXT"}


def test_a_command_gets_exactly_these_variables(builder: Builder) -> None:
    build = builder.run("env | cut -d= -f1 | sort -u")

    assert set(builder.printed(build)) == {
        *("FIRST", "SECOND", "OF_BOTH", "OF_THE_PROJECT"),
        *("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"),
        *("AWS_ENDPOINT_URL", "AWS_REGION", "AWS_DEFAULT_REGION"),
        *("CODEBUILD_BUILD_ARN", "CODEBUILD_BUILD_ID", "CODEBUILD_BUILD_SUCCEEDING", "CODEBUILD_SRC_DIR"),
        "CODEBUILD_LOCAL_STATE",
        *("PATH", "HOME", "TMPDIR", "DOCKER_HOST", "DOCKER_CONFIG"),
        *("PWD", "OLDPWD", "SHLVL", "_"),  # bash's own
    }


def test_a_build_knows_itself_and_the_engine_with_its_plugins_and_reads_no_terminal(
    builder: Builder, engine: dict[str, str]
) -> None:
    build = builder.run(
        'echo "$CODEBUILD_BUILD_ID $CODEBUILD_BUILD_ARN $DOCKER_HOST"; read -r line || echo nothing to read',
        'cat "$DOCKER_CONFIG/config.json"',
    )
    itself, terminal, *config = builder.printed(build)

    assert itself == f"{build['id']} {build['arn']} {engine['DOCKER_HOST']}"
    assert terminal == "nothing to read"
    assert json.loads("".join(config)) == {"cliPluginsExtraDirs": [f"{engine['DOCKER_CONFIG']}/cli-plugins"]}


def test_a_builds_folders_are_no_other_builds(builder: Builder, here: Account) -> None:
    folders = '"$HOME" "$TMPDIR" "$DOCKER_CONFIG" "$CODEBUILD_SRC_DIR" "$PWD"'
    build = builder.run(f'for folder in {folders}; do test -w "$folder" && echo "$folder"; done')
    printed = builder.printed(build)

    assert len(printed) == 5
    assert all(Path(each).is_relative_to(folder_of(here, build["id"])) for each in printed)


# What commands leave to the next


def test_exported_variables_and_the_folder_are_kept_between_commands_and_options_of_the_shell_are_not(
    builder: Builder,
) -> None:
    build = builder.run(
        "export TEXT='two\nlines'; not_exported=1; mkdir -p 'a b/c' && cd 'a b/c'; set -eu",
        'echo "$TEXT${not_exported-}"; pwd; echo > here; false; echo "${NOT_SET}still here"',
    )
    *text, folder, last = builder.printed(build)

    assert text == ["two", "lines"]
    assert folder.endswith("/source/a b/c")
    assert last == "still here"


def test_nothing_of_a_builds_folder_is_left_after_its_end(builder: Builder, here: Account, gate: Gate) -> None:
    build = builder.start("echo > left.txt; echo > ~/left.txt", gate.command)
    gate.let_pass()
    builder.ended(build)

    wait_for("The folder's removal", lambda: not folder_of(here, build["id"]).exists(), PATIENCE)


# How it ends


def test_a_build_whose_commands_succeed_has_succeeded_with_its_log(builder: Builder) -> None:
    build = builder.run("echo one; echo two >&2", "printf three")

    assert build["buildStatus"] == "SUCCEEDED"
    assert builder.printed(build) == ["one", "two", "three"]
    assert builder.own_lines(build) == [
        *in_phase("INSTALL"),
        *in_phase("PRE_BUILD"),
        *in_phase("BUILD", *COMMANDS),
        *in_phase("POST_BUILD"),
    ]


def test_the_commands_of_all_phases_run_in_order_and_each_phase_has_its_record(builder: Builder) -> None:
    build = builder.run(project=PHASED_PROJECT)

    assert builder.printed(build) == [*PHASES]
    assert phases(build) == dict.fromkeys([*BEFORE_COMMANDS, *IN_COMMANDS, *AFTER_COMMANDS], "SUCCEEDED")
    assert build["phases"][-1]["phaseType"] == "COMPLETED"


@pytest.mark.parametrize("name", PHASES)
def test_after_a_phase_that_fails_no_command_runs_and_the_build_ends_as_codebuild_ends_it(
    builder: Builder, name: str
) -> None:
    build = builder.run("exit 3", name, project=PHASED_PROJECT)
    last = PHASES.index(name)

    assert builder.printed(build) == [*PHASES[: last + 1]]
    assert phases(build) == {
        **dict.fromkeys([*BEFORE_COMMANDS, *IN_COMMANDS[:last]], "SUCCEEDED"),
        name.upper(): "FAILED",
        **dict.fromkeys(AFTER_COMMANDS, "SUCCEEDED"),
    }


def test_folder_and_environment_are_kept_from_phase_to_phase(builder: Builder) -> None:
    kept = "mkdir -p a && cd a && export DEPTH=${DEPTH-}x && echo ${PWD##*/source/} $DEPTH"
    build = builder.run(kept, "*", project=PHASED_PROJECT)

    assert builder.printed(build)[1::2] == ["a x", "a/a xx", "a/a/a xxx", "a/a/a/a xxxx"]


def test_after_a_command_that_fails_none_runs_and_it_is_named_in_its_phase_and_twice_in_the_log(
    builder: Builder,
) -> None:
    build = builder.run("echo reason; exit 3", "echo never")
    command = COMMANDS[0]
    error = f"Error while executing command: {command}. Reason: exit status 3"

    printed = builder.cloud.log(build).index("reason")
    assert builder.cloud.log(build)[printed + 1].startswith("[Container] ")
    assert builder.own_lines(build)[-3:] == [
        f"Command did not exit successfully {command} exit status 3",
        "Phase complete: BUILD State: FAILED_WITH_ABORT",
        f"Phase context status code: COMMAND_EXECUTION_ERROR Message: {error}",
    ]
    assert (build["buildStatus"], phases(build)["BUILD"]) == ("FAILED", "FAILED")
    assert builder.printed(build) == ["reason"]
    (context,) = next(each["contexts"] for each in build["phases"] if each["phaseType"] == "BUILD")
    assert context == {"statusCode": "COMMAND_EXECUTION_ERROR", "message": error}


def test_a_long_log_is_whole_and_in_order_though_it_begins_with_bytes_that_are_no_text(builder: Builder) -> None:
    build = builder.run("printf '\\377\\n'; seq 1200")

    assert builder.printed(build) == ["\ufffd", *(str(number) for number in range(1, 1201))]


# Whose rights it has


def test_a_build_has_its_roles_rights_and_no_more(builder: Builder, unique: str) -> None:
    builder.cloud.ssm.put_parameter(Name=READABLE, Value="read", Type="String", Overwrite=True)
    build = builder.run(
        f"aws ssm get-parameter --name {READABLE} --query Parameter.Value --output text",
        f"aws ssm put-parameter --name /{unique} --value written --type String",
    )

    assert build["buildStatus"] == "FAILED"
    assert builder.printed(build)[0] == "read"
    denied = "\n".join(builder.printed(build)[1:])
    assert "AccessDenied" in denied
    assert f"assumed-role/{builder.cloud.outputs['RoleName']}/AWSCodeBuild-" in denied
    assert builder.cloud.ssm.get_parameters(Names=[f"/{unique}"])["InvalidParameters"] == [f"/{unique}"]


def test_the_command_line_of_aws_and_the_python_that_has_boto3_are_this_projects_own(builder: Builder) -> None:
    build = builder.run("command -v aws", "python3 -I -c 'import boto3, sys; print(sys.executable)'")

    assert builder.printed(build) == [str(ROOT / ".venv-cloud" / "bin" / name) for name in ("aws", "python3")]


def test_a_build_whose_role_may_not_log_fails_and_says_so_in_its_phase(builder: Builder) -> None:
    iam, role = builder.cloud.client("iam"), builder.cloud.outputs["RoleName"]
    denial = {"Effect": "Deny", "Action": "logs:CreateLogStream", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [denial]})
    iam.put_role_policy(RoleName=role, PolicyName="taken", PolicyDocument=document)
    try:
        build = builder.run()
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="taken")

    (context,) = [each for phase in build["phases"] for each in phase.get("contexts", []) if each["message"]]
    assert build["buildStatus"] == "FAILED"
    assert context["statusCode"] == "ACCESS_DENIED"
    assert f"assumed-role/{role}/AWSCodeBuild-" in context["message"]
    assert "is not authorized to perform: logs:CreateLogStream" in context["message"]
