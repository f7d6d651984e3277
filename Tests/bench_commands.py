"""What each command of a build adds to the command itself."""

from measuring import build, compare, seconds


def run(executable, scratch, environment):
    compare(
        "a build of 100 commands", build(executable, scratch / "hundred", environment, ["true"] * 100),
        "100 times sh -c true (the floor)", lambda: sum(seconds("sh", "-c", "true") for _ in range(100)))
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
