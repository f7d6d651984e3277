"""A place that takes uploads as S3 does and throws them away, so that a measurement is one of the sender.

    Tests/sink.py

Prints its port. The bytes are dropped inside the kernel (MSG_TRUNC), so it takes several gigabytes a second.
"""

import itertools
import re
import socket
import threading

BUFFER = 4 << 20
COUNTER = itertools.count()
CHECKSUM = re.compile(rb"\r\nx-amz-checksum-crc32: *([^\r]+)", re.IGNORECASE)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
EXPECT = re.compile(rb"\r\nexpect: *100-continue", re.IGNORECASE)


def answer(line):
    method, path, _ = line.split(b" ", 2)
    if method == b"POST" and b"uploads" in path.partition(b"?")[2].split(b"&")[0]:
        body = b"<InitiateMultipartUploadResult><UploadId>u%d</UploadId></InitiateMultipartUploadResult>" % next(COUNTER)
    elif method == b"POST":
        body = b"<CompleteMultipartUploadResult><ETag>&quot;0&quot;</ETag></CompleteMultipartUploadResult>"
    else:
        body = b""
    return b"HTTP/1.1 200 OK\r\nETag: \"0\"\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def serve(connection):
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    trash = bytearray(BUFFER)
    pending = b""
    while True:
        while (end := pending.find(b"\r\n\r\n")) < 0:
            more = connection.recv(65536)
            if not more:
                return
            pending += more
        head, pending = pending[:end], pending[end + 4:]
        found = LENGTH.search(head)
        length = int(found.group(1)) if found else 0
        if EXPECT.search(head):
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        rest = length - len(pending)
        pending = pending[length:]
        while rest > 0:
            count = connection.recv_into(trash, min(rest, BUFFER), socket.MSG_TRUNC)
            if not count:
                return
            rest -= count
        connection.sendall(answer(head.partition(b"\r\n")[0]))


def guarded(connection):
    try:
        serve(connection)
    except OSError:
        pass
    finally:
        connection.close()


def main():
    listener = socket.create_server(("127.0.0.1", 0), backlog=512)
    print("ready", listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=guarded, args=(connection,), daemon=True).start()


main()
