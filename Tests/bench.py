"""Compares speeds with the peers, as ratios within one run: absolute seconds differ from machine to machine.

    Tests/bench.py EXECUTABLE
"""

import http.server
import json
import os
import pathlib
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
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


def usage(*command, environment=None):
    """Seconds and peak memory in MiB of a command and what it starts."""
    start = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, _, resources = os.wait4(process.pid, 0)
    process.returncode = 0
    return time.perf_counter() - start, resources.ru_maxrss / 1024


def buildspec(lines):
    """A buildspec of a length, of the kinds of commands that people write."""
    commands = [
        "- echo Logging in to Amazon ECR",
        "- aws ecr get-login-password --region $AWS_DEFAULT_REGION | docker login --username AWS --password-stdin $REPOSITORY",
        "- COMMIT=$(echo $CODEBUILD_RESOLVED_SOURCE_VERSION | cut -c 1-7)",
        "- |",
        "  if [ -f package-lock.json ]; then",
        "    npm ci --no-audit",
        "  fi",
        "- docker build --build-arg VERSION=$COMMIT -t \"$REPOSITORY:$COMMIT\" .",
        "- for file in templates/*.yml; do aws cloudformation validate-template --template-body file://$file; done",
        "- printf '[{\"name\":\"app\",\"imageUri\":\"%s\"}]' $REPOSITORY:$COMMIT > imagedefinitions.json",
    ]
    head = ["version: 0.2", "env:", "  variables:", "    REPOSITORY: example", "phases:", "  build:", "    commands:"]
    tail = ["artifacts:", "  files:", "    - imagedefinitions.json"]
    body = [f"      {commands[number % len(commands)]}" for number in range(lines - len(head) - len(tail))]
    while body and (body[-1].endswith("|") or body[-1].startswith("        ")):
        body[-1] = "      - make"
    return "\n".join(head + body + tail) + "\n"


def validate(executable, scratch, environment):
    """The validator beside its peers."""
    peers = os.path.dirname(sys.executable)
    schema = scratch / "schema.json"
    schema.write_bytes(subprocess.run([executable, "schema"], check=True, capture_output=True).stdout)
    linters = {
        "yamllint (style only)": ["yamllint"],
        "check-jsonschema with our schema": ["check-jsonschema", "--schemafile", str(schema)],
        "cfn-lint": ["cfn-lint"],
    }

    files = scratch / "many"
    files.mkdir()
    for number in range(2000):
        (files / f"{number}.yml").write_text(buildspec(30).replace("example", f"example-{number}"))
    names = sorted(str(file) for file in files.iterdir())
    ours = 2000 / statistics.median(
        usage(executable, "validate", "--shell-checks", "off", *names, environment=environment)[0] for _ in range(5))
    print(f"files a second, without shell checks: {ours:.0f}")
    for name, command in linters.items():
        theirs = 100 / usage(f"{peers}/{command[0]}", *command[1:], *names[:100], environment=environment)[0]
        print(f"  {name}: {theirs:.0f}, ratio {ours / theirs:.0f}")

    one = scratch / "one.yml"
    one.write_text(buildspec(200))
    runs = {
        "without shell checks": ["--shell-checks", "off"],
        "with sh -n": ["--shell-checks", "syntax"],
        "with sh -n and shellcheck, unchanged file": [],
    }
    mine = None
    print("one file of 200 lines, from start to exit:")
    for name, options in runs.items():
        measured = [usage(executable, "validate", *options, str(one), environment=environment) for _ in range(15)]
        mine = statistics.median(run[0] for run in measured)
        print(f"  {name}: {mine * 1000:.1f} ms, {max(run[1] for run in measured[1:]):.0f} MiB")
    first = []
    for _ in range(3):
        shutil.rmtree(pathlib.Path(environment["HOME"]) / ".cache", ignore_errors=True)
        first.append(usage(executable, "validate", str(one), environment=environment)[0])
    print(f"  with sh -n and shellcheck, new file: {statistics.median(first) * 1000:.1f} ms")
    for name, command in linters.items():
        measured = [
            usage(f"{peers}/{command[0]}", *command[1:], str(one), environment=environment) for _ in range(3)]
        theirs = statistics.median(run[0] for run in measured)
        memory = max(run[1] for run in measured)
        print(f"  {name}: {theirs * 1000:.0f} ms, {memory:.0f} MiB, ratio {theirs / mine:.0f}")

    big = scratch / "big.yml"
    for count in [50000, 100000, 200000]:
        lines = "".join(f'      - echo "command {number}" && make target-{number}\n' for number in range(count))
        big.write_text("version: 0.2\nphases:\n  build:\n    commands:\n" + lines)
        time_used = statistics.median(
            usage(executable, "validate", "--shell-checks", "syntax", str(big), environment=environment)[0]
            for _ in range(5))
        print(f"{count} commands with sh -n: {time_used:.2f} s")
    parse = "import sys, yaml; yaml.load(open(sys.argv[1]), yaml.CSafeLoader)"
    theirs = usage(sys.executable, "-c", parse, str(big))[0]
    print(f"  PyYAML with libyaml, parsing alone: {theirs:.2f} s, ratio {theirs / time_used:.1f}")


