#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A receiver of webhooks for tests. Prints its port, then writes one JSON line per request to the file
that it was given. What it does follows from the path:

    /ok/NAME        204                              /slow/NAME     never answers
    /fail/N/NAME    503 for the first N of an id     /trickle/NAME  a byte each half second, for ever
    /later/NAME     429, Retry-After: 1, once an id  /gone/NAME     410
    /big/NAME       200 and an endless body          /move/NAME     307 to /ok/moved
    /down/NAME      503 for as long as DIR/down is there

Signatures are checked with the secrets in DIR/NAME.secret, one a line, by the rules of Standard Webhooks."""
import base64, hashlib, hmac, json, os, sys, threading, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder, out_path = sys.argv[1], sys.argv[2]
out, lock, seen = open(out_path, "a"), threading.Lock(), {}


def secrets(name):
    try:
        with open(os.path.join(folder, name + ".secret")) as file:
            return [base64.b64decode(line.strip()[6:]) for line in file if line.startswith("whsec_")]
    except OSError:
        return []


def signed_by(headers, body, name):
    """How many of the known secrets signed it."""
    said = headers.get("webhook-signature", "").split()
    text = "{}.{}.".format(headers.get("webhook-id"), headers.get("webhook-timestamp")).encode() + body
    fresh = abs(int(headers.get("webhook-timestamp", "0")) - time.time()) < 60
    count = 0
    for secret in secrets(name):
        want = "v1," + base64.b64encode(hmac.new(secret, text, hashlib.sha256).digest()).decode()
        count += any(hmac.compare_digest(want, one) for one in said)
    return count if fresh else 0


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        what, *rest = self.path.strip("/").split("/")
        name, event = rest[-1], json.loads(body)
        with lock:
            key = (self.path, self.headers.get("webhook-id"))
            seen[key] = seen.get(key, 0) + 1
            times = seen[key]
            down = what == "down" and os.path.exists(os.path.join(folder, "down"))
            bad = down or what in ("slow", "trickle", "gone", "move") or (what == "fail" and times <= int(rest[0]))
            bad = bad or (what == "later" and times == 1)
            out.write(json.dumps({"path": what, "name": name, "id": key[1], "times": times, "taken": not bad,
                                  "type": self.headers.get("Content-Type"),
                                  "signed": signed_by(self.headers, body, name), "at": time.time(),
                                  "event": event}) + "\n")
            out.flush()
        if what == "slow":
            time.sleep(600)
        elif what == "trickle":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
            while True:
                self.wfile.write(b"x")
                time.sleep(0.5)
        elif what == "gone":
            self.answer(410)
        elif what == "move":
            self.answer(307, [("Location", "/ok/moved")])
        elif what == "later" and bad:
            self.answer(429, [("Retry-After", "1")])
        elif what == "big":
            self.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                self.wfile.write(b"4000\r\n" + b"x" * 0x4000 + b"\r\n")
        else:
            self.answer(503 if bad else 204)

    def log_message(self, *_):
        pass

    def handle(self):
        try:
            super().handle()
        except OSError:
            pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256


server = Server(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
