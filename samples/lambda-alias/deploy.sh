# Publishes function.zip under an assumed role and moves the alias to it. Sourced by the buildspec.
#
# Where there is no `aws` command, or nobody said which account or endpoint to talk to, it only says what it would do:
# a demonstration must not touch anybody's account. AWS_ENDPOINT_URL names a local stand-in such as moto; DEPLOY=yes
# means the real thing.

if ! command -v aws >/dev/null || { [ "${DEPLOY:-no}" != yes ] && [ -z "${AWS_ENDPOINT_URL:-}" ]; }; then
  echo "not deploying: this needs the aws command, and AWS_ENDPOINT_URL (a local stand-in) or DEPLOY=yes"
  FUNCTION_VERSION=none
  printf '{"function": "%s", "version": null, "alias": "%s"}\n' "$FUNCTION_NAME" "$ALIAS" > deployment.json
  return 0
fi

set -e

# Versions of the aws command before 2.13 do not read AWS_ENDPOINT_URL themselves.
call() {
  aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$@"
}

credentials=$(call sts assume-role --role-arn "$DEPLOY_ROLE_ARN" --role-session-name deploy \
  --query 'Credentials.[AccessKeyId,SecretAccessKey,SessionToken]' --output text)
AWS_ACCESS_KEY_ID=$(echo "$credentials" | cut -f 1)
AWS_SECRET_ACCESS_KEY=$(echo "$credentials" | cut -f 2)
AWS_SESSION_TOKEN=$(echo "$credentials" | cut -f 3)
unset credentials

if ! call lambda get-function --function-name "$FUNCTION_NAME" >/dev/null 2>&1; then
  call lambda create-function --function-name "$FUNCTION_NAME" --runtime python3.12 --handler app.handler \
    --role "$DEPLOY_ROLE_ARN" --zip-file fileb://function.zip >/dev/null
  echo "created the function $FUNCTION_NAME"
fi
FUNCTION_VERSION=$(call lambda update-function-code --function-name "$FUNCTION_NAME" --zip-file fileb://function.zip \
  --publish --query Version --output text)
call lambda update-alias --function-name "$FUNCTION_NAME" --name "$ALIAS" --function-version "$FUNCTION_VERSION" \
  >/dev/null 2>&1 ||
  call lambda create-alias --function-name "$FUNCTION_NAME" --name "$ALIAS" --function-version "$FUNCTION_VERSION" \
    >/dev/null
echo "the alias $ALIAS of $FUNCTION_NAME is at version $FUNCTION_VERSION"
printf '{"function": "%s", "version": "%s", "alias": "%s"}\n' \
  "$FUNCTION_NAME" "$FUNCTION_VERSION" "$ALIAS" > deployment.json
# What the role could do is not for later commands.
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
