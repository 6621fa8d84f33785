#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Follows everything that happens at a node over Server-Sent Events, from where it stopped.

    subscribe.py http://127.0.0.1:27100 STATE OUT [QUERY]

Each event becomes one line of OUT (its CloudEvents JSON); STATE holds the id of the last one. The line is
written before the id, so a crash in between repeats an event and never loses one: whoever reads OUT leaves
out ids that it has seen. QUERY narrows it (kind=deals&filter=...). LIAISON_TOKEN is shown when it is set.
Needs nothing but Python."""
import http.client
import json
import os
import sys
import time
import urllib.parse

RETRY_S, SILENCE_S = 0.5, 60  # a living stream says something every 15 s


def load(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except FileNotFoundError:
        return ""


def save(path, text):
    with open(path + ".new", "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.rename(path + ".new", path)


def messages(answer):
    """The messages of a stream as (id, event, data)."""
    fields = {}
    for line in answer:
        line = line.decode().rstrip("\n")
        if not line:
            if "data" in fields:
                yield fields.get("id", ""), fields.get("event", ""), fields["data"]
            fields = {}
        elif not line.startswith(":"):
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")


def follow(url, state, out, query):
    host = urllib.parse.urlsplit(url)
    kind = http.client.HTTPSConnection if host.scheme == "https" else http.client.HTTPConnection
    door = kind(host.netloc, timeout=SILENCE_S)
    headers = {"Accept": "text/event-stream"}
    if os.environ.get("LIAISON_TOKEN"):
        headers["Authorization"] = "Bearer " + os.environ["LIAISON_TOKEN"]
    last = load(state)
    if last:
        headers["Last-Event-ID"] = last
    door.request("GET", "/api/v1/events?from=start" + ("&" + query if query else ""), headers=headers)
    answer = door.getresponse()
    if answer.status != 200:
        problem = json.loads(answer.read() or b"{}")
        if "first" in problem:  # events behind our id are gone: take the state from the lists, go on there
            print("missed:", problem.get("detail"), file=sys.stderr)
            save(state, problem["first"])
        else:
            print("refused:", answer.status, problem.get("detail"), file=sys.stderr)
        return
    for number, event, data in messages(answer):
        if event == "stream.gap":
            print("missed:", data, file=sys.stderr)
        else:
            out.write(data + "\n")
            out.flush()
            os.fsync(out.fileno())
        save(state, number)


def main():
    url, state, out_path, *rest = sys.argv[1:]
    with open(out_path, "a") as out:
        while True:
            try:
                follow(url, state, out, rest[0] if rest else "")
            except (OSError, http.client.HTTPException, ValueError) as error:
                print("again:", error, file=sys.stderr)
            time.sleep(RETRY_S)


main()
