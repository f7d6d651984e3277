import AWSClient
import TestSupport
import Testing

/// The services beside S3, against moto.
@Suite(.serialized, .motoServer) struct ServiceTests {
    @Test func `wraps and unwraps data keys under an encryption context`() async throws {
        let moto = try MotoServer.required()
        let key = try await moto.boto3(createKey)
        try await withTestSession(moto) { session in
            let kms = KMSClient(context: try session.context(.kms))
            let made = try await kms.generateDataKey(
                keyID: key, length: 32, encryptionContext: ["build": "1"])
            #expect(made.plaintext.bytes.count == 32)
            #expect(made.keyID == key)
            let opened = try await kms.decrypt(made.ciphertext, keyID: key, encryptionContext: ["build": "1"])
            #expect(opened.plaintext == made.plaintext)
            let error = try await failure {
                _ = try await kms.decrypt(made.ciphertext, keyID: key, encryptionContext: ["build": "2"])
            }
            #expect(error.isService("InvalidCiphertextException"))

            let sealed = try await kms.encrypt([1, 2, 3], keyID: key)
            #expect(try await kms.decrypt(sealed.ciphertext, keyID: nil).plaintext.bytes == [1, 2, 3])
            let described = try await kms.describeKey(key)
            #expect(described.arn == key)
            #expect(described.isEnabled)
            let missing = try await failure { _ = try await kms.describeKey("alias/none") }
            #expect(missing.isService("NotFoundException"))
            #expect(missing.description.hasPrefix("kms DescribeKey alias/none: NotFoundException"))
            #expect("\(made)".contains("32 hidden bytes"))
        }
    }

    @Test func `fetches parameters in batches and matches them by name`() async throws {
        let moto = try MotoServer.required()
        let arn = try await moto.boto3(
            """
            ssm = client("ssm")
            for number in range(23):
                ssm.put_parameter(Name=f"/app/p{number}", Value=f"value {number}", Type="SecureString")
            ssm.put_parameter(Name="/app/p1", Value="newer", Type="SecureString", Overwrite=True)
            ssm.put_parameter(Name="list", Value="a,b", Type="StringList")
            print(ssm.get_parameter(Name="/app/p2")["Parameter"]["ARN"], end="")
            """)
        try await withTestSession(moto) { session in
            let client = SystemsManagerClient(context: try session.context(.ssm))
            var names = (0..<23).reversed().map { "/app/p\($0)" }
            names += ["missing", "list", "/app/p1:1", arn, "/app/p3", "missing"]
            let values = try await client.parameters(names)
            for number in 0..<23 where number != 1 {
                #expect(values.found["/app/p\(number)"]?.value == "value \(number)")
            }
            #expect(values.found["/app/p1"]?.value == "newer")
            #expect(values.found["/app/p1:1"]?.value == "value 1")
            #expect(values.found["list"]?.value == "a,b")
            #expect(values.found[arn]?.value == "value 2")
            #expect(values.missing == ["missing"])
            #expect(!"\(values)".contains("newer"))
            #expect(!String(reflecting: values).contains("newer"))
        }
    }

    @Test func `never asks for more than ten parameters at a time`() async throws {
        let answer = FaultProxy.Rule("POST", times: 9) { ($0.status, $0.body) = (200, #"{"Parameters":[]}"#) }
        try await FaultProxy.run([answer]) { proxy in
            try await withTestSession(standInEnvironment(proxy.endpointURL)) { session in
                let client = SystemsManagerClient(context: try session.context(.ssm))
                let names = (0..<21).map { "p\($0)" }
                #expect(try await client.parameters(names).missing == names)
            }
            let requests = try await proxy.requests()
            #expect(requests.count == 3)
            #expect(requests.allSatisfy { $0.headers["x-amz-target"] == "AmazonSSM.GetParameters" })
        }
    }

    @Test func `fetches secrets by name, stage and version`() async throws {
        let moto = try MotoServer.required()
        let old = try await moto.boto3(
            """
            secrets = client("secretsmanager")
            first = secrets.create_secret(Name="app/db", SecretString='{"password":"old-value"}')["VersionId"]
            secrets.put_secret_value(SecretId="app/db", SecretString="new-value")
            secrets.create_secret(Name="binary", SecretBinary=b"123")
            print(first, end="")
            """)
        try await withTestSession(moto) { session in
            let client = SecretsManagerClient(context: try session.context(.secretsManager))
            #expect(try await client.secretValue("app/db").text == "new-value")
            #expect(
                try await client.secretValue("app/db", versionStage: "AWSPREVIOUS").text
                    == #"{"password":"old-value"}"#)
            let byID = try await client.secretValue("app/db", versionID: old)
            #expect(byID.text == #"{"password":"old-value"}"#)
            #expect(byID.versionID == old)
            #expect(try await client.secretValue("binary").text == nil)
            let missing = try await failure { _ = try await client.secretValue("none") }
            #expect(missing.isService("ResourceNotFoundException"))
            #expect(!String(reflecting: byID).contains("old-value"))
        }
    }

    @Test func `assumes a role and acts as it`() async throws {
        let moto = try MotoServer.required()
        let role = "arn:aws:iam::123456789012:role/build"
        var overrides = AWSConfiguration.Overrides()
        overrides.roleARN = role
        overrides.externalID = "outside"
        let environment = moto.environment.merging(["AWS_ROLE_SESSION_NAME": "me"]) { $1 }
        try await withTestSession(environment, overrides: overrides) { session in
            let identity = try await STSClient(context: session.context(.sts)).callerIdentity()
            #expect(identity.arn == "arn:aws:sts::123456789012:assumed-role/build/me")
            #expect(identity.account == "123456789012")
            #expect(await session.credentials.knownSecrets.count == 2)
        }
    }
}
