#!/usr/bin/env python3
"""A stand-in for the part of AWS CodePipeline that job workers speak to.

    codepipeline.py [--port N] [--jobs FILE] [--access-key ID=SECRET]... [--misbehave KIND=SHARE]... [--seed N]

It offers jobs (a JSON list of `data` objects, from FILE or posted to /_jobs), checks every request against botocore's
model of the service and its signature against the known access keys, and keeps what became of each job. It prints its
URL on a line of its own. Only for tests and for trying a worker: it knows no pipelines, and keeps nothing on disk.

    GET  /_state     every job with its state, answers, and what was wrong with requests
    POST /_jobs      more jobs: a list of `data` objects; each may have `cancelAfter`, seconds from its acknowledgement
    POST /_credentials  replaces the `artifactCredentials` that jobs are given from now on

Misbehaviour, each with the share of requests that meet it (0 to 1):
    duplicate   a job that is already under way is offered once more, with another nonce
    lost        the request is carried out, the answer is not sent
    reset       the connection ends before the request is carried out
    throttle    ThrottlingException
    fault       status 500
    expired     ExpiredTokenException
    cancel      the job is cancelled under way: its result is answered with InvalidJobStateException
"""

import argparse
import email.utils
import http.server
import json
import random
import re
import socketserver
import threading
import time
import uuid

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.loaders
import botocore.model
import botocore.validate

PREFIX = "CodePipeline_20150709."
OPERATIONS = ("PollForJobs", "AcknowledgeJob", "GetJobDetails", "PutJobSuccessResult", "PutJobFailureResult")
# An offered job that nobody acknowledges is offered again after this many seconds.
UNACKNOWLEDGED = 3.0


class Refusal(Exception):
    def __init__(self, code, message, status=400, violation=False):
        super().__init__(message)
        self.code, self.status, self.violation = code, status, violation


class Model:
    """The service's model: what a request may hold."""

    def __init__(self):
        self.service = botocore.model.ServiceModel(
            botocore.loaders.Loader().load_service_model("codepipeline", "service-2"), "codepipeline")
        self.validator = botocore.validate.ParamValidator()

    def check(self, operation, body):
        shape = self.service.operation_model(operation).input_shape
        report = self.validator.validate(body, shape)
        problems = [report.generate_report()] if report.has_errors() else []
        if not problems:
            self.limits(body, shape, "", problems)
        if problems:
            raise Refusal("ValidationException", "; ".join(problems), violation=True)

    def limits(self, value, shape, path, problems):
        """What botocore leaves to the service: unknown members, lengths, patterns and enumerations."""
        if shape.type_name == "structure":
            for name, member in value.items():
                if name not in shape.members:
                    problems.append(f"{path}.{name} is unknown")
                else:
                    self.limits(member, shape.members[name], f"{path}.{name}", problems)
        elif shape.type_name == "list":
            for index, member in enumerate(value):
                self.limits(member, shape.member, f"{path}[{index}]", problems)
        elif shape.type_name == "map":
            self.size(len(value), shape, path, problems)
            for name, member in value.items():
                self.limits(name, shape.key, f"{path} key {name}", problems)
                self.limits(member, shape.value, f"{path}.{name}", problems)
        elif shape.type_name == "string":
            self.size(len(value), shape, path, problems)
            pattern = shape.metadata.get("pattern")
            if pattern and not re.fullmatch(pattern, value):
                problems.append(f"{path} does not match {pattern}")
            if shape.enum and value not in shape.enum:
                problems.append(f"{path} is none of {', '.join(shape.enum)}")
        elif shape.type_name in ("integer", "long"):
            self.size(value, shape, path, problems)

    @staticmethod
    def size(count, shape, path, problems):
        if count < shape.metadata.get("min", count) or count > shape.metadata.get("max", count):
            problems.append(f"{path} is too short, too long or out of range ({count})")


