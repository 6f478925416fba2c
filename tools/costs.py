"""The costs of a build, of an idle month and of a month of some services, from one table of prices."""

from dataclasses import dataclass

from local.emulator import ROOT

# us-east-1's list prices in US dollars.
# - CodeBuild, SQS, CloudWatch, Lambda, ECR, S3: https://aws.amazon.com/<name>/pricing, as known in November 2025
# - SQS FIFO, as others printed it: https://cloudburn.io/blog/amazon-sqs-pricing, March 2026
# - stored logs: https://hykell.com/kb/platform-specific-guides/aws-cloudwatch-logs-pricing
# - Fargate: https://awsi.click/en/articles/ecs-fargate-cost-architecture, less 20 % for ARM by
#   https://docs.stableapp.cloud/en/articles/14442175-ecs-modernize-x86-to-arm
# - load balancers: https://cloud-horizons.com/blog/alb-the-line-item-nobody-watches, May 2026
# - addresses: https://www.doit.com/aws-public-ipv4-price-increase-the-complete-guide, since February 2024
DATE = "2025 and 2026"
CODEBUILD_ARM_SMALL_MINUTE = 0.0034
SQS_MILLION_REQUESTS = 0.40
SQS_MILLION_FIFO_REQUESTS = 0.50
ALARM_MONTH = 0.10
METRIC_MONTH = 0.30
DASHBOARD_MONTH = 3.00
LAMBDA_ARM_GB_SECOND = 0.0000133334
LAMBDA_MILLION_REQUESTS = 0.20
ECR_GB_MONTH = 0.10
S3_GB_MONTH = 0.023
LOGS_GB_MONTH = 0.03
FARGATE_ARM_VCPU_HOUR = 0.03238
FARGATE_ARM_GB_HOUR = 0.00356
LOAD_BALANCER_HOUR = 0.0225
PUBLIC_ADDRESS_HOUR = 0.005

FREE_SQS_REQUESTS, FREE_ALARMS, FREE_DASHBOARDS, FREE_BUILD_MINUTES = 1e6, 10, 3, 100
"""The monthly free tier of any account, however old."""

MINUTES = 60 * 24 * 30
HOURS = MINUTES / 60
SCHEDULES = MINUTES / 15
LOOKS = 12 * HOURS  # of auto-deploy, on schedule
# assumes: idle-polling
POLLS = 5 * 3 * MINUTES
"""Requests to one queue: Lambda has five pollers for it, and each asks for 20 seconds. With a maximum concurrency,
as StartBuild has, there are no fewer while the queue is idle:
https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html."""
FUNCTION_GB, FUNCTION_SECONDS = 0.5, 1.0
BUILD_MINUTES = 2
"""CodeBuild counts a minute that began, the machine's start included."""
BUILD_METRICS = 4
"""BuildStarted, ImageRecorded, UploadRecorded, UploadToRecorded: a metric is paid by the hour in which it is sent."""
BUILDS = 60
"""A month, of one service."""
IMAGES_GB = 2
TASK_VCPU, TASK_GB = 0.25, 0.5
ZONES = 5
"""Of us-east-1's six, those where the example's service runs. The load balancer has a public address in each."""


@dataclass(frozen=True)
class Cost:
    """One part of what is paid, in US dollars."""

    what: str
    dollars: float


def alarms(template: str = "template.yaml") -> int:
    """How many alarms a template has."""
    return (ROOT / template).read_text().count("    Type: AWS::CloudWatch::Alarm\n")


def invocations(number: float) -> float:
    """The price of so many invocations of a function."""
    return number * (LAMBDA_MILLION_REQUESTS / 1e6 + FUNCTION_GB * FUNCTION_SECONDS * LAMBDA_ARM_GB_SECOND)


def polls(standard: float, fifo: float) -> float:
    """The price of polling so many queues of each kind."""
    return POLLS / 1e6 * (standard * SQS_MILLION_REQUESTS + fifo * SQS_MILLION_FIFO_REQUESTS)


