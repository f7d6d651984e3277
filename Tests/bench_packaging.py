"""The package of a Lambda function beside zip."""

import random

from measuring import compare, seconds


def tree(directory):
    """Two thousand small text files, the same on every machine."""
    generator = random.Random(1)
    words = [f"word{number}" for number in range(500)]
    for number in range(2000):
        file = directory / f"d{number % 40}" / f"f{number}.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(" ".join(generator.choices(words, k=generator.randint(50, 1500))))


def run(executable, scratch, environment):
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
