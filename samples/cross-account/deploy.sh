#!/bin/sh
# One artifact, built in the tools account, deployed to the test and production accounts: the whole story.
#
#   deploy.sh                             real accounts: the AWS profiles tools, test and production
#   deploy.sh --endpoint-url URL          a local moto server, which has all three accounts
#
#   ENCRYPTION    client (default): a message that each target account opens with its own key, and the tools account
#                 cannot open; or sse-kms: encrypted by S3 with the tools account's key, as CodePipeline's deploy actions
#                 read it
#   TOOLS_PROFILE TEST_PROFILE PRODUCTION_PROFILE   other names for the profiles
#   AWS_REGION    where everything is (default eu-central-1)
#   RELEASE       what is released (default 1.0)
#   EXTERNAL_ID   what the tools account says when it assumes the pipeline roles (default orders)
#   BUILDSPEC     the executable (default: the one on the PATH)
#
# Needs the aws command. Running it again changes nothing but the release. On real accounts the profiles must be allowed to
# create roles, keys and buckets (tools), roles and keys (test, production).
set -eu

here=$(cd "$(dirname "$0")" && pwd)
buildspec=${BUILDSPEC:-buildspec}
tools=${TOOLS_PROFILE:-tools} test=${TEST_PROFILE:-test} production=${PRODUCTION_PROFILE:-production}
release=${RELEASE:-1.0}
external_id=${EXTERNAL_ID:-orders}
encryption=${ENCRYPTION:-client}
AWS_REGION=${AWS_REGION:-eu-central-1} AWS_DEFAULT_REGION=${AWS_REGION:-eu-central-1}
export AWS_REGION AWS_DEFAULT_REGION AWS_PAGER=

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

if [ "${1:-}" = --endpoint-url ]; then
  # The profiles of a server that stands for AWS: each is a role in an account of its own.
  AWS_ENDPOINT_URL=$2 AWS_CONFIG_FILE=$scratch/config AWS_SHARED_CREDENTIALS_FILE=$scratch/none
  HOME=$scratch # the aws command keeps what it assumed there, and this server may be a new one
  export HOME AWS_ENDPOINT_URL AWS_CONFIG_FILE AWS_SHARED_CREDENTIALS_FILE
  unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_PROFILE
  {
    printf '[profile base]\naws_access_key_id = local\naws_secret_access_key = local\n'
    for account in "$tools 111111111111" "$test 222222222222" "$production 333333333333"; do
      printf '[profile %s]\nsource_profile = base\nrole_arn = arn:aws:iam::%s:role/administrator\n' \
        "${account% *}" "${account#* }"
    done
  } > "$AWS_CONFIG_FILE"
elif [ $# -gt 0 ]; then
  echo "usage: deploy.sh [--endpoint-url URL]" >&2
  exit 2
fi

case $encryption in
  client | sse-kms) ;;
  *) echo "ENCRYPTION=$encryption: expected client or sse-kms" >&2; exit 2 ;;
esac

step() { printf '== %s\n' "$*"; }

account() { aws sts get-caller-identity --profile "$1" --query Account --output text; }

# stack PROFILE NAME TEMPLATE [OPTION...] --parameter-overrides PARAMETER=VALUE...
stack() {
  profile=$1 name=$2 template=$3
  shift 3
  aws cloudformation deploy --profile "$profile" --stack-name "$name" --template-file "$template" \
    --no-fail-on-empty-changeset "$@" > "$scratch/log" 2>&1 ||
    grep -q 'No updates are to be performed' "$scratch/log" || # how the local server says the same
    { cat "$scratch/log" >&2; exit 1; }
}

case $AWS_REGION in
  cn-*) partition=aws-cn ;;
  us-gov-*) partition=aws-us-gov ;;
  *) partition=aws ;;
