"""What a build and an idle month cost, from one table of prices."""

from dataclasses import dataclass

# https://aws.amazon.com/codebuild/pricing, /sqs/pricing, /cloudwatch/pricing, /lambda/pricing, /ecr/pricing, us-east-1,
# as known in November 2025; free tiers left out
DATE = "November 2025"
CODEBUILD_ARM_SMALL_MINUTE = 0.0034
SQS_MILLION_REQUESTS = 0.40
ALARM_MONTH = 0.10
METRIC_MONTH = 0.30
DASHBOARD_MONTH = 3.00
LAMBDA_ARM_GB_SECOND = 0.0000133334
LAMBDA_MILLION_REQUESTS = 0.20
ECR_GB_MONTH = 0.10

QUEUES, POLLERS, POLLS_A_MINUTE = 2, 5, 3
"""Lambda polls a queue with five pollers at least, each for 20 seconds."""
MINUTES = 60 * 24 * 30
HOURS = MINUTES / 60
SCHEDULES = MINUTES / 15
FUNCTION_GB, FUNCTION_SECONDS = 0.5, 1.0
ALARMS = 7
BUILD_MINUTES = 2
"""CodeBuild counts a minute that began, the machine's start included."""
BUILD_METRICS = 4
"""BuildStarted, ImageRecorded, UploadRecorded, UploadToRecorded: a metric is paid by the hour in which it is sent."""


@dataclass(frozen=True)
class Cost:
    """One part of what is paid, in US dollars."""

    what: str
    dollars: float


def invocations(number: float) -> float:
    """What so many invocations of a function cost."""
    return number * (LAMBDA_MILLION_REQUESTS / 1e6 + FUNCTION_GB * FUNCTION_SECONDS * LAMBDA_ARM_GB_SECOND)


def of_an_idle_month() -> list[Cost]:
    """What a stack costs in 30 days without an upload."""
    polls = QUEUES * POLLERS * POLLS_A_MINUTE * MINUTES
    return [
        Cost(f"{polls:,} requests to poll two queues", polls / 1e6 * SQS_MILLION_REQUESTS),
        Cost(f"{SCHEDULES:,.0f} invocations on schedule", invocations(SCHEDULES)),
        Cost(f"{ALARMS} alarms", ALARMS * ALARM_MONTH),
        Cost("one metric that the schedule sends", METRIC_MONTH),
        Cost("a dashboard, if it isn't among an account's first three", DASHBOARD_MONTH),
    ]


def of_a_build() -> list[Cost]:
    """What one upload costs."""
    return [
        Cost(f"{BUILD_MINUTES} minutes of arm1.small", BUILD_MINUTES * CODEBUILD_ARM_SMALL_MINUTE),
        Cost("three invocations", invocations(3)),
        Cost(f"{BUILD_METRICS} metrics, for an hour", BUILD_METRICS * METRIC_MONTH / HOURS),
        Cost("0.2 GB more in ECR, for a month", 0.2 * ECR_GB_MONTH),
    ]
