"""What the rows of `bench.py` share. They compare within one run: absolute seconds differ from machine to machine."""

import collections
import os
import statistics
import subprocess
import time

ROUNDS = 7

# What one run of a command took: seconds, the peak memory of it and what it started in MiB, and the processor seconds
# of its own threads.
Usage = collections.namedtuple("Usage", "seconds memory processor")


def seconds(*command, cwd=None, environment=None):
    start = time.perf_counter()
    subprocess.run(command, cwd=cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    return time.perf_counter() - start


def compare(title, ours, name, theirs):
    """Alternates the two, and prints the medians and their ratio."""
    ours()
    theirs()
    pairs = [(ours(), theirs()) for _ in range(ROUNDS)]
    mine = statistics.median(pair[0] for pair in pairs)
    other = statistics.median(pair[1] for pair in pairs)
    print(f"{title}: {mine * 1000:.1f} ms, {name}: {other * 1000:.1f} ms, ratio {mine / other:.2f}")


def usage(*command, environment=None):
    """Seconds, peak memory and processor seconds of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    took = time.perf_counter() - start
    with open(f"/proc/{process.pid}/stat") as opened:
        fields = opened.read().rpartition(")")[2].split()
    _, _, resources = os.wait4(process.pid, 0)
    process.returncode = 0
    return Usage(took, resources.ru_maxrss / 1024, (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK"))


def sandboxed(*command):
    """The floor of a build in a sandbox: bubblewrap alone."""
    return ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-pid", "--", *command]


def build(executable, directory, environment, commands, *options):
    lines = ["version: 0.2", "phases:", "  build:", "    commands:", *(f"      - {c}" for c in commands)]
    directory.mkdir()
    (directory / "buildspec.yml").write_text("\n".join(lines) + "\n")
    return lambda: seconds(executable, "run", str(directory), *options, environment=environment)
