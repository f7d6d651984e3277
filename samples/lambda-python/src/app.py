"""Greets whoever asks: a Lambda handler without dependencies."""

import json


def greeting(name):
    """The greeting for a name; people without one are friends."""
    return f"Hello, {name.strip() or 'friend'}!"


def handler(event, context):
    """Answers an API Gateway request."""
    parameters = event.get("queryStringParameters") or {}
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps({"message": greeting(parameters.get("name", ""))}),
    }
