"""The log of a build with 200 secrets in all their forms, beside sed with 20 plain ones."""

import base64
import http.server
import json
import random
import shutil
import statistics
import threading

from measuring import usage


class Parameters(http.server.BaseHTTPRequestHandler):
    """Parameter Store, as far as a build needs it; the value of a parameter is a token made of its name."""

    @staticmethod
    def value(name):
        return "".join(random.Random(name).choices("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/", k=40))

    def do_POST(self):
        names = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["Names"]
        found = [{"Name": name, "Type": "SecureString", "Value": self.value(name), "Version": 1} for name in names]
        answer = json.dumps({"Parameters": found, "InvalidParameters": []}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


def words(generator, secrets):
    """Output of builds: words, paths, digests, and a secret now and then."""
    known = "Downloading requirement already satisfied npm http fetch GET 200 Step RUN apt-get install /usr/lib/python3 " \
        "https://registry.npmjs.org/lodash src/main/java/com/example/App.java:[12,34] INFO warning: [32m".split()
    lines = []
    for number in range(20000):
        line = generator.choices(known, k=generator.randint(3, 14))
        if number % 5 == 0:
            line.append("sha256:" + generator.randbytes(32).hex())
        if number % 50 == 0:
            line.append(generator.choice(secrets))
        lines.append(" ".join(line))
    return ("\n".join(lines) + "\n").encode()


def one_line(generator, secrets):
    """The same without a break."""
    return words(generator, secrets).replace(b"\n", b" ")


def hexadecimal(generator, secrets):
    """A dump of bytes."""
    return b"".join(generator.randbytes(30).hex().encode() + b"\n" for _ in range(20000))


def base64_dump(generator, secrets):
    """What an archive looks like that is printed."""
    return b"".join(base64.b64encode(generator.randbytes(57)) + b"\n" for _ in range(20000))


def beginnings(generator, secrets):
    """Beginnings of secrets and of their encoded forms, which never become whole: what costs most."""
    parts = []
    for _ in range(40000):
        secret = generator.choice(secrets)
        form = generator.choice([secret, base64.b64encode(secret.encode()).decode(), secret.encode().hex()])
        parts.append(form[: generator.randint(4, len(form) - 2)])
    return ("".join(parts) + "\n").encode()


def repeat(file, text, size):
    """Fills a file with a text; the megabytes written."""
    with open(file, "wb") as opened:
        for _ in range(size // len(text)):
            opened.write(text)
    return file.stat().st_size / 1e6


KINDS = {
    "words, as builds print them": words, "a line without a break": one_line, "hexadecimal": hexadecimal,
    "base64": base64_dump, "beginnings of secrets": beginnings}


def run(executable, scratch, environment):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Parameters)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    names = [f"/app/{number}" for number in range(200)]
    secrets = [Parameters.value(name) for name in names]
    environment = environment | {
        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench-secret", "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}
    source = scratch / "masked"
    source.mkdir()
    lines = ["version: 0.2", "env:", "  parameter-store:", *(f"    S{n}: {name}" for n, name in enumerate(names))]

    def build(command):
        (source / "buildspec.yml").write_text("\n".join(lines + [f"phases: {{build: {{commands: ['{command}']}}}}", ""]))
        measured = usage(executable, "run", str(source), "--sandbox", "host", environment=environment)
        shutil.rmtree(source / ".buildspec")
        return measured

    build("true")
    starts = [build("true") for _ in range(3)]
    start = statistics.median(run.seconds for run in starts)
    start_processor = statistics.median(run.processor for run in starts)
    script = [option for secret in secrets[:20] for option in ("-e", f"s|{secret}|***|g")]
    file = scratch / "output"
    print("1 GiB of output with 200 secrets in all their forms, from cat to build.log (at least 200 MB/s, at most 64 MiB):")
    for title, kind in KINDS.items():
        megabytes = repeat(file, kind(random.Random(2), secrets), 1 << 30)
        measured = [build(f"cat {file}") for _ in range(2)]
        speed = megabytes / (min(run.seconds for run in measured) - start)
        core = megabytes / (min(run.processor for run in measured) - start_processor)
        print(f"  {title}: {speed:.0f} MB/s, {core:.0f} MB a processor second, "
              f"{max(run.memory for run in measured):.0f} MiB", flush=True)
        if kind is words:
            theirs = megabytes / usage("sed", *script, str(file)).seconds
            print(f"  sed with 20 plain ones: {theirs:.0f} MB/s, ratio {speed / theirs:.1f}", flush=True)
    server.shutdown()
    file.unlink()
