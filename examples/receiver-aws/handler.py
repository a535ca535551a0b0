"""AWS Lambda function URL that receives Wingspan webhooks.

Puts each verified event on an SQS FIFO queue, which drops a repeated delivery
within five minutes, and responds. boto3 is part of the Lambda runtime.
"""

import base64
import os
import time

import boto3
from events import event_key
from signature import find_signature, is_genuine

MAX_BODY = 200 * 1024
STAGES = ("AWSCURRENT", "AWSPREVIOUS")
MAX_AGE, MIN_AGE = 300, 10  # Seconds.

secrets_manager = boto3.client("secretsmanager")
sqs = boto3.client("sqs")
cache: dict = {"secrets": [], "loaded": float("-inf")}


def load_secrets(max_age: float) -> list[str]:
    """Returns the current and the previous secret."""
    if time.monotonic() - cache["loaded"] > max_age:
        found = []
        for stage in STAGES:
            try:
                found.append(
                    secrets_manager.get_secret_value(
                        SecretId=os.environ["SECRET_ID"], VersionStage=stage
                    )["SecretString"]
                )
            except secrets_manager.exceptions.ResourceNotFoundException:
                pass  # There is no previous secret before the first rotation.
        cache.update(secrets=found, loaded=time.monotonic())
    return cache["secrets"]


def handler(request: dict, _context: object) -> dict:
    if request["requestContext"]["http"]["method"] != "POST":
        return {"statusCode": 405}
    body = request.get("body", "").encode()
    if request.get("isBase64Encoded"):
        body = base64.b64decode(body)
    if len(body) > MAX_BODY:
        return {"statusCode": 413}

    headers = request["headers"]  # Names are in lower case.
    name = os.environ.get("SIGNATURE_HEADER", "").lower()
    if not name:
        found = find_signature(headers, body, load_secrets(MIN_AGE))
        print("signature_header, signature_encoding:", found)
        return {"statusCode": 401}
    given, encoding = headers.get(name, ""), os.environ["SIGNATURE_ENCODING"]
    # Wingspan may sign with a secret that is newer than the cached ones.
    if not any(
        is_genuine(body, given, load_secrets(age), encoding)
        for age in (MAX_AGE, MIN_AGE)
    ):
        return {"statusCode": 401}

    try:
        name, key = event_key(body)
        message = body.decode()
    except (ValueError, KeyError, TypeError, RecursionError):
        return {"statusCode": 400}
    sqs.send_message(
        QueueUrl=os.environ["QUEUE_URL"],
        MessageBody=message,
        MessageGroupId="wingspan",  # One group keeps the events in order.
        MessageDeduplicationId=key,
    )
    print("received", ascii(name))
    return {"statusCode": 200}
