"""The assumptions that a run can't decide yet, and what it would take. docs/assumptions.md says how to do it."""

AS_A_FUNCTION = "It takes the credentials of a function's role, which only Lambda may assume."
OTHER_ROLE = (
    "It takes a role that may register task definitions of one family only. The follower's role may register all."
)
IN_ECS = "It takes another service in ECS than the one that --fargate deploys, or longer."
BALANCED = "It takes a load balancer, which --fargate doesn't create, and calls through it."
OTHER_ACCOUNT = "It takes a second account or another registry, with credentials."
BY_HAND = "It takes a change of the stack, or a misfortune, that a run doesn't bring about yet."
LONG = "It takes longer than a run, or more builds."

UNTRIED = {
    **dict.fromkeys(
        ["missing-version-404", "start-build-denies", "refusal-words", "unlogged-function"],
        AS_A_FUNCTION,
    ),
    "register-task-definition-on-star": OTHER_ROLE,
    "load-balancer-checks": BALANCED,
    **dict.fromkeys(
        [
            "express-gateway-update",
            "load-balancer-https",
            "parameter-value-braces",
            "private-tasks-reach-aws",
            "service-stack-deletion",
        ],
        IN_ECS,
    ),
    **dict.fromkeys(
        [
            "github-token-subject",
            "secret-permission",
            "base-repository-images",
            "docker-hub-mirror",
            "registry-logins",
            "copy-keeps-digest",
            "sso-credentials",
        ],
        OTHER_ACCOUNT,
    ),
    **dict.fromkeys(
        [
            "builder-update-order",
            "role-propagation",
            "submitted-variables",
            "engine-command-line",
            "fresh-build-disk",
            "ended-invocation-report",
            "eventbridge-dead-letters",
            "alarm-evaluation",
            "adoption-import",
            "deleted-stack-described",
            "imported-export-deletion",
            "throttling-words",
            "kms-refusal-words",
            "variable-length",
        ],
        BY_HAND,
    ),
    **dict.fromkeys(["quota-refusal", "build-start-time", "lifecycle-counts-protected"], LONG),
}
