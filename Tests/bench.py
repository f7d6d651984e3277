"""Compares speeds with the peers, as ratios within one run: absolute seconds differ from machine to machine.

    Tests/bench.py EXECUTABLE
"""

import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROUNDS = 7


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


def build(executable, directory, environment, commands, *options):
    lines = ["version: 0.2", "phases:", "  build:", "    commands:", *(f"      - {c}" for c in commands)]
    directory.mkdir()
    (directory / "buildspec.yml").write_text("\n".join(lines) + "\n")
    return lambda: seconds(executable, "run", str(directory), *options, environment=environment)


def tree(directory):
    """Two thousand small text files, the same on every machine."""
    generator = random.Random(1)
    words = [f"word{number}" for number in range(500)]
    for number in range(2000):
        file = directory / f"d{number % 40}" / f"f{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(" ".join(generator.choices(words, k=generator.randint(50, 1500))))


def main():
    executable = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        scratch = pathlib.Path(temporary)
        environment = {"PATH": os.environ["PATH"], "HOME": temporary}
        sandbox = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--unshare-pid", "--", "true"]
        compare(
            "a build of one command", build(executable, scratch / "one", environment, ["true"]),
            "bwrap true (the floor)", lambda: seconds(*sandbox))
        compare(
            "a build of 100 commands", build(executable, scratch / "hundred", environment, ["true"] * 100),
            "100 times sh -c true (the floor)", lambda: sum(seconds("sh", "-c", "true") for _ in range(100)))

        big = scratch / "big.yml"
        big.write_text("version: 0.2\nphases:\n  build:\n    commands:\n" + "      - echo hello world\n" * 38000)
        parse = "import sys, yaml; yaml.load(open(sys.argv[1]), yaml.CSafeLoader)"
        compare(
            "validating 38,000 commands", lambda: seconds(executable, "validate", str(big)),
            "PyYAML with libyaml, parsing alone", lambda: seconds(sys.executable, "-c", parse, str(big)))

        files = scratch / "tree"
        tree(files)
        archive = scratch / "ours.zip"
        other = scratch / "theirs.zip"

        def zip_it():
            other.unlink(missing_ok=True)
            return seconds("zip", "-q", "-6", "-r", str(other), ".", cwd=files)

        compare(
            "packaging 2,000 files",
            lambda: seconds(executable, "package", "lambda", str(files), "-o", str(archive), environment=environment),
            "zip -6", zip_it)
        print(f"size of the package: ratio {archive.stat().st_size / other.stat().st_size:.3f} to zip -6")
        shutil.rmtree(files)


main()