def check_signature(handler, body, keys):
    """Signature version 4, computed once more by botocore."""
    header = handler.headers.get("Authorization", "")
    match = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/codepipeline/aws4_request, ?"
        r"SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})", header)
    if not match:
        raise Refusal("MissingAuthenticationTokenException", "no signature of this service", 403, violation=True)
    identifier, _, region, names, signature = match.groups()
    if identifier not in keys:
        raise Refusal("UnrecognizedClientException", "the access key is not known", violation=True)
    for needed in ("host", "x-amz-date", "x-amz-target"):
        if needed not in names.split(";"):
            raise Refusal("IncompleteSignatureException", f"{needed} is not signed", violation=True)
    stamp = handler.headers["X-Amz-Date"]
    age = time.time() - email.utils.mktime_tz(
        (*time.strptime(stamp, "%Y%m%dT%H%M%SZ")[:6], 0, 0, 0, 0))
    if abs(age) > 300:
        raise Refusal("RequestExpired", f"the signature is {age:.0f} s old", violation=True)
    request = botocore.awsrequest.AWSRequest(
        "POST", f"http://{handler.headers['Host']}/", data=body,
        headers={name: handler.headers[name] for name in names.split(";") if handler.headers[name] is not None})
    request.context["timestamp"] = stamp
    signer = botocore.auth.SigV4Auth(
        botocore.credentials.Credentials(identifier, keys[identifier]), "codepipeline", region)
    # The signer signs the headers that its own request has: no others must have been signed.
    expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    if expected != signature:
        raise Refusal("InvalidSignatureException", "the signature does not match", 403, violation=True)


