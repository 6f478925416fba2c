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


def test_variables_of_the_request_win_over_the_projects(builder: Builder) -> None:
    build = builder.run(
        'echo "$OF_BOTH, $OF_THE_PROJECT, $OF_THE_REQUEST"',
        variables={"OF_BOTH": "the request's", "OF_THE_REQUEST": 'é "$HOME" \\'},
    )

    assert builder.printed(build) == ["the request's, the project's, é \"$HOME\" \\"]


def test_a_build_s_record_has_each_of_its_variables_once(builder: Builder) -> None:
    build = builder.run(variables={"OF_BOTH": "the request's"})

    assert {each["name"]: each["value"] for each in build["environment"]["environmentVariables"]} == {
        "FIRST": "true",
        "SECOND": "true",
        "OF_BOTH": "the request's",
        "OF_THE_PROJECT": "the project's",
    }
    assert len(build["environment"]["environmentVariables"]) == 4
    assert {each["type"] for each in build["environment"]["environmentVariables"]} == {"PLAINTEXT"}


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


def test_nothing_of_the_callers_environment_reaches_a_build(builder: Builder) -> None:
    build = builder.run('echo "${OF_THE_CALLER-}${AWS_PROFILE-}."')

    assert builder.printed(build) == ["."]


def test_a_build_knows_itself_and_the_engine(builder: Builder, engine: dict[str, str]) -> None:
    build = builder.run('printf "%s\\n" "$CODEBUILD_BUILD_ID" "$CODEBUILD_BUILD_ARN" "$DOCKER_HOST"')

    assert builder.printed(build) == [build["id"], build["arn"], engine["DOCKER_HOST"]]


def test_a_builds_docker_has_the_engines_plugins(builder: Builder, engine: dict[str, str]) -> None:
    build = builder.run('cat "$DOCKER_CONFIG/config.json"')

    assert json.loads("".join(builder.printed(build))) == {
        "cliPluginsExtraDirs": [f"{engine['DOCKER_CONFIG']}/cli-plugins"]
    }


@pytest.mark.parametrize("folder", ["HOME", "TMPDIR", "DOCKER_CONFIG", "CODEBUILD_SRC_DIR", "PWD"])
def test_a_builds_folders_are_no_other_builds(builder: Builder, here: Account, folder: str) -> None:
    build = builder.run(f'test -w "${folder}" && echo "${folder}"')

    (printed,) = builder.printed(build)
    assert Path(printed).is_relative_to(folder_of(here, build["id"]))


def test_a_command_reads_nothing_from_a_terminal(builder: Builder) -> None:
    build = builder.run("read -r line || echo nothing to read")

    assert builder.printed(build) == ["nothing to read"]


# What commands leave to the next


def test_exported_variables_are_kept_between_commands(builder: Builder) -> None:
    build = builder.run("export TEXT='two\nlines'; not_exported=1", 'echo "$TEXT${not_exported-}"')

    assert builder.printed(build) == ["two", "lines"]


def test_the_folder_is_kept_between_commands(builder: Builder) -> None:
    build = builder.run('mkdir -p "a b/c" && cd "a b/c"', "pwd; echo > here")

    assert builder.printed(build)[0].endswith("/source/a b/c")


def test_options_of_the_shell_are_not_kept(builder: Builder) -> None:
    build = builder.run("set -eu", 'false; echo "${NOT_SET}still here"')

    assert builder.printed(build) == ["still here"]


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


def test_after_a_command_that_fails_none_runs(builder: Builder) -> None:
    build = builder.run("exit 3", "echo never")

    assert build["buildStatus"] == "FAILED"
    assert phases(build)["BUILD"] == "FAILED"
    assert builder.printed(build) == []


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


def test_a_failing_command_is_printed_whole_twice_after_what_it_printed(builder: Builder) -> None:
    build = builder.run("true", "echo reason; exit 3")
    command = COMMANDS[1]
    error = f"Error while executing command: {command}. Reason: exit status 3"

    printed = builder.cloud.log(build).index("reason")
    assert builder.cloud.log(build)[printed + 1].startswith("[Container] ")
    assert builder.own_lines(build)[-3:] == [
        f"Command did not exit successfully {command} exit status 3",
        "Phase complete: BUILD State: FAILED_WITH_ABORT",
        f"Phase context status code: COMMAND_EXECUTION_ERROR Message: {error}",
    ]


def test_the_failed_phase_of_a_build_names_the_command(builder: Builder) -> None:
    build = builder.run("exit 3")
    (context,) = next(each["contexts"] for each in build["phases"] if each["phaseType"] == "BUILD")

    assert context == {
        "statusCode": "COMMAND_EXECUTION_ERROR",
        "message": f"Error while executing command: {COMMANDS[0]}. Reason: exit status 3",
    }


def test_a_long_log_is_whole_and_in_order(builder: Builder) -> None:
    build = builder.run("seq 1200")

    assert builder.printed(build) == [str(number) for number in range(1, 1201)]


def test_bytes_that_are_no_text_do_not_end_a_log_early(builder: Builder) -> None:
    build = builder.run("printf '\\377\\n'; echo after")

    assert builder.printed(build) == ["\ufffd", "after"]


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


def test_the_command_line_of_aws_is_this_projects_own(builder: Builder) -> None:
    build = builder.run("command -v aws")

    assert builder.printed(build) == [str(ROOT / ".venv-cloud" / "bin" / "aws")]


def test_an_isolated_python_of_a_build_has_boto3(builder: Builder) -> None:
    build = builder.run("python3 -I -c 'import boto3, sys; print(sys.executable)'")

    assert builder.printed(build) == [str(ROOT / ".venv-cloud" / "bin" / "python3")]


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
