# SPDX-License-Identifier: Apache-2.0
"""A directory that says what no directory should: hostile.py FILE WAY... writes a line "WAY PORT" for each way into
FILE, and answers at each port in that way, without TLS."""
import os
import socket
import sys
import threading


def tlv(tag, value):
    size = len(value)
    length = bytes([size]) if size < 128 else bytes([0x84]) + size.to_bytes(4, "big")
    return bytes([tag]) + length + value


def message(number, operation):
    return tlv(0x30, tlv(2, bytes([number])) + operation)


def result(tag, code=0, more=b""):
    return tlv(tag, tlv(0x0A, bytes([code])) + tlv(4, b"") + tlv(4, b"") + more)


def attribute(name, *values):
    return tlv(0x30, tlv(4, name) + tlv(0x31, b"".join(tlv(4, value) for value in values)))


def entry(name, *attributes):
    return tlv(0x64, tlv(4, name) + tlv(0x30, b"".join(attributes)))


ANNA = entry(b"uid=anna,dc=b", attribute(b"entryUUID", b"1"), attribute(b"cn", b"Anna"))
BIND, DONE, REFERENCE = 0x61, 0x65, 0x73


def answer(way, send, number, operation):
    """The bind of the service is message 1, the search 2, the person's bind 3 (4 when groups are looked for)."""
    is_bind = operation == 0x60
    if way == "refuses-referring" and is_bind:
        send(message(number, result(BIND, 10, tlv(0xA3, tlv(4, b"ldap://127.0.0.1:9/")))))
    elif way == "noise":
        send(bytes(range(256)) * 64)
    elif way == "huge":
        send(b"\x30\x84\x7f\xff\xff\xff" + b"\x02\x01\x01")
        while True:
            send(bytes(65536))
    elif way == "closes":
        raise ConnectionError
    elif way == "other-number":
        send(message(number + 40, result(BIND)))
    elif way == "silent" and not is_bind:
        return
    elif way == "drips" and not is_bind:
        for byte in message(number, ANNA) * 1000:
            send(bytes([byte]))
            threading.Event().wait(0.02)
    elif way == "busy" and is_bind and number > 1:
        send(message(number, result(BIND, 51)))
    elif way == "no" and is_bind and number > 1:
        send(message(number, result(BIND, 49)))
    elif is_bind:
        send(message(number, result(BIND)))
    elif way == "endless" or (way == "endless-groups" and number > 2):
        while True:
            send(message(number, ANNA) * 100)
    elif way == "endless-references":
        while True:
            send(message(number, tlv(REFERENCE, tlv(4, b"ldap://127.0.0.1:9/"))) * 100)
    elif way == "long-values":
        person = entry(b"uid=anna,dc=b", attribute(b"entryUUID", b"1"), attribute(b"cn", b"x" * 5000),
                       attribute(b"displayName", b"a\x00b"), attribute(b"mail", b"\xff\xfe@example.com"))
        send(message(number, person) + message(number, result(DONE)))
    elif way == "many-values":
        person = entry(b"uid=anna,dc=b", attribute(b"entryUUID", *[b"%d" % i for i in range(20000)]))
        send(message(number, person) + message(number, result(DONE)))
    elif way == "no-name":
        send(message(number, entry(b"", attribute(b"entryUUID", b"1"))) + message(number, result(DONE)))
    elif way == "odd-name":
        send(message(number, entry(b"\xff=,,(", attribute(b"entryUUID", b"1"))) + message(number, result(DONE)))
    elif way == "three":
        send(message(number, ANNA) * 3 + message(number, result(DONE)))
    elif way == "too-many-said":
        send(message(number, ANNA) + message(number, result(DONE, 4)))
    else:
        send(message(number, ANNA) + message(number, result(DONE)))


def read(stream):
    head = stream.read(2)
    if len(head) < 2:
        raise ConnectionError
    size = head[1]
    if size & 0x80:
        size = int.from_bytes(stream.read(size & 0x7F), "big")
    body = stream.read(size)
    number = body[2]  # 02 01 number
    return number, body[3]


def serve(way, listener):
    while True:
        peer, _ = listener.accept()
        stream = peer.makefile("rb")
        try:
            while True:
                number, operation = read(stream)
                answer(way, peer.sendall, number, operation)
        except (OSError, IndexError):
            pass
        stream.close()
        peer.close()


lines = ""
for name in sys.argv[2:]:
    door = socket.create_server(("127.0.0.1", 0))
    lines += f"{name} {door.getsockname()[1]}\n"
    threading.Thread(target=serve, args=(name, door)).start()
with open(sys.argv[1] + ".new", "w", encoding="ascii") as file:
    file.write(lines)
os.rename(sys.argv[1] + ".new", sys.argv[1])
