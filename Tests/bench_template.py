"""`package template` beside `aws cloudformation package`: ten functions, a service on the loopback interface."""

import http.client
import http.server
import pathlib
import shutil
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

ROUNDS = 5


class Bucket(http.server.BaseHTTPRequestHandler):
    """Keeps the names of objects, and answers what both sides ask: HEAD, PUT, ListObjectsV2."""

    protocol_version = "HTTP/1.1"
    names = set()

    def log_message(self, *arguments):
        pass

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("ETag", '"0"')
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self):
        self.answer(200 if self.path in self.names else 404)

    def do_PUT(self):
        if self.headers.get("Expect") == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.names.add(self.path)
        self.answer(200)

    def do_GET(self):
        keys = "".join(f"<Contents><Key>{urllib.parse.quote(name.split('/', 2)[2])}</Key><Size>1</Size></Contents>"
                       for name in sorted(self.names))
        self.answer(200, f"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{keys}"
                         "</ListBucketResult>".encode())


def bare_requests(port, count, isFirst):
    """The same questions and uploads from a client that does nothing else, on one connection."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(method, path, body=None):
        connection.request(method, path, body)
        connection.getresponse().read()

    ask("GET", "/bucket?list-type=2")
    for number in range(count if isFirst else 0):
        ask("HEAD", f"/bucket/{number:032x}")
        ask("PUT", f"/bucket/{number:032x}", b"x" * 180_000)
    return time.perf_counter() - start


def seconds(command, environment, directory):
    start = time.perf_counter()
    subprocess.run(command, env=environment, cwd=directory, check=True, capture_output=True)
    return time.perf_counter() - start


def run(executable, scratch, environment):
    directory = pathlib.Path(scratch) / "template"
    directory.mkdir()
    lines = ["Resources:"]
    for number in range(10):
        lines += [f"  Function{number}:", "    Type: AWS::Lambda::Function", "    Properties:",
                  f"      Code: function{number}", "      Handler: app.handler"]
        code = directory / f"function{number}"
        code.mkdir()
        for part in range(80):
            lines_of_code = [f"def f{part}_{n}(x, y={n}): return x + y * {n * number + part}" for n in range(300)]
            (code / f"part{part}.py").write_text("\n".join(lines_of_code) + "\n")
    (directory / "template.yaml").write_text("\n".join(lines) + "\n")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **environment, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_EC2_METADATA_DISABLED": "true"}
    aws = f"{pathlib.Path(sys.executable).parent}/aws"
    theirs = [aws, "cloudformation", "package", "--template-file", "template.yaml", "--s3-bucket", "bucket",
              "--output-template-file", str(directory / "theirs.yaml")]
    ours = [str(executable), "package", "template", "template.yaml", "--s3-bucket", "bucket", "-o",
            str(directory / "ours.yaml")]

    def measure(command, isFirst):
        if isFirst:
            Bucket.names.clear()
            shutil.rmtree(pathlib.Path(environment["HOME"]) / ".cache/buildspec/packages", ignore_errors=True)
        return seconds(command, environment, directory)

    try:
        for title, isFirst in (("everything new", True), ("nothing changed", False)):
            if not isFirst:
                time.sleep(2.1)
                measure(ours, False), measure(ours, False), measure(theirs, False)
            pairs = [(measure(ours, isFirst), measure(theirs, isFirst)) for _ in range(ROUNDS)]
            mine, other = (statistics.median(side) for side in zip(*pairs))
            print(f"template of ten functions, {title}: {mine * 1000:.0f} ms, "
                  f"aws cloudformation package: {other * 1000:.0f} ms, {other / mine:.0f} times as fast "
                  f"(wanted: {15 if isFirst else 50})")
            start = statistics.median(seconds([str(executable), "--version"], environment, directory)
                                      for _ in range(ROUNDS))
            asked = statistics.median(bare_requests(server.server_port, 10, isFirst) for _ in range(ROUNDS))
            print(f"  of it the process's start: {start * 1000:.0f} ms; the service's answers to the same requests, one "
                  f"after the other: {asked * 1000:.0f} ms")
    finally:
        server.shutdown()
