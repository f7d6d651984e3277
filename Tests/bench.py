"""Compares speeds with the peers, as ratios within one run: absolute seconds differ from machine to machine.

    Tests/bench.py EXECUTABLE [ROWS...]

The rows of a subject are a file `bench_<subject>.py` with a function `run(executable, scratch, environment)`. Without
names, all of them run; a name that no file has is an error.
"""

import importlib
import os
import pathlib
import sys
import tempfile
import time

# What takes milliseconds comes before what fills and empties the disk, which some file systems feel for a minute.
SHORT = {"phases", "commands", "worker", "template", "validating"}


def main():
    executable = os.path.abspath(sys.argv[1])
    subjects = sorted(
        (file.stem.removeprefix("bench_") for file in pathlib.Path(__file__).parent.glob("bench_*.py")),
        key=lambda subject: (subject not in SHORT, subject))
    chosen = sys.argv[2:] or subjects
    if unknown := set(chosen) - set(subjects):
        sys.exit(f"no rows of this name: {', '.join(sorted(unknown))}; there are {', '.join(subjects)}")
    for subject in chosen:
        # What earlier rows wrote and removed, the disk has done with before this one begins.
        os.sync()
        time.sleep(3)
        print(f"# {subject}", flush=True)
        with tempfile.TemporaryDirectory() as temporary:
            environment = {"PATH": os.environ["PATH"], "HOME": temporary}
            importlib.import_module(f"bench_{subject}").run(executable, pathlib.Path(temporary), environment)


if __name__ == "__main__":
    main()
