import FoundationEssentials
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Recognisable secrets are put wherever a build can get some from; afterwards nothing that was written has one, and
/// no process showed one in its arguments meanwhile.
@Suite(.motoServer) struct PlantedSecretTests {
    private static let profileKey = "PLANTED/profile+secret/access+key0123456"
    private static let roleKey = "PLANTED/role+secret/access+key0123456789"
    private static let roleToken = "PLANTED/role+session/token+0123456789=="
    private static let parameter = "PLANTED-parameter-value-\"'$x"
    private static let secret = "PLANTED-secret-value-%&?"
    private static let inner = "PLANTED-json-value-\\\\/"
    /// 32 bytes: what KMS says is the plaintext of the data key.
    private static let dataKey = "PLANTED-DATA-KEY-0123456789-abcd"
    private static let role = "arn:aws:iam::123456789012:role/build"

    /// STS gives known credentials.
    private static let assumed = FaultProxy.Rule("POST", times: 999) {
        $0.status = 200
        $0.body = """
            <AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAPLANTED000000001</AccessKeyId>
            <SecretAccessKey>\(roleKey)</SecretAccessKey><SessionToken>\(roleToken)</SessionToken>
            <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials><AssumedRoleUser><Arn>\(role)</Arn>
            </AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>
            """
    }

    /// KMS gives a known data key; what it says of keys is nothing.
    private static let wrapped = FaultProxy.Rule("POST", times: 999) {
        let plain = Data(dataKey.utf8).base64EncodedString()
        $0.status = 200
        $0.body =
            #"{"Plaintext":"\#(plain)","CiphertextBlob":"d3JhcHBlZA==","KeyId":"arn:aws:kms:eu-central-1:1:key/k"}"#
    }

    private static let buildspec = """
        version: 0.2
        env:
          parameter-store: {P: /planted/p}
          secrets-manager: {S: planted-plain, J: "planted-json:inner"}
          exported-variables: [P, COPY]
          git-credential-helper: yes
        phases:
          build:
            commands:
              - export COPY="$S"
              - printf '%s\\n' "$P" "$S" "$J"; env; echo "$P" >&2
              - printf '%s' "$S" | base64; printf '%s' "$J" | base64
              - cat "$AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"; cat *.txt || true
              - echo up; while [ ! -e "$GO" ]; do sleep 0.05; done
              - test "$END" != fail
        artifacts:
          files: [out.txt, missing-*.txt]

        """

    /// Puts the secrets there, and runs `body` with the variables that reach them.
    private func withPlanted(
        _ body: @Sendable (TestProject, [String: String], MotoServer) async throws -> Void
    ) async throws {
        let moto = try MotoServer.required()
        _ = try await moto.boto3(
            """
            client("ssm").put_parameter(Name="/planted/p", Type="SecureString", Value=sys.argv[1], Overwrite=True)
            values = {"planted-plain": sys.argv[2], "planted-json": json.dumps({"inner": sys.argv[3]})}
            for name, text in values.items():
                try: client("secretsmanager").create_secret(Name=name, SecretString=text)
                except Exception as e: assert "Exists" in str(e), e
            try: client("s3").create_bucket(Bucket="planted", CreateBucketConfiguration={
                "LocationConstraint": "eu-central-1"})
            except Exception as e: assert "Owned" in str(e), e
            """, arguments: [Self.parameter, Self.secret, Self.inner])
        try await FaultProxy.run([Self.assumed]) { sts in
            try await FaultProxy.run([Self.wrapped]) { kms in
                try await withProject(Self.buildspec) { project in
                    try project.scratch.write(
                        "[profile planted]\nregion = eu-central-1\n", to: "home/.aws/config")
                    try project.scratch.write(
                        "[planted]\naws_access_key_id = AKIAPLANTED000000001\naws_secret_access_key = "
                            + Self.profileKey + "\n", to: "home/.aws/credentials")
                    let environment = [
                        "AWS_ENDPOINT_URL": moto.endpointURL, "AWS_ENDPOINT_URL_STS": sts.endpointURL,
                        "AWS_ENDPOINT_URL_KMS": kms.endpointURL, "AWS_EC2_METADATA_DISABLED": "true",
                        "AWS_SECRET_ACCESS_KEY": "PLANTED/unused+environment/key+012345678",
                    ]
                    try await body(project, environment, moto)
                }
            }
        }
    }

