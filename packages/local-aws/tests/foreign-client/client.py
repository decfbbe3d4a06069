"""What the tours share: clients of a foreign hand, and what they were refused."""

import io
import time
import zipfile
from typing import Any, Callable

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# AWS takes minutes, so its waiters look every 15 to 120 seconds.
WAITER = {"Delay": 0.2, "MaxAttempts": 300}
ROLE = "arn:aws:iam::123456789012:role/foreign"
BUCKET = "foreign"
REGISTRY = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
XGBOOST = f"{REGISTRY}/sagemaker-xgboost:1.7-1"


class Tour:
    """One person's look around, with a client of each service and notes of what was seen."""

    def __init__(self, session: boto3.Session) -> None:
        self._session = session
        self.seen: dict[str, Any] = {}

    def client(self, service: str) -> Any:
        return self._session.client(service, config=Config(retries={"total_max_attempts": 1}))


def refused(call: Callable[[], Any]) -> dict[str, Any]:
    """The class and code of the error that a call ends with."""
    try:
        call()
    except ClientError as error:
        return {
            "class": type(error).__name__,
            "code": error.response["Error"]["Code"],
            "message": error.response["Error"]["Message"],
        }
    raise AssertionError("the call was expected to be refused")


def until(look: Callable[[], Any], done: Callable[[Any], bool]) -> Any:
    """Looks until it is done, half a minute at most."""
    deadline = time.monotonic() + 30
    while True:
        seen = look()
        if done(seen):
            return seen
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited in vain, at last for {seen}")
        time.sleep(0.2)


def package(source: str, file: str = "index.js") -> bytes:
    """A deployment package with this one file."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(file, source)
    return buffer.getvalue()
