"""The account's quotas of concurrent builds."""

from contextlib import suppress

from botocore.exceptions import ClientError

from ship.aws.access import Access

QUOTA = "ARM/Small "
"""In the name of the quota of concurrent builds."""


def quotas(access: Access) -> dict[str, float]:
    """How many builds of arm1.small the account may run at a time, by the quota's name. Empty if it isn't known."""
    with suppress(ClientError):
        pages = access.quotas.get_paginator("list_service_quotas").paginate(ServiceCode="codebuild")
        listed = [quota for page in pages for quota in page["Quotas"]]
        return {quota["QuotaName"]: quota["Value"] for quota in listed if QUOTA in quota["QuotaName"]}
    return {}
