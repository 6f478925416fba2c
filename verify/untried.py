"""The assumptions that a run can't decide, and what it would take. docs/assumptions.md says how to do it by hand."""

UNLOGGED = "It takes a function that may not log, and time until no copy of it has its old rights."
OTHER_ROLE = (
    "It takes a role that may register task definitions of one family only. The follower's role may register all."
)
BALANCED = "It takes a load balancer, which --fargate doesn't create, and calls through it."
EXPRESS = "It takes a service that ECS Express Mode made."
CERTIFICATE = "It takes a load balancer, and a certificate for a domain."
PRIVATE = "It takes subnets whose only way out is a NAT gateway or endpoints."
GITHUB = "It takes a repository on GitHub, whose workflow asks AWS for credentials."
OF_SECRETS = "It takes a secret in Secrets Manager, which the policies of a run don't allow."
OTHER_REPOSITORY = "It takes a second repository, with a base image."
OTHER_REGISTRY = "It takes private images in other registries."
OTHER_ACCOUNT = "It takes a second account."
LOGIN = "It takes a login by a person, and its end."
QUEUED = "It takes a build that is queued while an update changes the builder."
DISK = "It takes a build that fills its disk, and the free space at the start of two builds."
TIMEOUT = "It takes a function that is killed at its timeout."
PATTERNS = "It takes several patterns of a metric, each for some periods of its alarm."
ADOPTION = "It takes a repository that was there before its stack, and `--import-existing-resources`."
IMPORTED = "It takes a stack that imports an export of another one."
THROTTLED = "It takes requests beyond a quota of the account, which its other users share."
KEY = "It takes a KMS key, which the policies of a run don't allow."

UNTRIED = {
    "unlogged-function": UNLOGGED,
    "register-task-definition-on-star": OTHER_ROLE,
    "load-balancer-checks": BALANCED,
    "express-gateway-update": EXPRESS,
    "load-balancer-https": CERTIFICATE,
    "private-tasks-reach-aws": PRIVATE,
    "github-token-subject": GITHUB,
    "secret-permission": OF_SECRETS,
    "base-repository-images": OTHER_REPOSITORY,
    "registry-logins": OTHER_REGISTRY,
    "copy-keeps-digest": OTHER_ACCOUNT,
    "sso-credentials": LOGIN,
    "submitted-variables": QUEUED,
    "fresh-build-disk": DISK,
    "ended-invocation-report": TIMEOUT,
    "alarm-evaluation": PATTERNS,
    "adoption-import": ADOPTION,
    "imported-export-deletion": IMPORTED,
    "throttling-words": THROTTLED,
    "kms-refusal-words": KEY,
}
