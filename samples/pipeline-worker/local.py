#!/usr/bin/env python3
"""Everything of AWS that try.sh needs, on this machine: moto with a bucket, and the stand-in for CodePipeline with a job.

    local.py DIRECTORY    DIRECTORY becomes the job's input artifact

It prints the variables of an environment for a worker, and ends when its standard input does.
"""

import io
import logging
import pathlib
import sys
import threading
import zipfile

import boto3
from moto.server import ThreadedMotoServer

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
import codepipeline  # noqa: E402

BUCKET, REGION = "pipeline-artifacts", "eu-central-1"


def artifact(directory):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for path in sorted(directory.rglob("*")):
            if path.is_file() and ".buildspec" not in path.parts:
                archive.write(path, path.relative_to(directory))
    return data.getvalue()


def located(name, key):
    return {"name": name, "location": {"type": "S3", "s3Location": {"bucketName": BUCKET, "objectKey": key}}}


def main():
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    cloud = "http://127.0.0.1:%d" % moto.get_host_and_port()[1]
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": REGION}
    storage = boto3.client("s3", endpoint_url=cloud, **keys)
    storage.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
    storage.put_object(Bucket=BUCKET, Key="shop/source/k3Tq9aB.zip", Body=artifact(pathlib.Path(sys.argv[1])))

    pipeline = codepipeline.start([])
    threading.Thread(target=pipeline.serve_forever, daemon=True).start()
    source = located("SourceOutput", "shop/source/k3Tq9aB.zip")
    source["revision"] = "6f1c2d9be0a74c55a1f8"
    codepipeline.Handler.jobs.add([{
        "id": "11111111-2222-4333-8444-555555555555",
        "actionTypeId": {"category": "Build", "owner": "Custom", "provider": "buildspec", "version": "1"},
        "actionConfiguration": {"configuration": {"ProjectName": "shop"}},
        "pipelineContext": {"pipelineName": "shop", "stage": {"name": "Build"}, "action": {"name": "Compile"}},
        "inputArtifacts": [source],
        "outputArtifacts": [located("BuildOutput", "shop/BuildOutp/x8Wm2cD.zip")],
    }])
    print(f"AWS_ENDPOINT_URL={cloud}")
    print("AWS_ENDPOINT_URL_CODEPIPELINE=http://127.0.0.1:%d" % pipeline.server_address[1])
    print(f"AWS_REGION={REGION} AWS_DEFAULT_REGION={REGION}")
    print("AWS_ACCESS_KEY_ID=testing AWS_SECRET_ACCESS_KEY=testing AWS_EC2_METADATA_DISABLED=true", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
