"""What the account may have of what this project counts against."""

from client import Tour


def quotas(tour: Tour) -> None:
    client = tour.client("service-quotas")
    pages = client.get_paginator("list_service_quotas").paginate(ServiceCode="sagemaker", PaginationConfig={"PageSize": 4})
    tour.seen["endpoint quota"] = next(
        quota["Value"]
        for page in pages
        for quota in page["Quotas"]
        if quota["QuotaName"] == "ml.m5.large for endpoint usage"
    )
