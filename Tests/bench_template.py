"""`package template` beside `aws cloudformation package`: ten functions, a service on the loopback interface."""

import http.client
import http.server
import pathlib
import shutil
import statistics
import sys
import threading
import time
import urllib.parse

import bench_zip
import measuring

ROUNDS = 7
# At which code is packed for templates.
LEVEL = "1"
# What `pip install requests` brings along, the library that is most often in functions.
LIBRARIES = ["requests", "urllib3", "certifi", "idna", "charset_normalizer"]
# Ten programs of about a megabyte or two that have nothing in common.
PROGRAMS = ["awscli", "botocore", "cfnlint", "docutils", "graphql", "moto/s3", "mpmath", "pydantic", "setuptools", "werkzeug"]


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
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.names.add(self.path)
        self.answer(200)

    def do_GET(self):
        keys = "".join(f"<Contents><Key>{urllib.parse.quote(name.split('/', 2)[2])}</Key><Size>1</Size></Contents>"
                       for name in sorted(self.names))
        self.answer(200, f"<ListBucketResult><EncodingType>url</EncodingType><IsTruncated>false</IsTruncated>{keys}"
                         "</ListBucketResult>".encode())


class Service(http.server.ThreadingHTTPServer):
    """Takes more connections at a time than Python's five, beyond which the kernel makes clients wait for a second."""

    request_queue_size = 128


def bare_requests(port, sizes):
    """The same questions and uploads from a client that does nothing else, on one connection."""
    start = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port)

    def ask(method, path, body=None):
        connection.request(method, path, body)
        connection.getresponse().read()

    ask("GET", "/bucket?list-type=2")
    for number, size in enumerate(sizes):
        ask("HEAD", f"/bucket/{number:032x}")
        ask("PUT", f"/bucket/{number:032x}", b"x" * size)
    return time.perf_counter() - start


def handlers(directory):
    """Ten functions of one module each."""
    lines = ["Transform: AWS::Serverless-2016-10-31", "Resources:"]
    for number in range(10):
        lines += [f"  Function{number}:", "    Type: AWS::Serverless::Function", "    Properties:",
                  f"      CodeUri: function{number}", "      Handler: app.handler", "      Runtime: python3.12"]
        code = directory / f"function{number}"
        code.mkdir(parents=True)
        (code / "app.py").write_text(
            "import json\n\n\ndef handler(event, context):\n"
            f"    return {{'statusCode': 200, 'body': json.dumps({{'number': {number}}})}}\n")
    (directory / "template.yaml").write_text("\n".join(lines) + "\n")


def built(directory):
    """The same as `sam build` leaves them: each with a copy of the libraries it needs."""
    handlers(directory)
    packages = next(pathlib.Path(sys.executable).parent.parent.glob("lib/python3*/site-packages"))
    for number in range(10):
        for library in LIBRARIES:
            shutil.copytree(packages / library, directory / f"function{number}" / library)


def different(directory):
    """Ten functions that have nothing in common, each with another program: code as people write it."""
    handlers(directory)
    packages = next(pathlib.Path(sys.executable).parent.parent.glob("lib/python3*/site-packages"))
    for number, program in enumerate(PROGRAMS):
        for module in (packages / program).rglob("*.py"):
            place = directory / f"function{number}" / module.relative_to(packages)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(module, place)


def own(directory):
    """Ten functions that have no line in common, but so much in each that zlib has little to do."""
    handlers(directory)
    for number in range(10):
        for part in range(80):
            code = [f"def f{part}_{n}(x, y={n}): return x + y * {n * number + part}" for n in range(300)]
            (directory / f"function{number}" / f"part{part}.py").write_text("\n".join(code) + "\n")


def compare(executable, environment, directory, title):
    """Prints both commands' times, for code that is new and for the same again."""
    files = [path for path in directory.rglob("*") if path.is_file()]
    print(f"template of ten functions, {title}: {len(files)} files, "
          f"{sum(path.stat().st_size for path in files) / 1e6:.1f} MB")
    aws = f"{pathlib.Path(sys.executable).parent}/aws"
    theirs = [aws, "cloudformation", "package", "--template-file", "template.yaml", "--s3-bucket", "bucket",
              "--output-template-file", str(directory / "theirs.yaml")]
    ours = [str(executable), "package", "template", "template.yaml", "--s3-bucket", "bucket", "-o",
            str(directory / "ours.yaml")]

    def measure(command, isFirst):
        if isFirst:
            Bucket.names.clear()
            shutil.rmtree(pathlib.Path(environment["HOME"]) / ".cache/buildspec/packages", ignore_errors=True)
        return measuring.seconds(*command, cwd=directory, environment=environment)

    scratch = directory.with_name(directory.name + "-floor")
    scratch.mkdir()
    floor = bench_zip.floor(scratch, directory, LEVEL)
    floor()
    for what, isFirst, limit in (("everything new", True, 15), ("nothing changed", False, 50)):
        # What was changed within the last two seconds is not believed to be unchanged.
        time.sleep(2.1)
        if not isFirst:
            measure(ours, False), measure(ours, False), measure(theirs, False)
        # Each has its files and its own code in memory, whatever the system did with them while the other one ran.
        pairs = [[(measure(command, isFirst), measure(command, isFirst))[1] for command in (ours, theirs)]
                 for _ in range(ROUNDS)]
        mine, other = (statistics.median(side) for side in zip(*pairs))
        print(f"  {what}: {mine * 1000:.0f} ms, aws cloudformation package: {other * 1000:.0f} ms, "
              f"{other / mine:.1f} times as fast (wanted: {limit})")
        if isFirst:
            bare = statistics.median(floor()[0] for _ in range(ROUNDS))
            print(f"    only to read and deflate these files, with two threads: {bare * 1000:.0f} ms, "
                  f"{other / bare:.1f} times as fast")


def run(executable, scratch, environment):
    server = Service(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {
        **environment, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}", "AWS_REGION": "eu-central-1",
        "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "made-up", "AWS_EC2_METADATA_DISABLED": "true"}
    try:
        for name, make, title in (
                ("built", built, "each with its libraries, as `sam build` leaves them"),
                ("handlers", handlers, "one module each"),
                ("different", different, "another program each"),
                ("own", own, "a megabyte of made-up lines each, nothing in common")):
            directory = scratch / name
            make(directory)
            compare(executable, environment, directory, title)
        start = statistics.median(
            measuring.seconds(str(executable), "--version", environment=environment) for _ in range(ROUNDS))
        asked = [statistics.median(bare_requests(server.server_port, sizes) for _ in range(ROUNDS))
                 for sizes in ([], [2_500_000] * 10)]
        print(f"of it the process's start: {start * 1000:.0f} ms; the service's answers to the same requests, one after "
              f"the other: {asked[0] * 1000:.0f} ms, with ten uploads of 2.5 MB {asked[1] * 1000:.0f} ms")
    finally:
        server.shutdown()
