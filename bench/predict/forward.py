"""Forwards a body to the endpoint by boto3, as the handler of AWS's sample does."""

import os

import boto3

runtime = boto3.client("sagemaker-runtime")


def handler(event, context):
    reply = runtime.invoke_endpoint(
        EndpointName=os.environ["ENDPOINT_NAME"], Body=event["body"], ContentType="text/csv"
    )
    return {"statusCode": 200, "headers": {"Content-Type": "text/csv"}, "body": reply["Body"].read().decode()}
