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
    build(account, checkout)
    return deploy_built(account, parameters)


def build(account: Account, checkout: Path) -> None:
    """Builds the stack's files into the account's folder."""
    template = str(checkout / "template.yaml")
    run_tool(account, ["sam", "build", "--build-dir", str(built_in(account)), "--template", template], "sam build")


def deploy_built(account: Account, parameters: dict[str, str]) -> dict[str, str]:
    """Deploys what was built last, into this account or one beside it, and returns the stack's outputs."""
    overrides = [f"{name}={value}" for name, value in parameters.items()]
    command = ["sam", "deploy", "--template-file", str(built_in(account) / "template.yaml"), "--stack-name", STACK]
    command += ["--resolve-s3", "--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset"]
    command += ["--no-fail-on-empty-changeset", "--no-progressbar", "--parameter-overrides", *overrides]
    run_tool(account, command, "sam deploy")
    return outputs(account)


def built_in(account: Account) -> Path:
    """The folder of what was built."""
    return account.folder / "build"


def outputs(account: Account) -> dict[str, str]:
    """The outputs of the deployed stack by name."""
    client = account.session().client("cloudformation", endpoint_url=account.endpoint)
    (stack,) = client.describe_stacks(StackName=STACK)["Stacks"]
    return {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
