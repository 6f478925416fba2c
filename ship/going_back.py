"""`ship rollback` and `ship forward`: has the parameter name another image, and says what follows."""

import json
from dataclasses import dataclass

from botocore.exceptions import ClientError

from ship import rollback
from ship.access import Access, in_words, is_refusal
from ship.asked import Asked
from ship.records import Records, records
from ship.stack import Stack
from ship.terminal import Terminal, answer


@dataclass(frozen=True)
class GoingBack:
    """What was asked for."""

    access: Access
    stack: Stack
    terminal: Terminal
    as_json: bool = False

    def back(self, to: str | None) -> None:
        """Rolls back, to this build tag or to the image before.

        Raises:
            Problem: there is nothing to go back to, or AWS says no.
        """
        with in_words():
            found = records(self.access, self.stack)
            tag = rollback.target(found, to)
            pinned = rollback.pin(self.access, self.stack, tag)
            self.terminal.say(f"Pinned as {pinned}: it won't expire.")
            uri = self.name(found, tag, f"Rolled back to {tag} from {found.current_tag or found.current.uri}")
            self.terminal.say(f"It holds until an upload is recorded that is newer than {found.newest or tag}.")
            self.warn_of_builds(found)
        self.answer(tag, uri)

    def forward(self) -> None:
        """Ends a rollback: the newest recorded image again.

        Raises:
            Problem: nothing is rolled back, or AWS says no.
        """
        with in_words():
            found = records(self.access, self.stack)
            tag = rollback.newest(found)
            uri = self.name(found, tag, f"Forward again to {tag}")
        self.answer(tag, uri)

    def answer(self, tag: str, uri: str) -> None:
        """Says which image it is: the URI alone on stdout."""
        answer(json.dumps({"imageTag": tag, "imageUri": uri}) if self.as_json else uri)

    def name(self, found: Records, tag: str, description: str) -> str:
        """Has the parameter name the image, says so, and gives its URI."""
        uri = f"{self.stack.repository_uri}@{found.tagged[tag]}"
        rollback.put(self.access, self.stack, uri, description)
        self.terminal.say(f"{self.stack.parameter} names {tag}.", "green")
        self.terminal.say(
            "A service that follows the parameter by itself runs it soon; any other is deployed: docs/ecs.md."
        )
        return uri

    def warn_of_builds(self, found: Records) -> None:
        """Warns of what is being built: where that is newer, its end ends the rollback."""
        try:
            for build in Asked(self.access, self.stack).running():
                if build.image_tag > found.newest:
                    self.terminal.warn(
                        f"{build.version.key} is being built, and will be recorded: ship cancel {build.version.key}"
                    )
        except ClientError as error:
            if not is_refusal(error):
                raise
            self.terminal.warn(
                "Whether something newer is being built can't be seen: that takes codebuild:ListBuildsForProject."
            )
