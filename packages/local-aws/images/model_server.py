"""The HTTP server of a serving container: `GET /ping`, `POST /invocations`."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable
from email.message import Message
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NoReturn

TEXT = "text/html; charset=utf-8"


class Refused(Exception):
    """What the container answers instead of a prediction."""

    def __init__(self, status: HTTPStatus, message: str, content_type: str = TEXT) -> None:
        super().__init__(message)
        self.status = status
        self.content_type = content_type


Invocations = Callable[[Message, bytes], tuple[str, bytes]]
"""Answers a request, given its headers and body, with a content type and a body. May raise `Refused`."""


def reason(error: Exception) -> str:
    """What a container answers that tells of its errors."""
    return f"{type(error).__name__}: {error}"


def serve(invocations: Invocations, most_bytes: int | None = None, told: Callable[[Exception], str] = reason) -> NoReturn:
    """Serves until the process is ended. `told` is what becomes of an error that is not `Refused`."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self.answer(HTTPStatus.OK if self.path == "/ping" else HTTPStatus.NOT_FOUND, b"", "text/plain")

        def do_POST(self) -> None:
            try:
                if self.path != "/invocations":
                    raise Refused(HTTPStatus.NOT_FOUND, f"{self.path} is not served, /invocations is")
                content_type, body = invocations(self.headers, self.body())
                self.answer(HTTPStatus.OK if body else HTTPStatus.NO_CONTENT, body, content_type)
            except Refused as refusal:
                self.answer(refusal.status, str(refusal).encode(), refusal.content_type)
            except Exception as error:  # a request must be answered whatever happens in the model
                traceback.print_exc()
                self.answer(HTTPStatus.INTERNAL_SERVER_ERROR, told(error).encode(), TEXT)

        def body(self) -> bytes:
            length = int(self.headers.get("Content-Length", 0))
            if most_bytes is not None and length > most_bytes:
                self.discard(length)
                raise Refused(
                    HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"the body has {length} bytes, at most {most_bytes} are taken"
                )
            return self.rfile.read(length)

        def discard(self, length: int) -> None:
            """Reads a body and forgets it: a client that is still sending would miss the answer."""
            while length > 0:
                length -= len(self.rfile.read(min(length, 65536))) or length

        def answer(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            # Health checks would drown the requests.
            if self.path != "/ping":
                print(f"{self.address_string()} - {format % args}", flush=True)

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    port = int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))
    server = Server(("127.0.0.1", port), Handler)
    print(f"Model loaded successfully; serving on port {port}", flush=True)
    server.serve_forever()
    raise AssertionError("a server serves forever")
