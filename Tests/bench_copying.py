"""The copy of a source of 50,000 files into a workspace, beside `cp`."""

import shutil
import statistics
import subprocess
import time

from measuring import seconds


def run(executable, scratch, environment):
    """The copy of 50,000 files into a workspace: the time between two lines of the log."""
    source = scratch / "source"
    source.mkdir()
    (source / "buildspec.yml").write_text("version: 0.2\nphases:\n  build:\n    commands: ['true']\n")
    for number in range(50000):
        file = source / f"d{number // 100}" / f"f{number}"
        file.parent.mkdir(exist_ok=True)
        file.write_text("x" * (number % 8000))
    target = scratch / "target"
    ours, theirs = [], []
    for _ in range(3):
        theirs.append(seconds("cp", "-a", "--reflink=auto", str(source), str(target)))
        shutil.rmtree(target)
        with subprocess.Popen(
                [executable, "run", str(source)], env=environment, stdout=subprocess.PIPE, text=True) as process:
            for line in process.stdout:
                if "Phase is DOWNLOAD_SOURCE" in line:
                    start = time.perf_counter()
                if " CODEBUILD_SRC_DIR=" in line:
                    ours.append(time.perf_counter() - start)
    shutil.rmtree(source)
    mine, other = statistics.median(ours), statistics.median(theirs)
    print(
        f"50,000 files into a workspace (at most 1 time): {mine:.2f} s, cp -a --reflink=auto: {other:.2f} s, "
        f"ratio {mine / other:.2f}")