    /// Every form in which a planted value could be found.
    private static var forms: [String] {
        // All but the last come from values of which nothing may be seen, so a part is enough.
        let whole = ["PLANTED/", "PLANTED-parameter", "PLANTED-secret", "PLANTED-json", "PLANTED-DATA-KEY"]
        let encoded = [profileKey, roleKey, secret, inner, dataKey].map {
            String(Data($0.utf8).base64EncodedString().prefix(24))
        }
        return whole + encoded
    }

    private func expectNothing(in text: String, _ what: String) {
        for form in Self.forms { #expect(!text.contains(form), "\(what) has \(form)") }
    }

    @Test(arguments: ["succeed", "fail", "stop"])
    func `no planted secret is seen anywhere`(end: String) async throws {
        try await withPlanted { project, environment, moto in
            let go = project.scratch.path.appending("go").string
            let arguments = [
                "--profile", "planted", "--role-arn", Self.role, "--aws-credentials", "--output",
                "s3://planted",
                "--encryption", "client", "--encryption-key", "alias/planted", "--cloudwatch-logs",
                "/planted/\(end)", "--s3-logs", "s3://planted/logs-\(end)", "--s3-logs-unencrypted",
                "--events",
                "default", "--sandbox", "host", "--env", "GO=\(go)", "--env", "END=\(end)", "--record",
                project.scratch.path.appending("record.json").string,
            ]
            try project.scratch.write("plain\n", to: "app/out.txt")
            let outcome = try await project.start(arguments, environment: environment) { running in
                try await running.output.wait(for: "up\n")
                for form in Self.forms { #expect(Self.commandLines(containing: form) == []) }
                if end == "stop" { return running.send(SIGTERM) }
                try project.scratch.write("", to: "go")
            }
            #expect(outcome.status == ["succeed": 0, "fail": 1, "stop": 143][end], "\(outcome)")
            #expect(outcome.standardOutput.contains("***"))
            expectNothing(in: outcome.standardOutput + outcome.standardError, "what was said")
            try await expectNothingLeft(project)
            let far = try await moto.boto3(
                """
                import gzip
                for event in client("logs").filter_log_events(logGroupName="/planted/" + sys.argv[1])["events"]:
                    print(event["message"])
                s3 = client("s3")
                for o in s3.list_objects_v2(Bucket="planted").get("Contents", []):
                    head = s3.get_object(Bucket="planted", Key=o["Key"])
                    body = head["Body"].read()
                    print(o["Key"], head["Metadata"])
                    print((gzip.decompress(body) if o["Key"].endswith(".gz") else body).decode("latin-1"))
                """, arguments: [end])
            #expect(far.contains("Entering phase BUILD"))
            #expect(far.contains("logs-\(end)/"))
            expectNothing(in: far, "what was sent")
        }
    }

    @Test(arguments: [
        "secrets-manager: {S: 'planted-json:other'}", "secrets-manager: {S: 'planted-plain:inner'}",
        "secrets-manager: {S: 'planted-plain::NOSTAGE'}",
        "parameter-store: {A: /planted/p, B: /planted/none}",
    ])
    func `no error shows what it could not use`(entry: String) async throws {
        try await withPlanted { project, environment, _ in
            try project.scratch.write(
                "version: 0.2\nenv: {\(entry)}\n" + commands("echo x"), to: "app/buildspec.yml")
            let outcome = try await project.run(
                "--profile", "planted", "--role-arn", Self.role, environment: environment)
            #expect(outcome.status != 0)
            expectNothing(in: outcome.standardOutput + outcome.standardError, "what was said")
            try await expectNothingLeft(project)
        }
    }

    /// The tests' own programs, which put the secrets there, have them as arguments.
    private static func commandLines(containing form: String) -> [String] {
        ProcessList.commandLines(containing: form).filter { !$0.contains("/.cache/venv/bin/python ") }
    }

    /// Nothing on disk either, but for where the values were put.
    private func expectNothingLeft(_ project: TestProject) async throws {
        let pattern = Self.forms.flatMap { ["-e", $0] }
        var invocation = Program.Invocation(["-rlaF"] + pattern + [project.scratch.path.string])
        invocation.environment = ["LC_ALL": "C"]
        let found = try await Program("/bin/grep").run(invocation)
        let expected = project.scratch.path.appending("home/.aws/credentials").string + "\n"
        #expect(found.standardOutput == expected)
    }
}
