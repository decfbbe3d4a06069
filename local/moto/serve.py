"""moto_server for the local AWS: says where botocore's service models are, then serves until its standard input closes.

usage: serve.py PORT
"""

import os
import sys
import threading
from typing import Any, Callable

import botocore
from moto.core.responses import BaseResponse
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


BaseResponse.call_action = with_unknown_operations(BaseResponse.call_action)  # type: ignore[method-assign]
threading.Thread(target=end_with_parent, daemon=True).start()
print(f"service models: {os.path.join(os.path.dirname(botocore.__file__), 'data')}", flush=True)
main(["--host", "127.0.0.1", "--port", sys.argv[1]])
