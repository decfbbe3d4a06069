"""Says whether a text is friendly. SageMaker's contract: GET /ping and POST /invocations, on port 8080."""

import json
import os
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

FRIENDLY = set(os.environ["FRIENDLY_WORDS"].split(","))


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(200 if self.path == "/ping" else 404, {})

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            words = json.loads(body)["text"].lower().split()
        except (ValueError, KeyError, TypeError, AttributeError):
            return self.answer(400, {"error": 'the body must be {"text": "…"}'})
        self.answer(200, {"label": "friendly" if FRIENDLY & set(words) else "neutral"})

    def answer(self, status, value):
        encoded = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    ThreadingHTTPServer(("", int(os.environ.get("SAGEMAKER_BIND_TO_PORT", "8080"))), Handler).serve_forever()
