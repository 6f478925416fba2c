"""A service with recorded images, and what ECS deployed of them."""

from datetime import timedelta

from ship.asked import Asked
from ship.aws.records import Naming, Records, records
from ship.images import rolling_back
from ship.terminal import Terminal
from tests.support.wire import Wire
from tests.unit.ship.support.world import NOON, STACK, denial, uri_of

FIRST, SECOND, THIRD, NEVER = (f"build-20261120T11590{number}Z-0A-0000000{number}" for number in range(4))
DIGESTS = {tag: uri_of(tag).partition("@")[2] for tag in (FIRST, SECOND, THIRD, NEVER)}


def known(*named: str, by_hand: str = "", twice: str = "", gone: tuple[str, ...] = ()) -> Records:
    """What is known when these were recorded, perhaps one again under the last tag, then one named by hand."""
    namings = [Naming(uri_of(tag), NOON, "RecordImage", "", tag, number) for number, tag in enumerate(named, 1)]
    if twice:
        namings.append(Naming(uri_of(twice), NOON, "RecordImage", "", NEVER, 8))
    if by_hand:
        namings.append(Naming(uri_of(by_hand), NOON + timedelta(hours=1), "somebody", "Rolled back", None, 9))
    tagged = {tag: digest for tag, digest in DIGESTS.items() if tag not in gone}
    return Records(STACK.repository_uri, tuple(namings), tagged | ({NEVER: DIGESTS[twice]} if twice else {}))


def deployed(asked: Asked, *deployments: tuple[str, str], failure: str = "") -> Wire:
    """Has ECS answer with these deployments of images, the oldest first, each a digest and a status; or not at all."""
    wire = Wire((asked.access.ecs,))
    wire.heals("ListServiceDeployments")
    if failure:
        wire.fails("ListServiceDeployments", failure, 400, denial("ecs:ListServiceDeployments"))
        return wire
    listed = [
        {"targetServiceRevisionArn": digest, "status": status, "createdAt": NOON + timedelta(hours=number)}
        for number, (digest, status) in enumerate(deployments)
    ]
    revisions = [
        {"serviceRevisionArn": digest, "containerImages": [{"image": "sidecar"}, {"imageDigest": digest}]}
        for digest in {digest for digest, _ in deployments}
    ]
    wire.answers("ListServiceDeployments", {"serviceDeployments": listed[::-1]})
    wire.answers("DescribeServiceRevisions", {"serviceRevisions": revisions})
    return wire


def back(asked: Asked, to: str | None = None) -> None:
    """`ship rollback`."""
    rolling_back.roll_back(asked, to, Terminal(), as_json=False)


def tags(asked: Asked) -> dict[str, str]:
    """The repository's tags now."""
    return records(asked.access, STACK).tagged