def tree(directory):
    """Two thousand small text files, the same on every machine."""
    generator = random.Random(1)
    words = [f"word{number}" for number in range(500)]
    for number in range(2000):
        file = directory / f"d{number % 40}" / f"f{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(" ".join(generator.choices(words, k=generator.randint(50, 1500))))


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


def output(file, size, secrets):
    """Output of builds: words, paths, digests, and a secret now and then."""
    generator = random.Random(2)
    words = "Downloading requirement already satisfied npm http fetch GET 200 Step RUN apt-get install /usr/lib/python3 " \
        "https://registry.npmjs.org/lodash src/main/java/com/example/App.java:[12,34] INFO warning: [32m".split()
    lines = []
    for number in range(20000):
        line = generator.choices(words, k=generator.randint(3, 14))
        if number % 5 == 0:
            line.append("sha256:" + generator.randbytes(32).hex())
        if number % 50 == 0:
            line.append(generator.choice(secrets))
        lines.append(" ".join(line))
    text = ("\n".join(lines) + "\n").encode()
    with open(file, "wb") as opened:
        for _ in range(size // len(text)):
            opened.write(text)
    return file.stat().st_size / 1e6


def mask(executable, scratch, environment):
    """The log of a build with 200 secrets in all their forms, beside sed with 20 plain ones."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Parameters)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    names = [f"/app/{number}" for number in range(200)]
    megabytes = output(scratch / "output", 1 << 30, [Parameters.value(name) for name in names])
    environment = environment | {
        "AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench-secret", "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}"}
    source = scratch / "masked"
    source.mkdir()
    lines = ["version: 0.2", "env:", "  parameter-store:", *(f"    S{n}: {name}" for n, name in enumerate(names))]

    def run(command):
        (source / "buildspec.yml").write_text("\n".join(lines + [f"phases: {{build: {{commands: ['{command}']}}}}", ""]))
        measured = usage(executable, "run", str(source), "--sandbox", "host", environment=environment)
        shutil.rmtree(source / ".buildspec")
        return measured

    run("true")
    start = statistics.median(run("true")[0] for _ in range(3))
    measured = [run(f"cat {scratch}/output") for _ in range(3)]
    speed = megabytes / (statistics.median(time_used for time_used, _ in measured) - start)
    script = [option for name in names[:20] for option in ("-e", f"s|{Parameters.value(name)}|***|g")]
    theirs = megabytes / usage("sed", *script, str(scratch / "output"))[0]
    print(f"1 GiB of output with 200 secrets in all their forms, from cat to build.log: {speed:.0f} MB/s, "
          f"{max(memory for _, memory in measured):.0f} MiB; sed with 20 plain ones: {theirs:.0f} MB/s, ratio {speed / theirs:.1f}")
    server.shutdown()
    (scratch / "output").unlink()


def ending(executable, scratch, environment, floor):
    """What the runner adds to the work itself: start and end, each command, the copy of a source."""
    empty = scratch / "empty"
    empty.mkdir()
    phases = "".join(f"  {phase}:\n    commands: []\n" for phase in ["install", "pre_build", "build", "post_build"])
    (empty / "buildspec.yml").write_text("version: 0.2\nphases:\n" + phases)
    compare(
        "a build of four empty phases (at most 3 times and 20 ms)",
        lambda: seconds(executable, "run", str(empty), environment=environment), "bwrap true (the floor)", floor)

    loop = scratch / "loop"
    loop.mkdir()
    (loop / "env.sh").write_text("".join(f"export VARIABLE_{number}='value'\n" for number in range(40)))
    (loop / "dir.txt").write_text(f"{loop}\n")
    for number in range(200):
        (loop / f"{number}.sh").write_text(
            f'cd "$(cat {loop}/dir.txt)" 2>/dev/null || cd {loop}\nset -a\n. {loop}/env.sh; PWD=$(pwd)\ntrue\n\n'
            f"CODEBUILD_LAST_EXIT=$?\nexport -p > {loop}/env.sh\npwd > {loop}/dir.txt\nexit $CODEBUILD_LAST_EXIT\n")
    script = f"number=0; while [ $number -lt 200 ]; do sh {loop}/$number.sh; number=$((number + 1)); done"
    compare(
        "a build of 200 commands (at most 2 times)",
        build(executable, scratch / "two-hundred", environment, ["'true'"] * 200),
        "a loop that runs the same scripts (the floor)", lambda: seconds("sh", "-c", script))
    copying(executable, scratch, environment)


def copying(executable, scratch, environment):
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

        mask(executable, scratch, environment)

        ending(executable, scratch, environment, lambda: seconds(*sandbox))
        validate(executable, scratch, environment)

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
