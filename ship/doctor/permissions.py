"""Which permission a role lacks, in AWS's own words."""

import re
from dataclasses import dataclass

# Services spell an action as they like (SNS:Publish), and some quote the resource.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
REFUSAL = re.compile(
    r"User: (?P<user>arn:\S+) is not authorized to perform: (?P<service>[\w-]+):(?P<name>\w+)"
    r"(?: on (?:this )?resource:? ?(?P<resource>.*?))?(?P<reason> (?:because|with) .+)?$"
)
ROLE = re.compile(r":assumed-role/([^/]+)/")
# Of the older, shorter refusals: S3 gave no more for long, and tools that print an HTTP status still don't.
SHORT = re.compile(r"An error occurred \((?:AccessDenied|AccessDeniedException|403)\) when calling the (\w+) operation")

REMEDIES = (
    ("service control policy", "A policy of your AWS organization denies it: ask whoever manages the organization."),
    ("resource control policy", "A policy of your AWS organization denies it: ask whoever manages the organization."),
    ("permissions boundary", "The role's permissions boundary has to allow it."),
    ("resource-based policy", "The resource's own policy denies it: remove that statement."),
    ("VPC endpoint policy", "The policy of the VPC endpoint has to allow it."),
    ("explicit deny", "A policy of the role denies it: remove that statement in IAM."),
)
"""By AWS's words for the kind of policy that decides, the first that fits."""
GIVE_BACK = "Allow it again in the role's policy, as the stack's template does."


@dataclass(frozen=True)
class MissingPermission:
    """A permission that somebody lacked, as AWS said when it refused a request.

    `role` is empty where AWS named none, `action` is an operation's name where AWS named no action.
    """

    action: str
    role: str = ""
    reason: str = ""

    def __str__(self) -> str:
        """The permission in words."""
        return f"the permission {self.action}" if ":" in self.action else f"the permission to call {self.action}"

    @property
    def remedy(self) -> str:
        """What gives the permission back, and AWS's own words for which policy decided."""
        remedy = next((remedy for words, remedy in REMEDIES if words in self.reason), GIVE_BACK)
        return f"{remedy} AWS says: {self.reason}." if self.reason else remedy


def missing_permission(text: str) -> MissingPermission | None:
    """The permission for want of which AWS refused a request; None if the text says nothing of that.

    The first refusal counts: what follows it may quote a key, which an uploader chooses.
    """
    line = next((line for line in text.splitlines() if REFUSAL.search(line) or SHORT.search(line)), "")
    if found := REFUSAL.search(line):
        role = ROLE.search(found["user"])
        action = f"{found['service'].lower()}:{found['name']}"
        return MissingPermission(action, role[1] if role else "", (found["reason"] or "").strip())
    if short := SHORT.search(line):
        return MissingPermission(short[1])
    return None
