"""Sentences in which an AWS service does something, and whether they name a source."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

SERVICES = (
    "AWS|CloudFormation|CloudWatch Logs|CloudWatch|CodeBuild|ECR|ECS|EventBridge|Fargate|IAM|KMS|Lambda|Parameter Store"
    "|S3|SNS|SQS|SSM|Secrets Manager|Service Quotas"
)
THINGS = (
    "accounts|actions|alarms|builds|buckets|calls|credentials|dashboards|deployments|emails|events|functions|images|keys"
    "|messages|metrics|models|names|notifications|parameters|permissions|phases|policies|queues|refusals|repositories"
    "|requests|retries|roles|rules|schemas|services|tags|tasks|topics|users|words"
)
"""Plurals that follow a service's name. They end like verbs."""

SUBJECT = rf"\b(?:{SERVICES})(?:'s(?: own)?(?: [a-z-]+)?)?"
ADVERB = "(?: (?:already|also|always|itself|never|no longer|now|only|still|then))?"
VERB = rf"(?:(?!(?:{THINGS}|as|express)\b)[a-z]+s|(?:is|has|does|ca|wo)n't|can|may|must|will)"
THEIR_VERB = "(?:(?:are|have|do|ca|wo)n't|are|have|do|can|may|must|will)"
CLAIM = re.compile(
    rf"(?:(?P<before>[\w,]+) )?(?P<words>{SUBJECT}{ADVERB} {VERB}|\b(?:{SERVICES})(?:'s)? (?:{THINGS}) {THEIR_VERB})\b"
)

CONDITION = "after|as|before|how|if|once|that|unless|until|what|whatever|when|whether|while|why"
"""Words that begin a condition or a relative clause, which states no fact."""
PREPOSITION = "about|at|by|for|from|in|of|on|to|with"
"""Words that come before an object. The name after them isn't the sentence's subject."""

SOURCE = re.compile(r"\]\(https://|assumptions\.md|costs\.md|\[\^\d\]")
"""A link to a page of AWS or of its users, to an assumption, or to the prices; or a footnote, which has such a link."""

SHOWN_ELSEWHERE = re.compile(
    r"<!-- \[\[\[cog cog\.outl\((?:assumptions\.unproven|tables\.(?:alarms|outputs|parameters))\b.*?\[\[\[end]]]",
    re.DOTALL,
)
"""The list of assumptions, and the template's own texts, which CloudFormation and CloudWatch show without links."""


@dataclass(frozen=True)
class Claim:
    """A sentence that states what AWS does, and the words that show it."""

    sentence: str
    words: str

    @property
    def has_source(self) -> bool:
        """Whether the sentence itself names a source."""
        return bool(SOURCE.search(self.sentence))


def claims(document: str) -> list[Claim]:
    """A Markdown text's claims: an AWS service, or its possession, is the subject of a verb in the present."""
    found = [(sentence, each) for sentence in sentences(document) for each in CLAIM.finditer(plain(sentence))]
    return [
        Claim(sentence, each["words"])
        for sentence, each in found
        if not re.fullmatch(f"{CONDITION}|{PREPOSITION}", each["before"] or "", re.IGNORECASE)
    ]


def plain(sentence: str) -> str:
    """The sentence without code, addresses, emphasis and the titles of our pages.

    The two CLIs run on the reader's machine, so they aren't AWS here.
    """
    sentence = re.sub(r"`[^`]*`", "code", sentence)
    sentence = re.sub(r"\[[^]]*]\((?!\S*assumptions)[\w./-]+\.md[^)]*\)", "this page", sentence)
    return re.sub(r"\b(?:AWS|SAM) CLI\b", "tool", re.sub(r"\]\([^)]*\)|[*\[\]]", "", sentence))


def sentences(document: str) -> Iterator[str]:
    """Each sentence of paragraphs, list items and table cells on one line, without headings, code and comments."""
    text = SHOWN_ELSEWHERE.sub("", document)
    text = re.sub(r"^( *)```.*?^\1```$|<!--.*?-->", "", text, flags=re.DOTALL | re.MULTILINE)
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    for block in re.split(r"\n\s*\n|\n(?=\s*(?:[-|]|\d+\.) ?)", text):
        for cell in re.split(r"(?<!\\)\|", block) if block.strip().startswith("|") else [block]:
            yield from re.split(r"(?<=[.!?])[)*\"]* (?=[A-Z`*\[])", " ".join(cell.split()))
