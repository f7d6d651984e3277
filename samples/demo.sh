#!/bin/sh
# Runs the three samples for real, each from buildspec.yml to an encrypted artifact in a directory and back.
#
#   BUILDSPEC  the executable (default: the release build of this checkout)
#
# Nothing leaves this machine. What is opened goes to a temporary directory that is removed at the end.
set -eu

samples=$(cd "$(dirname "$0")" && pwd)
buildspec=${BUILDSPEC:-$samples/../.build/release/buildspec}
opened=$(mktemp -d)
trap 'rm -rf "$opened"' EXIT
trap 'exit 130' INT TERM
cd "$samples"

for sample in lambda-python ecs-service lambda-alias; do
  echo "== $sample"
  "$buildspec" run "$sample"
  "$buildspec" artifact open "$sample/.buildspec/artifacts/$sample.zip.enc" -o "$opened/$sample"
  echo "-- what a deploy action would get:"
  (cd "$opened" && find "$sample" -type f | LC_ALL=C sort)
done

cat <<'NEXT'
== what to try next
  buildspec run .                                  your own project
  buildspec validate buildspec.yml                 check it before a push
  buildspec run . --output s3://BUCKET --encryption-key alias/KEY
                                                   what a deploy action in another account takes
NEXT
