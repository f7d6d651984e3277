"""Packages every template beside this file with the AWS CLI and with buildspec, and compares what the results mean.

    compare.py BUILDSPEC SCRATCH

Prints a line for each template that differs. An object is compared by what is in it: two zips are equal when their
members are, and every key has to be the MD5 of its object.
"""

import contextlib
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import zipfile

import boto3
from awscli.clidriver import create_clidriver
from awscli.customizations.cloudformation.yamlhelper import yaml_parse

executable, scratch = sys.argv[1], pathlib.Path(sys.argv[2])
endpoint = os.environ["AWS_ENDPOINT_URL"]
s3 = boto3.client("s3")
# Known differences in content: the AWS CLI does not see the CodeUri of Globals, and packs the template's directory.
without_content = {"globals"}


class Bucket:
    def __init__(self, name, with_content):
        self.name, self.with_content, self.plain_keys = name, with_content, set()

    def content(self, key):
        assert re.fullmatch(r"prefix/[0-9a-f]{32}(\.template)?", key), key
        body = s3.get_object(Bucket=self.name, Key=key)["Body"].read()
        assert hashlib.md5(body).hexdigest() == key[7:39], f"{key} is not the MD5 of its object"
        if key.endswith(".template"):
            return self.meaning(yaml_parse(body.decode()))
        if body.startswith(b"PK") and b"ready" not in body:
            members = zipfile.ZipFile(io.BytesIO(body))
            return ["zip", {m.filename: members.read(m).hex() for m in members.infolist()} if self.with_content else 0]
        self.plain_keys.add(key)
        return key

    def meaning(self, value):
        if isinstance(value, list):
            return [self.meaning(item) for item in value]
        if isinstance(value, dict):
            result = {key: self.meaning(item) for key, item in value.items()}
            for bucket, key in (("S3Bucket", "S3Key"), ("Bucket", "Key")):
                if value.get(bucket) == self.name:
                    result[bucket], result[key] = "BUCKET", self.content(value[key])
            return result
        for start in ("s3://", endpoint + "/"):
            if isinstance(value, str) and value.startswith(start + self.name + "/"):
                return [start, self.content(value[len(start) + len(self.name) + 1:])]
        return value


def theirs(template, output):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as errors:
        status = create_clidriver().main([
            "cloudformation", "package", "--template-file", str(template), "--s3-bucket", "theirs",
            "--s3-prefix", "prefix", "--output-template-file", str(output)])
    assert status == 0, errors.getvalue()


def ours(template, output, *options):
    subprocess.run([
        executable, "package", "template", str(template), "--s3-bucket", "ours", "--s3-prefix", "prefix",
        "-o", str(output), *options], check=True, capture_output=True)


for name in ("theirs", "ours"):
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
count = 0
for directory in sorted(pathlib.Path(__file__).parent.iterdir()):
    if not directory.is_dir():
        continue
    count += 1
    work = scratch / directory.name
    shutil.copytree(directory, work)
    os.chdir(work)
    template = next(work.glob("template.*"))
    theirs(template, scratch / f"{work.name}.theirs")
    ours(template, scratch / f"{work.name}.ours")
    ours(template, scratch / f"{work.name}.json", "--use-json")
    with_content = work.name not in without_content
    expected, found = Bucket("theirs", with_content), Bucket("ours", with_content)
    one = expected.meaning(yaml_parse((scratch / f"{work.name}.theirs").read_text()))
    two = found.meaning(yaml_parse((scratch / f"{work.name}.ours").read_text()))
    if one != two or expected.plain_keys != found.plain_keys:
        print(f"{work.name}: expected {json.dumps(one, default=str)}, found {json.dumps(two, default=str)}")
    three = found.meaning(json.loads((scratch / f"{work.name}.json").read_text()))
    # JSON has no dates.
    if json.loads(json.dumps(two, default=str)) != three:
        print(f"{work.name} as JSON: expected {json.dumps(two, default=str)}, found {json.dumps(three)}")
print(count, "templates")
