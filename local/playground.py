"""`make cloud`: a local cloud with the stack deployed, to try things in until Ctrl-C or `make cloud-down`."""

import json
import os
import shlex
import signal
import sys
import textwrap
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from urllib.parse import urlsplit

from local.deployment import deployment
from local.docker.bridge import bridged
from local.docker.locks import take
from local.docker.runtime_image import HERE, bound_to
from local.emulator import ROOT, SHIP, Account
from local.exits import exit_code
from local.pipeline import Pipeline, wait_for
from local.progress import UserError, say, step
from local.subscriber import Subscriber

FOLDER = ROOT / ".cloud"
ENVIRONMENT, SETTINGS = FOLDER / "env", FOLDER / "settings.json"
"""A file to source, and the functions' variables for `sam local invoke`. They exist while the cloud runs."""
OWNER = FOLDER / "owner"
"""Locked by the command that runs the cloud. It holds that command's process id."""
FORGOTTEN = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN")
"""Variables for real accounts, which would mix with those that we export."""
STOP_SECONDS = 180
NEWS_SECONDS = 1
TO_TRY = """
The cloud is running and the stack is deployed. In another terminal, in this folder, run:

    . .cloud/env

Upload the example, wait about ten seconds until it is done, and see the result:

    cp -r examples/hello .cloud/
    python3 -m zipfile --create .cloud/hello.zip .cloud/hello
    aws s3 cp .cloud/hello.zip "s3://$BUCKET/"
    look() { aws s3api get-object-tagging --bucket "$BUCKET" --key hello.zip; }
    until look | grep -E '"(recorded|failed|rejected)"'; do sleep 1; done
    look
    aws ssm get-parameter --name "$PARAMETER" --query Parameter.Value --output text

Or let `ship` do all of that (docs/ship.md):

    IMAGE=$(ship up examples/hello)
    ship status

Let ECS run it behind a load balancer, and deploy each new image automatically (docs/ecs.md):

    examples/ecs-service/deploy.sh jwt-pizza-service AllowedNetwork=0.0.0.0/0 LoadBalancer=yes
    examples/ecs-service/auto-deploy.sh jwt-pizza-service source-to-ecr
    URL=$(aws cloudformation describe-stacks --stack-name jwt-pizza-service-ecs --output text \\
      --query "Stacks[0].Outputs[?OutputKey=='Url'].OutputValue")
    curl "$URL"

Upload another page, wait about half a minute until ECS runs it, and see it:

    echo 'Another page' > .cloud/hello/www/index.html
    ship up --until running .cloud/hello
    curl "$URL"

Roll back to the first image, until the next upload:

    FIRST=$(aws ssm get-parameter-history --name "$PARAMETER" --query 'Parameters[0].Value' --output text)
    aws ssm put-parameter --name "$PARAMETER" --overwrite --value "$FIRST" --description "Rolled back"
    until curl --silent "$URL" | grep 'built on aarch64'; do sleep 1; done

Upload an image that never becomes healthy. The page stays. After two and a half minutes, `ship` and an email say why:

    sed 's/> health/> nowhere/' examples/hello/Dockerfile > .cloud/hello/Dockerfile
    ship up --until running .cloud/hello || echo "The exit code is $?."
    curl "$URL"

Run the functions from functions/ one at a time (docs/operating/local-invoke.md):

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

To stop the cloud and delete everything in it, press Ctrl-C or run `make cloud-down`.
Until then, this terminal shows the stack's emails.
"""


def main() -> int:
    """Runs or stops the cloud. Returns the exit code."""
    return exit_code(stop if sys.argv[1:] == ["down"] else run)


def run() -> None:
    """Runs the cloud until somebody stops it."""
    with owned(), deployment() as deployed:
        here, docker, pipeline = deployed.here, deployed.docker, deployed.pipeline
        with invocable(here, docker), described(here, docker, pipeline):
            say(TO_TRY)
            show_news_until_the_end(Subscriber.at(pipeline))
            say("Stopping.")


@contextmanager
def owned() -> Iterator[None]:
    """While the block runs, this command owns the only cloud of this clone.

    Raises:
        UserError: another cloud is running.
    """
    FOLDER.mkdir(exist_ok=True)
    with OWNER.open("a") as opened:
        if not take(opened):
            raise UserError(
                "A cloud is already running in this clone: `. .cloud/env` to use it, `make cloud-down` to stop it."
            )
        OWNER.write_text(str(os.getpid()))
        try:
            yield
        finally:
            OWNER.unlink()


@contextmanager
def invocable(here: Account, docker: Mapping[str, str]) -> Iterator[None]:
    """While the block runs, `sam local invoke` has an image for this cloud, if containers can reach it."""
    with ExitStack() as entered:
        try:
            reachable = entered.enter_context(bridged(here.endpoint, docker))
            entered.enter_context(bound_to(reachable, docker, f"{invoke_image(here)}:rapid-{HERE.name}"))
        except UserError as error:
            say(f"  `sam local invoke` won't work: {error}")
        yield


def invoke_image(here: Account) -> str:
    """The image repository for `sam local invoke`. Each cloud has its own, as others may use the same engine."""
    return f"source-to-ecr-playground-{urlsplit(here.endpoint).port}"


@contextmanager
def described(here: Account, docker: Mapping[str, str], pipeline: Pipeline) -> Iterator[None]:
    """While the block runs, the files exist with which shells and `sam local invoke` use the cloud."""
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
    lines.append('aws() { command aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"; }')  # for SQS the variable isn't enough
    SETTINGS.write_text(json.dumps({name: pipeline.environment(name) for name in ("StartBuild", "RecordImage")}))
    ENVIRONMENT.write_text("\n".join([*lines, ""]))
    try:
        yield
    finally:
        ENVIRONMENT.unlink()
        SETTINGS.unlink()


def show_news_until_the_end(subscriber: Subscriber) -> None:
    """Prints the stack's emails until Ctrl-C or `make cloud-down`."""
    stopped: list[int] = []  # an event's lock may be held by this very thread when the signal comes
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: stopped.append(number))
    while not stopped:
        shown = len(subscriber.received)
        subscriber.receive()
        for mail in subscriber.received[shown:]:
            if "Subject" in mail:
                say(f"{time.strftime('%H:%M:%S')} {mail['Subject']}")
                say(textwrap.indent(mail["Message"], "    "))
        time.sleep(NEWS_SECONDS)


def stop() -> None:
    """Stops this clone's cloud, and waits until it is gone.

    Raises:
        UserError: none is running.
    """
    FOLDER.mkdir(exist_ok=True)
    with OWNER.open("a") as opened:
        if take(opened):
            OWNER.unlink()
            raise UserError("No cloud is running in this clone.")
        with step("Stopping the cloud"):
            os.kill(int(OWNER.read_text()), signal.SIGTERM)
            wait_for("Its end", lambda: take(opened), STOP_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
