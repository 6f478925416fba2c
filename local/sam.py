"""Deploys template.yaml to the local cloud with the real SAM CLI."""

from pathlib import Path

from local.emulator import ROOT, Account, run_tool

STACK = "source-to-ecr"


def deploy(account: Account, parameters: dict[str, str], checkout: Path = ROOT) -> dict[str, str]:
    """Builds and deploys the stack, from this checkout or a copy of it.

    Returns:
        The stack's outputs by name.

    Raises:
        UserError: SAM CLI failed. The text has the end of its output.
    """
    build = account.folder / "build"
    run_tool(
        account, ["sam", "build", "--build-dir", str(build), "--template", str(checkout / "template.yaml")], "sam build"
    )
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    command = ["sam", "deploy", "--template-file", str(build / "template.yaml"), "--stack-name", STACK, "--resolve-s3"]
    command += ["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"]
    command += ["--no-progressbar", "--parameter-overrides", *overrides]
    run_tool(account, command, "sam deploy")
    return outputs(account)


def outputs(account: Account) -> dict[str, str]:
    """The outputs of the deployed stack by name."""
    client = account.session().client("cloudformation", endpoint_url=account.endpoint)
    (stack,) = client.describe_stacks(StackName=STACK)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
