"""moto_server for the local AWS: says where botocore's service models are, then serves until its standard input closes.

usage: serve.py PORT
"""

import os
import sys
import threading
from typing import Any, Callable

import botocore
from moto.core.responses import BaseResponse
from moto.iam.access_control import IAMPolicyStatement, PermissionResult
from moto.server import main


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


IAMPolicyStatement.is_action_permitted = without_conditional_statements(IAMPolicyStatement.is_action_permitted)  # type: ignore[method-assign]
BaseResponse.call_action = with_unknown_operations(BaseResponse.call_action)  # type: ignore[method-assign]
threading.Thread(target=end_with_parent, daemon=True).start()
print(f"service models: {os.path.join(os.path.dirname(botocore.__file__), 'data')}", flush=True)
main(["--host", "127.0.0.1", "--port", sys.argv[1]])
