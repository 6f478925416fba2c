"""The notification of an upload's final status: an event for programs, an email for people."""

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from core.notifying.statuses import DEPLOYED, Status
from core.uploads import ObjectVersion

if TYPE_CHECKING:
    from mypy_boto3_events.type_defs import PutEventsRequestEntryTypeDef

SOURCE = "source-to-ecr"
DETAIL_TYPES = {
    "recorded": "Image Recorded",
    "failed": "Build Failed",
    "rejected": "Upload Rejected",
    "superseded": "Upload Superseded",
    "running": "Image Running",
    "not-healthy": "Image Not Healthy",
    "replaced": "Image Replaced",
    "rolled-back": "Image Rolled Back",
}
MAILED = {"recorded", "failed", "rejected", "not-healthy"}
LONGEST_SUBJECT = 99  # https://docs.aws.amazon.com/sns/latest/api/API_Publish.html: less than 100 characters of ASCII
UNSAFE = re.compile(r"[^ -~]")


@dataclass(frozen=True)
class Notification:
    """An upload's final status and where it came from. `seconds` is the time since the upload."""

    service: str
    version: ObjectVersion
    status: Status
    build_id: str | None
    seconds: int

    @property
    def detail(self) -> dict[str, Any]:
        """The event's detail."""
        ending = self.status.ending
        return {
            "service": self.service,
            "bucket": self.version.bucket,
            "key": self.version.key,
            "versionId": self.version.version_id,
            "status": self.status.name,
            "reason": self.status.reason,
            "ending": ending.sentence if ending else None,
            "output": list(ending.output if ending else self.status.output),
            "log": self.status.log,
            "imageTag": self.status.image_tag,
            "imageUri": self.status.image_uri,
            "buildId": self.build_id,
            "seconds": self.seconds,
        }

    @property
    def entry(self) -> "PutEventsRequestEntryTypeDef":
        """The entry for https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html."""
        return {
            "Source": SOURCE,
            "DetailType": DETAIL_TYPES[self.status.name],
            "Detail": json.dumps(self.detail),
        }

    @property
    def is_mailed(self) -> bool:
        """Whether people get an email. Of images that run, they get one only after a deployment that failed."""
        return self.status.name in MAILED or self.status.is_recovery

    @property
    def subject(self) -> str:
        """The email's subject. A long key loses its middle."""
        before = f"{self.service}: {self.status.name} "
        key, room = UNSAFE.sub("?", self.version.key), LONGEST_SUBJECT - len(before)
        if len(key) > room:
            kept = room - len("...")
            key = f"{key[: kept - kept // 2]}...{key[-(kept // 2) :]}"
        return before + key

    @property
    def body(self) -> str:
        """The email's text: one fact per line, then the indented output of the failed step or of the program."""
        facts = self.detail | {"key": json.dumps(self.version.key), "output": None}
        output = "".join(f"  {line}\n" for line in self.detail["output"])
        lines = "".join(f"{name}: {value}\n" for name, value in facts.items() if value is not None)
        printed_by = "program" if self.status.ending else "task" if self.status.name in DEPLOYED else "step"
        return f"{lines}\nThe last lines of the {printed_by}:\n{output}" if output else lines
