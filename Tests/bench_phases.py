"""Start and end of a build beside those of the sandbox alone."""

from measuring import build, compare, sandboxed, seconds


def run(executable, scratch, environment):
    def floor():
        return seconds(*sandboxed("true"))

    compare(
        "a build of one command", build(executable, scratch / "one", environment, ["true"]),
        "bwrap true (the floor)", floor)
    empty = scratch / "empty"
    empty.mkdir()
    phases = "".join(f"  {phase}:\n    commands: []\n" for phase in ["install", "pre_build", "build", "post_build"])
    (empty / "buildspec.yml").write_text("version: 0.2\nphases:\n" + phases)
    compare(
        "a build of four empty phases (at most 3 times and 20 ms)",
        lambda: seconds(executable, "run", str(empty), environment=environment), "bwrap true (the floor)", floor)
