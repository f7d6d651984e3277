import AWSClient
import TestSupport
import Testing

/// Credentials that the machine or the container has, whose services are asked for them.
@Suite(.serialized) struct MachineCredentialTests {
    @Test func `asks the container endpoint with its token`() async throws {
        let document =
            #"{"AccessKeyId":"BOX","SecretAccessKey":"S","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#
        let rule = FaultProxy.Rule("GET /creds\\?id=a") { ($0.status, $0.body) = (200, document) }
        let outcome = try await askForCaller(
            [
                "AWS_CONTAINER_CREDENTIALS_FULL_URI": "%/creds?id=a",
                "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "@token",
            ],
            rules: [rule])
        #expect(outcome.signer == "BOX")
        #expect(outcome.requests.first?.headers["authorization"] == "web-token")
    }

    @Test func `asks the instance metadata service, version 2`() async throws {
        let document =
            #"{"Code":"Success","AccessKeyId":"EC2","SecretAccessKey":"S","Token":"t","Expiration":"2099-01-01T00:00:00Z"}"#
        let base = "GET /latest/meta-data/iam/security-credentials/"
        let rules = [
            FaultProxy.Rule("PUT /latest/api/token") { ($0.status, $0.body) = (200, "imds-token") },
            FaultProxy.Rule(base + "$") { ($0.status, $0.body) = (200, "build role\n") },
            FaultProxy.Rule(base + "build") { ($0.status, $0.body) = (200, document) },
        ]
        let outcome = try await askForCaller(
            [
                "AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "%/",
                "AWS_METADATA_SERVICE_TIMEOUT": "30",
            ], rules: rules)
        #expect(outcome.signer == "EC2")
        #expect(outcome.requests[1].headers["x-aws-ec2-metadata-token"] == "imds-token")
    }

    @Test func `asks the container endpoint again when it stumbles`() async throws {
        let document = #"{"AccessKeyId":"BOX","SecretAccessKey":"S","Token":"t"}"#
        let rules = [
            FaultProxy.Rule("GET /creds", times: 2) { $0.status = 500 },
            FaultProxy.Rule("GET /creds") { ($0.status, $0.body) = (200, document) },
        ]
        let outcome = try await askForCaller(["AWS_CONTAINER_CREDENTIALS_FULL_URI": "%/creds"], rules: rules)
        #expect(outcome.signer == "BOX")
    }

    @Test func `says what the container endpoint wants, and what it gave`() async throws {
        let refused = FaultProxy.Rule("GET /creds") { $0.status = 403 }
        let ended = FaultProxy.Rule("GET /creds") {
            $0.status = 200
            $0.body =
                #"{"AccessKeyId":"BOX","SecretAccessKey":"S","Token":"t","Expiration":"2001-02-03T04:05:06Z"}"#
        }
        let variables = ["AWS_CONTAINER_CREDENTIALS_FULL_URI": "%/creds"]
        let refusal = try #require(try await askForCaller(variables, rules: [refused]).error)
        #expect(refusal.description.contains("; container endpoint: AccessDenied (HTTP 403))"), "\(refusal)")
        #expect(refusal.hint?.contains("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE") == true)
        let end = try #require(try await askForCaller(variables, rules: [ended]).error)
        #expect(end.description.contains("ended at 2001-02-03T04:05:06Z"), "\(end)")
    }

    @Test func `says that an instance has no role`() async throws {
        let rules = [
            FaultProxy.Rule("PUT /latest/api/token") { ($0.status, $0.body) = (200, "imds-token") },
            FaultProxy.Rule("GET /latest") { $0.status = 404 },
        ]
        let outcome = try await askForCaller(
            [
                "AWS_EC2_METADATA_DISABLED": "", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "%/",
                "AWS_METADATA_SERVICE_TIMEOUT": "30",
            ], rules: rules)
        #expect(
            outcome.error?.description.contains("EC2 instance metadata: the instance has no role") == true)
    }
}
