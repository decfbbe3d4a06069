"""moto_server for the local AWS: says where botocore's service models are, then serves until its standard input closes.

It listens on a socket in the file system and on no port: it checks no signature, and would take what any web page sends.

usage: serve.py SOCKET
"""

import os
import re
import sys
import threading
from typing import Any, Callable

import botocore
from flask import request
from moto.core.responses import BaseResponse
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.s3.exceptions import PreconditionFailed, S3ClientError
from moto.s3.models import S3Backend, s3_backends
from moto.server import main
from moto.sns.exceptions import TopicNotFound
from moto.sns.models import SNSBackend, Topic


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def with_unknown_operations(call_action: Callable[[BaseResponse], Any]) -> Callable[[BaseResponse], Any]:
    """Answers an operation that moto does not have as an address that it does not have, instead of as a defect (status 500)."""

    def answer(self: BaseResponse) -> Any:
        try:
            return call_action(self)
        except NotImplementedError:
            return 404, {"Content-Type": "text/html"}, ""

    return answer


def without_conditional_statements(is_action_permitted: Callable[..., Any]) -> Callable[..., Any]:
    """Passes a bucket policy's statement over that has a condition: moto reads none, and would deny to all what is denied without TLS."""

    def permitted(self: IAMPolicyStatement, *args: Any, **kwargs: Any) -> Any:
        is_conditional = "Condition" in self._statement
        return PermissionResult.NEUTRAL if is_conditional else is_action_permitted(self, *args, **kwargs)

    return permitted


def with_own_keys(get_current_account: Callable[[BaseResponse], str]) -> Callable[[BaseResponse], str]:
    """Knows the own keys of each account: their ids are the account's number."""

    def current_account(self: BaseResponse) -> str:
        own = re.search(r"Credential=(\d{12})/", self.headers.get("Authorization", ""))
        return own.group(1) if own else get_current_account(self)

    return current_account


def with_names_taken(create_bucket: Callable[..., Any]) -> Callable[..., Any]:
    """Says that a name is taken: moto wants to see whose the bucket is, which it may not where that is another account."""

    def create(self: S3Backend, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
        _, owner = s3_backends.bucket_accounts.get(bucket_name, ("", self.account_id))
        if owner != self.account_id:
            raise S3ClientError("BucketAlreadyExists", "The requested bucket name is not available.")
        return create_bucket(self, bucket_name, *args, **kwargs)

    return create


def with_condition_on_source(copy_object: Callable[..., Any]) -> Callable[..., Any]:
    """Refuses to copy an object that is another one by now than the copy is to be of: moto does not heed the condition."""

    def copy(self: S3Backend, src_key: Any, *args: Any, **kwargs: Any) -> Any:
        etag = request.headers.get("x-amz-copy-source-if-match")
        if etag is not None and etag.strip('"') != src_key.etag.strip('"'):
            raise PreconditionFailed(failed_condition="x-amz-copy-source-If-Match")
        return copy_object(self, src_key, *args, **kwargs)

    return copy


def within_account(get_topic: Callable[[SNSBackend, str], Topic]) -> Callable[[SNSBackend, str], Topic]:
    """Finds a topic only from its own account: moto reads the account from the ARN, and asks no policy."""

    def get(self: SNSBackend, arn: str) -> Topic:
        if arn.split(":")[4:5] != [self.account_id]:
            raise TopicNotFound()
        return get_topic(self, arn)

    return get


BaseResponse.get_current_account = with_own_keys(BaseResponse.get_current_account)  # type: ignore[method-assign]
S3Backend.create_bucket = with_names_taken(S3Backend.create_bucket)  # type: ignore[method-assign]
S3Backend.copy_object = with_condition_on_source(S3Backend.copy_object)  # type: ignore[method-assign]
IAMPolicyStatement.is_action_permitted = without_conditional_statements(IAMPolicyStatement.is_action_permitted)  # type: ignore[method-assign]
SNSBackend.get_topic = within_account(SNSBackend.get_topic)  # type: ignore[method-assign]
BaseResponse.call_action = with_unknown_operations(BaseResponse.call_action)  # type: ignore[method-assign]
threading.Thread(target=end_with_parent, daemon=True).start()
print(f"service models: {os.path.join(os.path.dirname(botocore.__file__), 'data')}", flush=True)
main(["--host", f"unix://{sys.argv[1]}"])
