#!/bin/sh
# One job of a pipeline, built by a worker: the whole story on this machine, without an account.
#
#   try.sh [OPTION...]    options for `buildspec worker`, such as --sandbox host
#
#   BUILDSPEC  the executable (default: the one on the PATH)
#   PYTHON     a Python with moto[server] and boto3 (default: python3)
#
# moto stands for S3, codepipeline.py for CodePipeline; nothing leaves the machine, and nothing is left on it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
buildspec=${BUILDSPEC:-buildspec}
python=${PYTHON:-python3}
scratch=$(mktemp -d)
cloud=
finish() {
  exec 3>&-
  [ -z "$cloud" ] || wait "$cloud" || true
  rm -rf "$scratch"
}
trap finish EXIT
trap 'exit 130' INT TERM

echo '== S3 and CodePipeline, as far as a worker knows them'
mkfifo "$scratch/hold"
: > "$scratch/environment"
"$python" "$here/local.py" "$here/app" < "$scratch/hold" >> "$scratch/environment" &
cloud=$!
exec 3> "$scratch/hold"
until grep -q AWS_ACCESS_KEY_ID "$scratch/environment"; do
  kill -0 "$cloud" 2>/dev/null || exit 1
  sleep 0.1
done
set -a
. "$scratch/environment"
set +a
AWS_CONFIG_FILE=$scratch/none AWS_SHARED_CREDENTIALS_FILE=$scratch/none
export AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE
echo 'a job waits: pipeline shop, stage Build, action Compile'

echo '== buildspec worker'
"$buildspec" worker --provider buildspec --action-version 1 --once --projects "$here/projects" \
  --state-dir "$scratch/state" "$@"

echo '== what CodePipeline has been told'
"$python" - "$scratch/opened.zip" <<'PYTHON'
import json, os, sys, urllib.request, zipfile
import boto3
state = json.load(urllib.request.urlopen(os.environ["AWS_ENDPOINT_URL_CODEPIPELINE"] + "/_state"))
for job in state["jobs"]:
    answer = job["answers"][0]
    print(f"job {job['id']}: {job['state']}")
    details = answer.get("executionDetails") or answer["failureDetails"]
    print(details.get("summary") or f"{details['type']}: {details['message']}")
    for name, value in answer.get("outputVariables", {}).items():
        print(f"output variable {name}: {value}")
    if job["state"] != "Succeeded":
        sys.exit(1)
    for output in job["data"]["outputArtifacts"]:
        place = output["location"]["s3Location"]
        boto3.client("s3").download_file(place["bucketName"], place["objectKey"], sys.argv[1])
        for name in zipfile.ZipFile(sys.argv[1]).namelist():
            print(f"output artifact {output['name']}: {name}")
PYTHON
