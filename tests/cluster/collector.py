#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What stands around a cluster in a test of traces: a collector (OTLP/HTTP, JSON), a receiver of
webhooks and a mail server. Prints the ports of the first two and of the third; writes one JSON line per
span, webhook and mistake to the file that it was given. It is strict: a member that the protocol does not
know, an id that is none, a span that ends before it begins are mistakes. With DIR/down it answers 503 to
spans, with DIR/never 400; without the Authorization that DIR/token.NODE holds (X-Node says the node) 401."""
import json, os, re, socketserver, sys, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

folder, out = sys.argv[1], open(sys.argv[2], "a")
lock = threading.Lock()
SPAN = {"traceId", "spanId", "parentSpanId", "traceState", "name", "kind", "startTimeUnixNano",
        "endTimeUnixNano", "attributes", "links", "status"}
seen = set()


def tell(line):
    with lock:
        out.write(json.dumps(line) + "\n")
        out.flush()


def wanted_of(node):
    """The Authorization that a node must send: what the file token.NODE says, or none."""
    path = os.path.join(folder, f"token.{node}")
    if not os.path.exists(path):
        return None
    with open(path) as file:
        return file.read().strip()


def want(good, what):
    if not good:
        raise ValueError(what)


def attributes(items):
    said = {}
    for item in items:
        want(set(item) == {"key", "value"} and len(item["value"]) == 1, item)
        (kind, value), = item["value"].items()
        want(kind == "stringValue" and isinstance(value, str) or
             kind == "intValue" and isinstance(value, str) and re.fullmatch(r"-?\d+", value), item)
        want(item["key"] not in said, item)
        said[item["key"]] = value if kind == "stringValue" else int(value)
    return said


def hexadecimal(text, digits):
    want(re.fullmatch("[0-9a-f]{%d}" % digits, text) and set(text) != {"0"}, text)
    return text


def number(text):
    want(isinstance(text, str) and re.fullmatch(r"\d{1,20}", text), text)
    return int(text)


def span(said, source):
    want(set(said) <= SPAN, set(said) - SPAN)
    begin, end = number(said["startTimeUnixNano"]), number(said["endTimeUnixNano"])
    want(1.6e18 < begin <= end < 4e18, (begin, end))
    want(said["kind"] in (1, 2, 3, 4, 5) and isinstance(said["name"], str) and said["name"], said)
    want(said.get("status", {"code": 2}) == {"code": 2}, said)
    key = hexadecimal(said["traceId"], 32), hexadecimal(said["spanId"], 16)
    want(key not in seen, "a span came twice")
    seen.add(key)
    for link in said.get("links", []):
        want(set(link) == {"traceId", "spanId"}, link)
        hexadecimal(link["traceId"], 32), hexadecimal(link["spanId"], 16)
    parent = said.get("parentSpanId")
    return {"span": key[1], "trace": key[0], "parent": parent and hexadecimal(parent, 16),
            "state": said.get("traceState"), "name": said["name"], "kind": said["kind"],
            "node": source["service.instance.id"], "service": source["service.name"],
            "links": [link["spanId"] for link in said.get("links", [])],
            "failed": "status" in said, "notes": attributes(said["attributes"])}


def spans(body):
    want(set(body) == {"resourceSpans"}, set(body))
    for resource in body["resourceSpans"]:
        want(set(resource) == {"resource", "scopeSpans"}, set(resource))
        source = attributes(resource["resource"]["attributes"])
        want(source["service.namespace"] == "liaison" and source["service.version"], source)
        for scope in resource["scopeSpans"]:
            want(set(scope) == {"scope", "spans"} and scope["scope"]["name"] == "liaison", set(scope))
            yield from (span(one, source) for one in scope["spans"])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = 200
        if self.path != "/v1/traces":
            tell({"webhook": self.path, "traceparent": self.headers.get("traceparent"),
                  "type": json.loads(body)["type"]})
        elif os.path.exists(os.path.join(folder, "down")):
            status = 503
        elif os.path.exists(os.path.join(folder, "never")):
            status = 400
        elif self.headers.get("Authorization") != wanted_of(self.headers.get("X-Node")):
            status = 401
        else:
            try:
                want(self.headers["Content-Type"] == "application/json", "type of content")
                for one in list(spans(json.loads(body))):
                    tell(one)
            except (ValueError, KeyError, TypeError) as mistake:
                status = 400
                tell({"mistake": repr(mistake)})
        self.send_response(status)
        answer = b"{}"
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)


class Post(socketserver.StreamRequestHandler):
    def handle(self):
        def say(text):
            self.wfile.write(text + b"\r\n")
        say(b"220 here")
        in_data = False
        for line in self.rfile:
            word = line[:4].upper().strip()
            if in_data:
                in_data = line.rstrip() != b"."
                if not in_data:
                    say(b"250 taken")
            elif word == b"DATA":
                in_data = True
                say(b"354 go on")
            elif word == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"250 yes")


class PostOffice(socketserver.ThreadingTCPServer):
    daemon_threads = True


web, post = ThreadingHTTPServer(("127.0.0.1", 0), Handler), PostOffice(("127.0.0.1", 0), Post)
threading.Thread(target=post.serve_forever, daemon=True).start()
print(web.server_address[1], post.server_address[1], flush=True)
web.serve_forever()
