"""The zip engine and file selection beside their peers and their floors; called by bench.py.

    Tests/bench_zip.py EXECUTABLE    runs these rows alone
"""

import hashlib
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time

ROUNDS = 3
LEVEL = "5"


def measured(*command, cwd=None, environment=None, stdin=None):
    """Seconds, seconds of processors, and peak memory in MiB of a command."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command, cwd=cwd, env=environment, stdin=stdin, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, resources = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    return time.perf_counter() - start, resources.ru_utime + resources.ru_stime, resources.ru_maxrss / 1024


def packages(directory, least):
    """Copies of this interpreter's site-packages, until there are so many files; how many, and their bytes."""
    source = sysconfig.get_paths()["purelib"]
    files = bytes_ = copies = 0
    while files < least:
        copies += 1
        shutil.copytree(source, directory / f"copy{copies}", symlinks=True)
        for parent, _, names in os.walk(directory / f"copy{copies}"):
            files += len(names)
            bytes_ += sum(os.lstat(os.path.join(parent, name)).st_size for name in names)
    return files, bytes_


def repetition(tree):
    """The part of the bytes that are those of a file seen before: what is compressed only once."""
    seen = set()
    again = total = 0
    for parent, _, names in os.walk(tree):
        for name in names:
            if os.path.islink(os.path.join(parent, name)):
                continue
            with open(os.path.join(parent, name), "rb") as file:
                digest = hashlib.file_digest(file, "sha256").digest()
                size = file.tell()
            total += size
            again += size if digest in seen else 0
            seen.add(digest)
    return again / total


def floor(scratch, tree, level=LEVEL):
    """A loop that only reads and deflates the same files with two threads."""
    program = scratch / "deflate_floor"
    source = pathlib.Path(__file__).parent / "Benchmarks" / "deflate_floor.c"
    subprocess.run(["cc", "-O2", "-o", program, source, "-ldeflate", "-lpthread"], check=True)
    names = scratch / "names"
    with open(names, "w") as file:
        subprocess.run(["find", ".", "-type", "f"], cwd=tree, stdout=file, check=True)

    def run():
        with open(names) as file:
            return measured(program, level, "2", cwd=tree, stdin=file)

    return run


def rounds(runs):
    """The medians of each column of runs that take turns."""
    results = {name: [] for name in runs}
    for _ in range(ROUNDS):
        for name, run in runs.items():
            results[name].append(run())
    return {name: [statistics.median(column) for column in zip(*rows)] for name, rows in results.items()}


def packaging(executable, scratch, environment, least):
    tree = scratch / "packages"
    tree.mkdir()
    files, bytes_ = packages(tree, least)
    repeated = repetition(tree)
    ours, theirs, others = scratch / "ours.zip", scratch / "theirs.zip", scratch / "others.zip"
    options = ["--ignore-limits", "--allow-secret", "**/*", "--level", LEVEL]

    def fresh(archive, *command):
        archive.unlink(missing_ok=True)
        return measured(*command, cwd=tree)

    runs = {
        "package lambda": lambda: measured(
            executable, "package", "lambda", str(tree), "-o", str(ours), *options, environment=environment),
        "zip -qr -X": lambda: fresh(theirs, "zip", "-qr", "-X", str(theirs), "."),
        "read and deflate alone, 2 threads (the floor)": floor(scratch, tree),
    }
    if shutil.which("7z"):
        runs["7z a -tzip -mx=1"] = lambda: fresh(others, "7z", "a", "-tzip", "-mx=1", str(others), ".")
    else:
        print("7z is not installed (p7zip-full): its row is left out")
    results = rounds(runs)
    mine = results.pop("package lambda")
    print(
        f"packaging {files} files, {bytes_ / 1e6:.0f} MB, {repeated:.0%} of them again: "
        f"{mine[0]:.2f} s, {mine[1]:.2f} s of processors, {mine[2]:.0f} MiB (at most 192)")
    for name, other in results.items():
        print(
            f"  {name}: {other[0]:.2f} s, {other[1]:.2f} s of processors; "
            f"{other[0] / mine[0]:.2f} times our time, {other[1] / mine[1]:.2f} times our processors")
    # Whoever deflates everything with libdeflate at this level cannot be faster than that, whatever the limits say.
    floor_seconds = next(other[0] for name, other in results.items() if "floor" in name)
    bounds = [f"{other[0] / floor_seconds:.2f} times {name}" for name, other in results.items() if "floor" not in name]
    print(f"  the floor itself: {', '.join(bounds)} (wanted of us: 5 times zip, 3 times 7z, 1 / 1.25 of the floor)")
    print(f"  size (at most 1): ratio {ours.stat().st_size / theirs.stat().st_size:.4f} to zip -X")
    shutil.rmtree(tree)


def selection(executable, scratch, environment):
    tree = scratch / "many"
    for directory in range(1000):
        parent = tree / f"package{directory // 50}" / f"module{directory}"
        parent.mkdir(parents=True)
        for number in range(100):
            (parent / f"file_{number}.py").touch()
    # What was written before is not to be written to the disk meanwhile.
    os.sync()
    results = rounds({
        "ours": lambda: measured(executable, "package", "lambda", str(tree), "--list", environment=environment),
        "find": lambda: measured("find", ".", "-type", "f", cwd=tree)})
    mine, other = results["ours"], results["find"]
    print(
        f"selecting **/* of 100,000 files, with start and listing (at most 1.5): {mine[0] * 1000:.0f} ms, "
        f"find . -type f: {other[0] * 1000:.0f} ms, ratio {mine[0] / other[0]:.2f}, "
        f"of processors {mine[1] / other[1]:.2f}")
    shutil.rmtree(tree)


def run(executable, scratch, environment):
    packaging(executable, scratch, environment, 40000)
    # The same without copies, of which hardly anything repeats: what the engine does when nothing helps it.
    packaging(executable, scratch, environment, 1)
    selection(executable, scratch, environment)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporary:
        run(os.path.abspath(sys.argv[1]), pathlib.Path(temporary), {"PATH": os.environ["PATH"], "HOME": temporary})
