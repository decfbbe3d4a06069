"""boto3 looks around in the local AWS as a person would who knows nothing of how it is made.

The endpoint and the credentials come from the environment, as for every AWS client. Prints one JSON object: `seen`, what was
noted; `operations`, what was called with success; `violations`, where an answer was not what botocore's service models say.
"""

import json
import os
import tempfile

import boto3

import canaries
import endpoints
import functions
import jobs
import monitoring
import notebooks
import pipelines
import quotas
from client import Tour
from contract import Contract

SERVICES = {
    "apigateway",
    "application-autoscaling",
    "cloudwatch",
    "codebuild",
    "codedeploy",
    "codepipeline",
    "lambda",
    "sagemaker",
    "sagemaker-runtime",
    "service-quotas",
    "synthetics",
}


def main() -> None:
    contract = Contract(SERVICES)
    session = boto3.Session()
    contract.watch(session.events)
    tour = Tour(session)
    with tempfile.TemporaryDirectory() as directory:
        os.chdir(directory)
        jobs.jobs(tour)
        endpoints.endpoint(tour)
        functions.functions(tour)
        functions.rest_api(tour)
        functions.deployments(tour)
        functions.removed(tour)
        canaries.canaries(tour)
        monitoring.metrics(tour)
        notebooks.notebooks(tour)
        pipelines.pipelines(tour)
        quotas.quotas(tour)
        os.chdir("/")
    print(
        json.dumps(
            {
                "seen": tour.seen,
                "operations": sorted(contract.operations),
                "violations": list(dict.fromkeys(contract.violations)),
            }
        )
    )


if __name__ == "__main__":
    main()
