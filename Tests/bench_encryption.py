"""Client-side encryption beside `openssl speed` and the AWS Encryption SDK for Python.

CPU seconds are compared where the disk or other work on the machine would decide otherwise; the best of some rounds counts.
"""

import http.server
import os
import pathlib
import re
import subprocess
import sys
import threading
import time

MEBIBYTES = 256
ROUNDS = 5

SDK = """
import os, sys, time, warnings
warnings.simplefilter("ignore")
import aws_encryption_sdk
from aws_encryption_sdk import CommitmentPolicy
from aws_encryption_sdk.identifiers import AlgorithmSuite, EncryptionKeyType, WrappingAlgorithm
from aws_encryption_sdk.internal.crypto.wrapping_keys import WrappingKey
from aws_encryption_sdk.key_providers.raw import RawMasterKeyProvider

class Provider(RawMasterKeyProvider):
    provider_id = "bench"
    def _get_raw_key(self, key_id):
        return WrappingKey(wrapping_algorithm=WrappingAlgorithm.AES_256_GCM_IV12_TAG16_NO_PADDING,
            wrapping_key=b"k" * 32, wrapping_key_type=EncryptionKeyType.SYMMETRIC)

provider = Provider()
provider.add_master_key("key")
sdk = aws_encryption_sdk.EncryptionSDKClient(commitment_policy=CommitmentPolicy.REQUIRE_ENCRYPT_REQUIRE_DECRYPT)
plain, sealed, frame, suite = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4], 16)
options = {"e": {"algorithm": AlgorithmSuite.get_by_id(suite), "frame_length": frame}, "d": {}}
for mode, source, target in (("e", plain, sealed), ("d", sealed, os.devnull)):
    wall, cpu = time.perf_counter(), time.process_time()
    with open(source, "rb") as reader, open(target, "wb") as writer:
        with sdk.stream(mode=mode, source=reader, key_provider=provider, **options[mode]) as stream:
            for chunk in stream:
                writer.write(chunk)
    print(time.perf_counter() - wall, time.process_time() - cpu)
"""


