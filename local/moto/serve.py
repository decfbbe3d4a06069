"""moto_server for the local AWS: says where botocore's service models are, then serves until its standard input closes.

usage: serve.py PORT
"""

import os
import sys
import threading

import botocore
from moto.server import main


def end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


threading.Thread(target=end_with_parent, daemon=True).start()
print(f"service models: {os.path.join(os.path.dirname(botocore.__file__), 'data')}", flush=True)
main(["--host", "127.0.0.1", "--port", sys.argv[1]])