class Jobs:
    """Every job and what became of it."""

    def __init__(self, generator, shares):
        self.lock = threading.Lock()
        self.random, self.shares = generator, shares
        self.jobs, self.violations, self.counts = {}, [], {}
        self.credentials = {
            "accessKeyId": "AKIAJOBARTIFACTS0001", "secretAccessKey": "job-secret", "sessionToken": "job-token"}
        self.serial = 0

    def add(self, data):
        for entry in data:
            entry = dict(entry)
            identifier = entry.pop("id", None) or str(uuid.UUID(int=self.random.getrandbits(128), version=4))
            self.jobs[identifier] = {
                "id": identifier, "data": entry, "cancelAfter": entry.pop("cancelAfter", None), "state": "Queued",
                "nonces": [], "claimed": None, "offered": 0.0, "acknowledged": 0.0, "answers": [], "late": 0,
            }

    def chance(self, kind):
        return self.random.random() < self.shares.get(kind, 0)

    def job(self, identifier):
        if identifier not in self.jobs:
            raise Refusal("JobNotFoundException", "no such job", violation=True)
        job = self.jobs[identifier]
        limit = job["cancelAfter"]
        if limit is not None and job["state"] == "InProgress" and time.time() > job["acknowledged"] + limit:
            job["state"] = "TimedOut"
        return job

    def details(self, job):
        self.serial += 1
        credentials = dict(self.credentials)
        return {"id": job["id"], "accountId": "123456789012",
                "data": {**job["data"], "artifactCredentials": credentials}}

    def poll_for_jobs(self, body):
        action = body["actionTypeId"]
        if action["owner"] != "Custom":
            raise Refusal("ActionTypeNotFoundException", "only custom actions have job workers")
        offered, now = [], time.time()
        for job in self.jobs.values():
            if len(offered) == body.get("maxBatchSize", 1):
                break
            if job["data"].get("actionTypeId", action) != action:
                continue
            again = job["state"] == "Dispatched" and now > job["offered"] + UNACKNOWLEDGED
            twice = job["state"] == "InProgress" and self.chance("duplicate")
            if job["state"] != "Queued" and not again and not twice:
                continue
            nonce = str(self.random.getrandbits(32))
            if not twice:
                job["nonces"].append(nonce)
                job["state"], job["offered"] = "Dispatched", now
            offered.append({**self.details(job), "nonce": nonce})
        return {"jobs": offered}

    def acknowledge_job(self, body):
        job = self.job(body["jobId"])
        if not job["nonces"] or body["nonce"] != job["nonces"][-1]:
            raise Refusal("InvalidNonceException", "another worker has this job")
        if job["state"] == "Dispatched":
            job["state"], job["claimed"], job["acknowledged"] = "InProgress", body["nonce"], time.time()
            if self.chance("cancel"):
                job["cancelAfter"] = 0.0
        return {"status": job["state"]}

    def get_job_details(self, body):
        return {"jobDetails": self.details(self.job(body["jobId"]))}

    def result(self, body, state):
        job = self.job(body["jobId"])
        if job["state"] != "InProgress":
            job["late"] += 1
            raise Refusal("InvalidJobStateException", f"the job is {job['state']}")
        variables = body.get("outputVariables", {})
        if sum(len(name) + len(value) for name, value in variables.items()) > 122_880:
            raise Refusal("OutputVariablesSizeExceededException", "too many output variables")
        job["answers"].append({"state": state, "time": time.time(), **body})
        job["state"] = state
        return {}

    def put_job_success_result(self, body):
        return self.result(body, "Succeeded")

    def put_job_failure_result(self, body):
        return self.result(body, "Failed")

    def state(self):
        for identifier in self.jobs:
            self.job(identifier)
        return {"jobs": list(self.jobs.values()), "violations": self.violations, "requests": self.counts}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Header and body are written apart: the second must not wait for the first to be acknowledged.
    disable_nagle_algorithm = True
    model, jobs, keys = None, None, {}

    def log_message(self, *_):
        pass

    def do_GET(self):
        if self.path != "/_state":
            return self.answer(404, {})
        with self.jobs.lock:
            return self.answer(200, self.jobs.state())

    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length)
        if len(body) < length:
            # Whoever was sending is gone.
            self.close_connection = True
            return None
        if self.path.startswith("/_"):
            with self.jobs.lock:
                if self.path == "/_jobs":
                    self.jobs.add(json.loads(body))
                elif self.path == "/_credentials":
                    self.jobs.credentials = json.loads(body)
                else:
                    return self.answer(404, {})
            return self.answer(200, {})
        operation = self.headers.get("X-Amz-Target", "").removeprefix(PREFIX)
        try:
            with self.jobs.lock:
                value = self.perform(operation, body)
        except ConnectionResetError:
            self.close_connection = True
            return None
        except Refusal as refusal:
            if refusal.violation:
                with self.jobs.lock:
                    self.jobs.violations.append(f"{operation}: {refusal.code}: {refusal}")
            return self.answer(refusal.status, {"__type": refusal.code, "message": str(refusal)})
        return self.answer(200, value)

    def perform(self, operation, body):
        if self.path != "/" or operation not in OPERATIONS:
            raise Refusal("UnknownOperationException", f"no such operation: {operation}", violation=True)
        if self.headers.get("Content-Type") != "application/x-amz-json-1.1":
            raise Refusal("SerializationException", "not application/x-amz-json-1.1", violation=True)
        check_signature(self, body, self.keys)
        try:
            request = json.loads(body)
        except ValueError as error:
            raise Refusal("SerializationException", str(error), violation=True) from error
        self.model.check(operation, request)
        self.jobs.counts[operation] = self.jobs.counts.get(operation, 0) + 1
        if self.jobs.chance("reset"):
            raise ConnectionResetError
        for kind, code, status in (
                ("throttle", "ThrottlingException", 400), ("expired", "ExpiredTokenException", 400),
                ("fault", "InternalFailure", 500)):
            if self.jobs.chance(kind):
                raise Refusal(code, "on command", status)
        name = re.sub(r"(?<!^)(?=[A-Z])", "_", operation).lower()
        value = getattr(self.jobs, name)(request)
        if self.jobs.chance("lost"):
            raise ConnectionResetError
        return value

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("x-amzn-RequestId", str(uuid.uuid4()))
        self.end_headers()
        self.wfile.write(body)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True
    request_queue_size = 128


def start(arguments=None):
    """A server for these arguments, not yet serving."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--jobs")
    parser.add_argument("--access-key", action="append", default=[])
    parser.add_argument("--misbehave", action="append", default=[])
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    shares = {kind: float(share) for kind, share in (entry.split("=") for entry in options.misbehave)}
    unknown = set(shares) - {"duplicate", "lost", "reset", "throttle", "fault", "expired", "cancel"}
    if unknown:
        parser.error(f"unknown misbehaviour: {', '.join(sorted(unknown))}")
    Handler.model = Model()
    Handler.jobs = Jobs(random.Random(options.seed), shares)
    Handler.keys = dict(entry.split("=", 1) for entry in options.access_key or ["testing=testing"])
    if options.jobs:
        with open(options.jobs, encoding="utf-8") as file:
            Handler.jobs.add(json.load(file))
    return Server(("127.0.0.1", options.port), Handler)


if __name__ == "__main__":
    SERVER = start()
    print(f"http://127.0.0.1:{SERVER.server_address[1]}", flush=True)
    SERVER.serve_forever()