def used(*command, environment=None, output=subprocess.DEVNULL):
    """Wall seconds, CPU seconds and peak MiB of a command and what it starts."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=output, stderr=subprocess.DEVNULL)
    _, status, resources = os.wait4(process.pid, 0)
    process.returncode = status
    assert status == 0, command
    return time.perf_counter() - start, resources.ru_utime + resources.ru_stime, resources.ru_maxrss / 1024


def best(measure, rounds=ROUNDS):
    """The least of each number."""
    return tuple(min(column) for column in zip(*(measure() for _ in range(rounds))))


def openssl(algorithm):
    """Bytes a second of one core, by blocks of 1 MiB."""
    shown = subprocess.run(
        ["openssl", "speed", "-evp", algorithm, "-bytes", str(1 << 20), "-seconds", "1"], capture_output=True, text=True)
    return float(re.findall(r"([0-9.]+)k$", shown.stdout, re.M)[-1]) * 1000


class Sink(http.server.BaseHTTPRequestHandler):
    """S3 as far as an upload needs it; forgets what it is sent."""

    protocol_version = "HTTP/1.1"

    def answer(self, body=b"", **headers):
        left = int(self.headers.get("Content-Length") or 0)
        while left:
            left -= len(self.rfile.read(min(left, 1 << 20)))
        self.send_response(200)
        for name, value in {"Content-Length": str(len(body)), "ETag": '"etag"', **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        self.answer()

    def do_POST(self):
        kind = "InitiateMultipartUploadResult" if self.path.endswith("uploads") or "uploads=" in self.path else \
            "CompleteMultipartUploadResult"
        self.answer(f"<{kind}><UploadId>one</UploadId><ETag>&quot;etag&quot;</ETag></{kind}>".encode())

    def do_GET(self):
        self.answer(b"<ListMultipartUploadsResult></ListMultipartUploadsResult>")

    do_HEAD = do_DELETE = do_PUT

    def log_message(self, *_):
        pass


def sealing(executable, scratch, environment, plain, floors, walls):
    """Both suites, with our frames and with the SDK's.

    The limit of 1 GB/s a core is one of AES-256-GCM alone. A signed message needs SHA-384 of all its bytes as well, for
    which processors have no instructions (but for the very newest): where OpenSSL hashes 1.1 and encrypts 5 GB/s, nothing
    signs more than 0.9 GB/s a core. So the floor of each suite is told, and how near we come. The SDK hashes as fast as
    anybody, so the ratios to it have a bound too: that of a program which does nothing but hash and encrypt.
    """
    key = scratch / "bench.key"
    key.write_bytes(b"k" * 32)
    key.chmod(0o600)
    sealed, theirs = scratch / "sealed", scratch / "theirs"
    options = ["--encryption-key", f"local:{key}"]
    size = plain.stat().st_size
    for suite in ("0x0578", "0x0478"):
        for frame in (1 << 20, 4096):
            form = ["--suite", suite, "--frame-length", str(frame)]
            encrypt = [executable, "artifact", "encrypt", str(plain), "-o", "-", *form, *options]
            ours = best(lambda: used(*encrypt, environment=environment))
            with open(sealed, "wb") as output:
                used(*encrypt, environment=environment, output=output)
            decrypt = [executable, "artifact", "decrypt", str(sealed), "-o", str(scratch / "opened"), *options]
            opened = best(lambda: used(*decrypt, environment=environment))
            sdk = [sys.executable, "-c", SDK, str(plain), str(theirs), str(frame), suite]

            def peer():
                shown = subprocess.run(sdk, check=True, capture_output=True, text=True).stdout
                return tuple(float(number) for number in shown.split())

            other = best(peer, 2)
            print(f"suite {suite}, frames of {frame}: {size / ours[0] / 1e9:.2f} GB/s, {size / ours[1] / 1e9:.2f} GB/s a "
                  f"core (at least 1 where openssl's {floors[suite] / 1e9:.2f} allow it; ratio "
                  f"{size / ours[1] / floors[suite]:.2f}), {ours[2]:.0f} MiB; SDK for Python: ratio {other[0] / ours[0]:.1f} (at least 4; bound "
                  f"{other[0] * walls[suite] / size:.1f}), by CPU {other[1] / ours[1]:.1f} (bound "
                  f"{other[1] * floors[suite] / size:.1f})")
            print(f"  decrypting into a file: {size / opened[0] / 1e9:.2f} GB/s, {opened[2]:.0f} MiB; SDK for Python, "
                  f"into none: ratio {other[2] / opened[0]:.1f}, by CPU {other[3] / opened[1]:.1f}")
    for file in (sealed, theirs, scratch / "opened"):
        file.unlink()


def uploading(executable, scratch, environment, plain):
    """What encryption adds to a build whose artifact is uploaded."""
    project = scratch / "uploaded"
    project.mkdir()
    plain.rename(project / "plain")
    (project / "buildspec.yml").write_text(
        "version: 0.2\nphases: {build: {commands: [true]}}\nartifacts: {files: plain}\n")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Sink)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = environment | {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_address[1]}", "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up"}
    build = [executable, "run", str(project), "--output", "s3://bucket"]
    measured = {
        mode: best(lambda: used(*build, "--encryption", *mode.split(), environment=environment), 3)
        for mode in ("none", f"client --encryption-key local:{scratch / 'bench.key'}")}
    (_, plainly, _), (_, encrypted, memory) = measured.values()
    print(f"encrypting while uploading: {(encrypted - plainly) / MEBIBYTES * 1024:.2f} CPU s a GiB more (at most 1.5), "
          f"{memory:.0f} MiB (at most 64)")
    server.shutdown()


def run(executable, scratch, environment):
    """All rows."""
    plain = scratch / "plain"
    # Not in one piece: what this process holds counts as peak memory of what it starts.
    with open(plain, "wb") as file:
        for _ in range(MEBIBYTES):
            file.write(os.urandom(1 << 20))
    cipher, hashing = openssl("aes-256-gcm"), openssl("sha384")
    floors = {"0x0578": 1 / (1 / cipher + 1 / hashing), "0x0478": cipher}
    print(f"openssl speed: AES-256-GCM {cipher / 1e9:.2f} GB/s, SHA-384 (which signatures need) {hashing / 1e9:.2f} GB/s, "
          f"both {floors['0x0578'] / 1e9:.2f} GB/s")
    # By the clock, a second core encrypts while one hashes.
    walls = {"0x0578": min(hashing, cipher), "0x0478": cipher}
    sealing(executable, scratch, environment, plain, floors, walls)
    uploading(executable, scratch, environment, plain)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as temporary:
        run(os.path.abspath(sys.argv[1]), pathlib.Path(temporary), {"PATH": os.environ["PATH"], "HOME": temporary})
