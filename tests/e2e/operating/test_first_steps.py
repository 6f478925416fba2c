"""docs/operating/first-steps.md: its commands, from an empty account to the recorded image, print what it shows.

Whoever runs them has the policies that the page names, and nothing else.
"""

import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path

from local.emulator import ROOT, SHIP, Account, local_cloud
from local.pipeline import Pipeline
from local.sam import outputs
from tests.docs.support.consoles import Console, consoles
from tests.docs.support.documents import blocks
from tests.e2e.support.uploads import SECONDS
from tests.support.stack import Stack

PAGE = (ROOT / "docs" / "operating" / "first-steps.md").read_text()
DEPLOYER = (ROOT / "docs" / "operating" / "deployer-policy.json").read_text()
COMMANDS = [each for block in blocks(PAGE, "console") for each in consoles(block)]
QUESTIONS_AROUND = 8
"""SAM CLI's own questions, before and after those for the template's parameters."""


@dataclass(frozen=True)
class User:
    """Somebody who isn't an administrator, with the policies that the page names."""

    root: Account
    account: Account

    @classmethod
    def made(cls, here: Account) -> "User":
        """The user, with the deployer's policy."""
        iam = Pipeline(here.session(), {}, here.endpoint).client("iam")
        iam.create_user(UserName="ada")
        iam.put_user_policy(UserName="ada", PolicyName="deployer", PolicyDocument=DEPLOYER)
        key = iam.create_access_key(UserName="ada")["AccessKey"]
        return cls(here, replace(here, credentials=(key["AccessKeyId"], key["SecretAccessKey"])))

    def get_policies(self, *names: str) -> None:
        """Has an administrator attach the policies in these outputs of the stack."""
        iam = Pipeline(self.root.session(), {}, self.root.endpoint).client("iam")
        for name in names:
            iam.attach_user_policy(UserName="ada", PolicyArn=outputs(self.root)[name])


def printed_by(command: Console, here: Account, folder: Path) -> list[str]:
    """What a command prints to somebody who accepts every default and says yes to the last question."""
    parameters = Stack.from_file().document["Parameters"]
    ended = subprocess.run(
        ["bash", "-c", f"exec 2>&1; {command.command}"],
        cwd=folder,
        env={**os.environ, **here.environment, "PATH": f"{SHIP.parent}{os.pathsep}{os.environ['PATH']}", "TZ": "UTC"},
        input="\n" * (len(parameters) + QUESTIONS_AROUND) + "y\n" if "--guided" in command.command else "",
        stdout=subprocess.PIPE,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    assert ended.returncode == 0, ended.stdout
    # Where a check takes long, `ship doctor` says that it is still at work.
    return [line for line in ended.stdout.splitlines() if not line.startswith("Still looking at ")]


def test_the_page_goes_from_an_empty_account_to_the_recorded_image(docker: dict[str, str], tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    (clone / ".venv").symlink_to(ROOT / ".venv")
    (tmp_path / "cloud").mkdir()
    with local_cloud(docker, tmp_path / "cloud") as here:
        ada = User.made(here)
        for command in COMMANDS:
            if command.command == "ship doctor":
                ada.get_policies("FollowerPolicyArn", "UploaderPolicyArn")
            printed = printed_by(command, ada.account, clone)
            assert command.differences(printed) == [], f"{command.command}\n" + "\n".join(printed)

        pipeline = Pipeline(here.session(), outputs(here), here.endpoint)
        assert pipeline.recorded() == printed[-1]
        assert f'region = "{here.environment["AWS_REGION"]}"' in (clone / "samconfig.toml").read_text()
