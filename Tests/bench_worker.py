"""A worker with nothing to do, and how soon a job that is offered runs its first command."""

import io
import logging
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time
import zipfile

import boto3
import botocore.config
from moto.server import ThreadedMotoServer

IDLE = 20
JOBS = 15
BUCKET = "artifacts"
SPEC = """version: 0.2
env: {exported-variables: [FIRST]}
phases: {build: {commands: [export FIRST=$(date +%s.%N)]}}
"""


def work(executable, scratch, environment, *options):
    return subprocess.Popen(
        [executable, "worker", "--provider", "buildspec", "--action-version", "1", "--state-dir", str(scratch / "state"),
         *options], env=environment, stderr=subprocess.DEVNULL)


def processor(pid):
    with open(f"/proc/{pid}/stat") as opened:
        fields = opened.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def memory(pid, name):
    with open(f"/proc/{pid}/status") as opened:
        return next(int(line.split()[1]) / 1024 for line in opened if line.startswith(name))


def idle(executable, scratch, environment):
    worker = work(executable, scratch, environment)
    time.sleep(3)
    before = processor(worker.pid)
    time.sleep(IDLE)
    share = (processor(worker.pid) - before) / IDLE * 100
    print(
        f"worker, idle for {IDLE} s: {share:.2f} % of a core (goal: under 1), "
        f"{memory(worker.pid, 'VmRSS'):.1f} MiB, at most {memory(worker.pid, 'VmHWM'):.1f} MiB (goal: 40)")
    worker.terminate()
    worker.wait()


def first_command(executable, scratch, environment, s3, jobs):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as source:
        source.writestr("buildspec.yml", SPEC)
    s3.put_object(Bucket=BUCKET, Key="in", Body=data.getvalue())
    job = {
        "actionTypeId": {"category": "Build", "owner": "Custom", "provider": "buildspec", "version": "1"},
        "actionConfiguration": {"configuration": {}}, "outputArtifacts": [],
        "pipelineContext": {"pipelineName": "bench", "stage": {"name": "s"}, "action": {"name": "a"}},
        "inputArtifacts": [
            {"name": "in", "location": {"type": "S3", "s3Location": {"bucketName": BUCKET, "objectKey": "in"}}}]}
    with jobs.lock:
        jobs.add([job] * JOBS)
    status = work(executable, scratch, environment, "--concurrency", "1", "--max-jobs", str(JOBS)).wait()
    if status != 0:
        raise SystemExit(f"the worker ended with {status}")
    downloads = []
    for _ in range(JOBS):
        start = time.perf_counter()
        s3.get_object(Bucket=BUCKET, Key="in")["Body"].read()
        downloads.append(time.perf_counter() - start)
    answers = [(job["offered"], job["answers"][0]["outputVariables"]["FIRST"]) for job in jobs.jobs.values()]
    times = sorted(float(first) - offered for offered, first in answers)
    print(
        f"worker, from offered to first command: median {statistics.median(times) * 1000:.0f} ms, "
        f"longest {times[-1] * 1000:.0f} ms, of which the download takes about "
        f"{statistics.median(downloads) * 1000:.0f} ms (goal: under 150 ms plus the download)")


def run(executable, scratch, environment):
    """Prints the rows."""
    logging.getLogger("werkzeug").setLevel(logging.CRITICAL)
    sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "samples" / "pipeline-worker"))
    import codepipeline
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    server = codepipeline.start([])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", "region_name": "eu-central-1"}
    url = f"http://127.0.0.1:{moto.get_host_and_port()[1]}"
    s3 = boto3.client(
        "s3", endpoint_url=url, config=botocore.config.Config(s3={"addressing_style": "path"}), **keys)
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    environment = {
        **environment, "AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_REGION": "eu-central-1", "AWS_ENDPOINT_URL": url,
        "AWS_ENDPOINT_URL_CODEPIPELINE": f"http://127.0.0.1:{server.server_address[1]}",
        "AWS_EC2_METADATA_DISABLED": "true"}
    try:
        first_command(executable, scratch, environment, s3, codepipeline.Handler.jobs)
        idle(executable, scratch, environment)
    finally:
        server.shutdown()
        moto.stop()
