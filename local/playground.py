"""`make cloud`: a local cloud with the stack deployed, to play in by hand until Ctrl-C or `make cloud-down`."""

import json
import os
import shlex
import signal
import sys
import textwrap
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from local.account import ROOT, SHIP, Account
from local.bridge import bridged
from local.deployment import deployment
from local.ending import exit_code
from local.locks import take
from local.pipeline import Pipeline, wait_for
from local.progress import UserError, say, step
from local.runtime_image import HERE, bound_to
from local.subscriber import Subscriber

FOLDER = ROOT / ".cloud"
ENVIRONMENT, SETTINGS = FOLDER / "env", FOLDER / "settings.json"
"""What to source, and the functions' variables for `sam local invoke`. They are there while the cloud runs."""
OWNER = FOLDER / "owner"
"""Locked by the command whose cloud runs; its process id stands in it."""
FORGOTTEN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
"""What a shell may have for real accounts, and would be mixed with what is exported."""
STOP_SECONDS = 180
NEWS_SECONDS = 1
TO_TRY = """
The cloud runs, with the stack deployed. In another terminal, in this folder:

    . .cloud/env

Upload the example, wait some ten seconds for its end, and read what became of it:

    cp -r examples/hello .cloud/
    python3 -m zipfile --create .cloud/hello.zip .cloud/hello
    aws s3 cp .cloud/hello.zip "s3://$BUCKET/"
    look() { aws s3api get-object-tagging --bucket "$BUCKET" --key hello.zip; }
    until look | grep -E '"(recorded|failed|rejected)"'; do sleep 1; done
    look
    aws ssm get-parameter --name "$PARAMETER" --query Parameter.Value --output text

Or have `ship` do all of that (docs/ship.md):

    IMAGE=$(ship up examples/hello)
    ship status

Let ECS run it, behind a load balancer, and let it follow the parameter by itself (docs/ecs.md):

    examples/ecs-service/deploy.sh jwt-pizza-service AllowedNetwork=0.0.0.0/0 LoadBalancer=yes
    examples/ecs-service/auto-deploy.sh jwt-pizza-service source-to-ecr
    URL=$(aws cloudformation describe-stacks --stack-name jwt-pizza-service-ecs --output text \\
      --query "Stacks[0].Outputs[?OutputKey=='Url'].OutputValue")
    curl "$URL"

Upload another page, and see it come after some thirty seconds:

    echo 'Another page' > .cloud/hello/www/index.html
    python3 -m zipfile --create .cloud/hello.zip .cloud/hello
    aws s3 cp .cloud/hello.zip "s3://$BUCKET/"
    until curl --silent "$URL" | grep 'Another page'; do sleep 1; done

Roll back to the first, which stays until the next upload:

    FIRST=$(aws ssm get-parameter-history --name "$PARAMETER" --query 'Parameters[0].Value' --output text)
    aws ssm put-parameter --name "$PARAMETER" --overwrite --value "$FIRST" --description "Rolled back"
    until curl --silent "$URL" | grep 'built on aarch64'; do sleep 1; done

Upload an image that is never healthy: the page stays, and after two and a half minutes a mail here says why:

    sed 's/> health/> nowhere/' examples/hello/Dockerfile > .cloud/hello/Dockerfile
    python3 -m zipfile --create .cloud/hello.zip .cloud/hello
    aws s3 cp .cloud/hello.zip "s3://$BUCKET/"

Run the functions one by one, as they stand in functions/ (docs/local-invoke.md):

    sam build --build-dir .cloud/build --parameter-overrides "FunctionArchitecture=$FUNCTION_ARCHITECTURE"
    export SAM_TEMPLATE_FILE=.cloud/build/template.yaml
    aws s3api head-object --bucket "$BUCKET" --key hello.zip |
      jq --arg bucket "$BUCKET" --slurpfile event events/upload-queue.json '. as $head | $event[0] |
        .Records[0].body |= (fromjson | .time = (now | todate) | .detail.bucket.name = $bucket | .detail.object +=
          {key: "hello.zip", size: $head.ContentLength, "version-id": $head.VersionId} | tojson)' > .cloud/event.json
    invoke() {
      sam local invoke "$@" --invoke-image "$INVOKE_IMAGE" --skip-pull-image --env-vars .cloud/settings.json \\
        --parameter-overrides "FunctionArchitecture=$FUNCTION_ARCHITECTURE"
    }
    invoke StartBuild --event .cloud/event.json
    invoke RecordImage --event events/trigger-queue.json

Ctrl-C ends it, and so does `make cloud-down`. Nothing of it stays. Until then, the stack's mails are shown here.
"""


