"""A gateway for text messages on this machine, as docs/sms.md describes it, which may be told to refuse."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread


class Gateway:
    """Messages that arrived, with their headers; `answers` are the statuses of the next ones, 202 after them."""

    def __init__(self):
        self.messages, self.answers, self.headers, self.elsewhere = [], [], {}, ""
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway.headers, status = dict(self.headers), gateway.answers.pop(0) if gateway.answers else 202
                if status < 300:
                    gateway.messages.append(body)
                self.send_response(status)
                if gateway.elsewhere:
                    self.send_header("Location", gateway.elsewhere)
                self.end_headers()

            def log_message(self, *_given):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://portal:a%20secret@127.0.0.1:{self.server.server_port}/messages?from=portal"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