esac
# role ACCOUNT NAME
role() { echo "arn:$partition:iam::$1:role/$2"; }
# key PROFILE ACCOUNT STACK NAME
key() {
  id=$(aws cloudformation describe-stack-resource --profile "$1" --stack-name "$3" --logical-resource-id "$4" \
    --query StackResourceDetail.PhysicalResourceId --output text)
  echo "arn:$partition:kms:$AWS_REGION:$2:key/$id"
}

step 'accounts'
tools_account=$(account "$tools") test_account=$(account "$test") production_account=$(account "$production")
echo "tools $tools_account, test $test_account, production $production_account"

step 'stacks'
stack "$tools" orders-tools "$here/tools.yml" --capabilities CAPABILITY_NAMED_IAM --parameter-overrides \
  "TestAccountId=$test_account" "ProductionAccountId=$production_account"
bucket=orders-artifacts-$tools_account-$AWS_REGION
key=$(key "$tools" "$tools_account" orders-tools ArtifactKey)
for profile in "$test" "$production"; do
  stack "$profile" orders-roles "$here/target.yml" --capabilities CAPABILITY_NAMED_IAM --parameter-overrides \
    "ToolsAccountId=$tools_account" "ArtifactBucket=$bucket" "ArtifactKeyArn=$key" "ExternalId=$external_id"
done
echo "artifacts go to $bucket"

# run ENCRYPTION-OPTION...
run() {
  "$buildspec" run "$here/app" --env "RELEASE=$release" --profile "$tools" --role-arn "$(role "$tools_account" orders-build)" \
    --output "s3://$bucket/orders" --cloudwatch-logs /aws/codebuild/orders "$@"
}
if [ "$encryption" = client ]; then
  step 'build, encrypt for test and production, and upload as the build role'
  artifact=s3://$bucket/orders/app.zip.enc
  test_key=$(key "$test" "$test_account" orders-roles SealingKey)
  production_key=$(key "$production" "$production_account" orders-roles SealingKey)
  run --encryption client \
    --encryption-key "$test_key,role=$(role "$test_account" orders-sealing)" \
    --encryption-key "$production_key,role=$(role "$production_account" orders-sealing)"
else
  step 'build, and upload as the build role'
  artifact=s3://$bucket/orders/app.zip
  run --encryption sse-kms --encryption-key "$key"
fi

# deploy STAGE ACCOUNT: as the pipeline role of the account, which opens the artifact (a message only with a key of the
# account, and only if it is bound to this project) and hands what was in it to CloudFormation
deploy() {
  stage=$1 role=$(role "$2" orders-pipeline)
  step "$stage: open the artifact as $role"
  "$buildspec" artifact open "$artifact" -o "$scratch/$stage" \
    --account "$2" --partition "$partition" --encryption-context codebuild-project=app \
    --profile "$tools" --role-arn "$role" --external-id "$external_id"
  cat >> "$AWS_CONFIG_FILE" <<PROFILE
[profile orders-$stage]
source_profile = $tools
role_arn = $role
external_id = $external_id
PROFILE
  step "$stage: deploy"
  stack "orders-$stage" "orders-$stage" "$scratch/$stage/template.yml" \
    --role-arn "$(role "$2" orders-deployment)" \
    --parameter-overrides "Stage=$stage" "Release=$(cat "$scratch/$stage/release.txt")"
}

# The pipeline roles become profiles in a copy of the configuration, not in yours.
if [ -z "${AWS_ENDPOINT_URL:-}" ]; then
  cp "${AWS_CONFIG_FILE:-$HOME/.aws/config}" "$scratch/config"
  AWS_CONFIG_FILE=$scratch/config
  export AWS_CONFIG_FILE
fi
deploy test "$test_account"
deploy production "$production_account"

step 'what is deployed'
for stage in test production; do
  if [ $stage = test ]; then profile=$test; else profile=$production; fi
  printf '%s: release %s\n' $stage "$(aws ssm get-parameter --profile "$profile" --name "/orders/$stage/release" \
    --query Parameter.Value --output text)"
done