def main() -> int:
    """The exit code: 0 if the cloud ran until somebody ended it, or was ended."""
    return exit_code(stop if sys.argv[1:] == ["down"] else run)


def run() -> None:
    """Runs the cloud until somebody ends it."""
    with owned(), deployment() as deployed:
        here, docker, pipeline = deployed.here, deployed.docker, deployed.pipeline
        with invocable(here, docker), described(here, docker, pipeline):
            say(TO_TRY)
            show_news_until_the_end(Subscriber.at(pipeline))
            say("Stopping.")


@contextmanager
def owned() -> Iterator[None]:
    """While the block runs, this command is the one whose cloud runs in this clone.

    Raises:
        UserError: there is one already.
    """
    FOLDER.mkdir(exist_ok=True)
    with OWNER.open("a") as opened:
        if not take(opened):
            raise UserError(
                "A cloud of this clone runs already: `. .cloud/env` to use it, `make cloud-down` to end it."
            )
        OWNER.write_text(str(os.getpid()))
        try:
            yield
        finally:
            OWNER.unlink()


@contextmanager
def invocable(here: Account, docker: Mapping[str, str]) -> Iterator[None]:
    """While the block runs, `sam local invoke` has an image that knows this cloud, unless the engine can't reach it."""
    with ExitStack() as stack:
        try:
            reachable = stack.enter_context(bridged(here.endpoint, docker))
            stack.enter_context(bound_to(reachable, docker, f"{invoke_image(here)}:rapid-{HERE.name}"))
        except UserError as error:
            say(f"  Without `sam local invoke`: {error}")
        yield


def invoke_image(here: Account) -> str:
    """The repository of the image in which `sam local invoke` runs: this cloud's own, as others use the engine, too."""
    return f"source-to-ecr-playground-{urlsplit(here.endpoint).port}"


@contextmanager
def described(here: Account, docker: Mapping[str, str], pipeline: Pipeline) -> Iterator[None]:
    """While the block runs, the files are there by which shells and `sam local invoke` know the cloud."""
    exported = {
        **here.environment,
        **{name: value for name, value in docker.items() if name != "PATH"},
        "SAM_CLI_TELEMETRY": "0",
        "BUCKET": pipeline.bucket,
        "PARAMETER": pipeline.outputs["ParameterName"],
        "INVOKE_IMAGE": invoke_image(here),
        "FUNCTION_ARCHITECTURE": HERE.name,
    }
    tools = [str(SHIP.parent), *docker.get("PATH", "").split(os.pathsep)]
    ours = [folder for folder in tools if folder and folder not in os.environ["PATH"].split(os.pathsep)]
    lines = [f"unset {' '.join(FORGOTTEN)}", f'export PATH={shlex.quote(os.pathsep.join(ours))}:"$PATH"']
    lines += [f"export {name}={shlex.quote(value)}" for name, value in exported.items()]
    lines.append('aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }')  # for SQS its variable isn't enough
    SETTINGS.write_text(json.dumps({name: pipeline.environment(name) for name in ("StartBuild", "RecordImage")}))
    ENVIRONMENT.write_text("\n".join([*lines, ""]))
    try:
        yield
    finally:
        ENVIRONMENT.unlink()
        SETTINGS.unlink()


def show_news_until_the_end(subscriber: Subscriber) -> None:
    """Prints the mails that the stack sends, and returns on Ctrl-C, or when `make cloud-down` says so."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    while not ended.wait(NEWS_SECONDS):
        shown = len(subscriber.received)
        subscriber.receive()
        for mail in subscriber.received[shown:]:
            if "Subject" in mail:
                say(f"{time.strftime('%H:%M:%S')} {mail['Subject']}")
                say(textwrap.indent(mail["Message"], "    "))


def stop() -> None:
    """Ends the cloud that runs in this clone, and waits until nothing of it is left.

    Raises:
        UserError: none runs.
    """
    FOLDER.mkdir(exist_ok=True)
    with OWNER.open("a") as opened:
        if take(opened):
            OWNER.unlink()
            raise UserError("No cloud of this clone runs.")
        with step("Stopping the cloud"):
            os.kill(int(OWNER.read_text()), signal.SIGTERM)
            wait_for("Its end", lambda: take(opened), STOP_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
