"""The validator beside its peers."""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys

from measuring import usage


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


def run(executable, scratch, environment):
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