def of_an_idle_month() -> list[Cost]:
    """A stack's price for 30 days without an upload."""
    return [
        Cost(f"{2 * POLLS:,} requests to poll two queues, one of them FIFO", polls(1, 1)),
        Cost(f"{SCHEDULES:,.0f} invocations on schedule", invocations(SCHEDULES)),
        Cost(f"{alarms()} alarms", alarms() * ALARM_MONTH),
        Cost("one metric that the schedule sends", METRIC_MONTH),
        Cost("a dashboard, if it isn't among an account's first three", DASHBOARD_MONTH),
    ]


def of_a_build() -> list[Cost]:
    """The price of one upload."""
    return [
        Cost(f"{BUILD_MINUTES} minutes of arm1.small", BUILD_MINUTES * CODEBUILD_ARM_SMALL_MINUTE),
        Cost("three invocations", invocations(3)),
        Cost(f"{BUILD_METRICS} metrics, for an hour", BUILD_METRICS * METRIC_MONTH / HOURS),
        Cost("0.2 GB more in ECR, for a month", 0.2 * ECR_GB_MONTH),
    ]


def of_a_month(services: int) -> list[Cost]:
    """The monthly price of so many services in one account, after AWS's free tier."""
    paid = max(0, 1 - FREE_SQS_REQUESTS / (2 * POLLS * services))
    metrics = METRIC_MONTH * (1 + BUILDS * BUILD_METRICS / HOURS)
    minutes = services * BUILDS * BUILD_MINUTES
    return [
        Cost(
            f"polling: {2 * POLLS / 1e6:.1f} million SQS requests per service; a million are free",
            services * polls(1, 1) * paid,
        ),
        Cost(f"alarms: {alarms()} per service; ten are free", beyond(FREE_ALARMS, services * alarms()) * ALARM_MONTH),
        Cost(
            "dashboards: one per service, unless it has `Dashboard=no`; three are free",
            beyond(FREE_DASHBOARDS, services) * DASHBOARD_MONTH,
        ),
        Cost("metrics and invocations", services * (metrics + invocations(SCHEDULES + 3 * BUILDS))),
        Cost(
            f"{BUILDS} builds of {BUILD_MINUTES} minutes per service; {FREE_BUILD_MINUTES} minutes are free",
            beyond(FREE_BUILD_MINUTES, minutes) * CODEBUILD_ARM_SMALL_MINUTE,
        ),
        Cost(f"{IMAGES_GB} GB of images per service", services * IMAGES_GB * ECR_GB_MONTH),
    ]


def task_hour() -> float:
    """The hourly price of a task of the example's service, with its public address."""
    return TASK_VCPU * FARGATE_ARM_VCPU_HOUR + TASK_GB * FARGATE_ARM_GB_HOUR + PUBLIC_ADDRESS_HOUR


def auto_deploy_month() -> float:
    """Auto-deploy's price for 30 days without an upload."""
    own = alarms("examples/ecs-service/auto-deploy.yaml") * ALARM_MONTH
    return polls(0, 1) + invocations(LOOKS) + own


def of_a_month_in_ecs(services: int) -> list[Cost]:
    """The monthly price of the example's ECS service beyond the free tier, without traffic."""
    balancer = LOAD_BALANCER_HOUR + ZONES * PUBLIC_ADDRESS_HOUR
    return [
        Cost(
            "`auto-deploy.sh`: one more queue to poll, a look every five minutes, and an alarm",
            services * auto_deploy_month(),
        ),
        Cost(
            f"Fargate: one arm64 task per service, of {TASK_VCPU} vCPU and {TASK_GB} GB, with a public address",
            services * HOURS * task_hour(),
        ),
        Cost(
            f"a load balancer per service, with a public address in each of {ZONES} zones", services * HOURS * balancer
        ),
    ]


def beyond(free: float, number: float) -> float:
    """How many are paid."""
    return max(0.0, number - free)
