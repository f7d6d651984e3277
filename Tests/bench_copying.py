"""The copy of a source of 50,000 files into a workspace, beside `cp`."""

import subprocess
import time

from measuring import seconds


def run(executable, scratch, environment):
    """The copy of 50,000 files into a workspace: the time between two lines of the log, the best of two.

    Nothing is removed before the end: where a file system has no journal, files made within minutes after others were
    removed take ten times as long as these, whoever makes them.
    """
    source = scratch / "source"
    source.mkdir()
    (source / "buildspec.yml").write_text("version: 0.2\nphases:\n  build:\n    commands: ['true']\n")
    for number in range(50000):
        directory = source / f"d{number // 100}"
        if number % 100 == 0:
            directory.mkdir()
        (directory / f"f{number}").write_text("x" * (number % 8000))
    content = sorted(str(path) for path in source.iterdir())
    ours, theirs = [], []
    for number in range(2):
        target = scratch / f"target{number}"
        target.mkdir()
        theirs.append(seconds("cp", "-a", "--reflink=auto", *content, str(target)))
        ours.append(copying(executable, source, environment))
    mine, other = min(ours), min(theirs)
    print(
        f"50,000 files into a workspace (at most 1 time): {mine:.2f} s, cp -a --reflink=auto: {other:.2f} s, "
        f"ratio {mine / other:.2f}")


def copying(executable, source, environment):
    command = [executable, "run", str(source), "--keep"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        for line in process.stdout:
            if "Phase is DOWNLOAD_SOURCE" in line:
                start = time.perf_counter()
            if " CODEBUILD_SRC_DIR=" in line:
                took = time.perf_counter() - start
    return took
