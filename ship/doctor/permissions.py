"""Finds the missing permission in AWS's error messages."""

import re
from dataclasses import dataclass

# Services differ in how they spell an action (SNS:Publish), and some quote the resource.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
# assumes: refusal-words
REFUSAL = re.compile(
    r"User: (?P<user>arn:\S+) is not authorized to perform: (?P<service>[\w-]+):(?P<name>\w+)"
    r"(?: on (?:this )?resource:? ?(?P<resource>.*?))?(?P<reason> (?:because|with) .+)?$"
)
ROLE = re.compile(r":assumed-role/([^/]+)/")
# Older, shorter messages: S3 used them for long, and tools that print only an HTTP status still do.
SHORT = re.compile(r"An error occurred \((?:AccessDenied|AccessDeniedException|403)\) when calling the (\w+) operation")

REMEDIES = (
    ("service control policy", "A policy of your AWS organization denies it: ask the organization's administrators."),
    ("resource control policy", "A policy of your AWS organization denies it: ask the organization's administrators."),
    ("permissions boundary", "The role's permissions boundary must allow it."),
    ("resource-based policy", "The resource's own policy denies it: remove that statement."),
    ("VPC endpoint policy", "The VPC endpoint's policy must allow it."),
    ("explicit deny", "A policy of the role denies it: remove that statement in IAM."),
)
"""The advice by AWS's name for the kind of policy that decides. The first match counts."""
GIVE_BACK = "Allow it again in the role's policy, as in the stack's template."


@dataclass(frozen=True)
class MissingPermission:
    """A permission that AWS named when it refused a request.

    `role` is empty if AWS named none. `action` is the operation's name if AWS named no action.
    """

    action: str
    role: str = ""
    reason: str = ""

    def __str__(self) -> str:
        """The permission in words."""
        return f"the permission {self.action}" if ":" in self.action else f"the permission to call {self.action}"

    @property
    def remedy(self) -> str:
        """The way to restore the permission, and AWS's own reason."""
        remedy = next((remedy for words, remedy in REMEDIES if words in self.reason), GIVE_BACK)
        return f"{remedy} AWS says: {self.reason}." if self.reason else remedy


def missing_permission(text: str) -> MissingPermission | None:
    """The missing permission that AWS names in this text. None if it names none.

    Only the first refusal counts: later text may quote a key, which an uploader chooses.
    """
    line = next((line for line in text.splitlines() if REFUSAL.search(line) or SHORT.search(line)), "")
    if found := REFUSAL.search(line):
        role = ROLE.search(found["user"])
        action = f"{found['service'].lower()}:{found['name']}"
        return MissingPermission(action, role[1] if role else "", (found["reason"] or "").strip())
    if short := SHORT.search(line):
        return MissingPermission(short[1])
    return None
