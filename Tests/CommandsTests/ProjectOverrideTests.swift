import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `--project-overrides`: what a build is started with instead of what its project says.
@Suite struct ProjectOverrideTests {
    private static let template = """
        Parameters: {Key: {Type: String}}
        Resources:
          Build:
            Type: AWS::CodeBuild::Project
            Properties:
              Name: shop
              Source: {Type: GITHUB, Location: 'https://example.com/o/r', BuildSpec: project.yml}
              Artifacts: {Type: S3, Location: !GetAtt Bucket.Name, Name: a.zip}
              EncryptionKey: !Ref Key
              TimeoutInMinutes: 30
              Environment:
                Type: LINUX_CONTAINER
                Image: aws/codebuild/standard:7.0
                ComputeType: BUILD_GENERAL1_SMALL
                EnvironmentVariables:
                  - {Name: KEPT, Value: of-the-project}
                  - {Name: STAGE, Value: of-the-project}
                  - {Name: UNKNOWN, Value: !GetAtt Bucket.Arn}
          Bucket: {Type: 'AWS::S3::Bucket'}
        """

    @Test func `overrides replace what the project says, and variables are merged by name`() async throws {
        try await withProject(commands(#"echo "got $KEPT $STAGE $UNKNOWN $NEW""#)) { project in
            try project.scratch.write(Self.template, to: "app/t.yaml")
            try project.scratch.write(
                """
                {"projectName": "shop", "buildspecOverride": "buildspec.yml", "timeoutInMinutesOverride": 7,
                 "artifactsOverride": {"type": "NO_ARTIFACTS"}, "idempotencyToken": "x", "debugSessionEnabled": true,
                 "environmentVariablesOverride": [{"name": "STAGE", "value": "live"}, {"name": "UNKNOWN", "value": "known"},
                   {"name": "NEW", "value": "n", "type": "PLAINTEXT"}]}
                """, to: "app/o.json")
            let outcome = try await project.run(
                "--project", "t.yaml", "--project-overrides", "file://o.json", ".")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("got of-the-project live known n\n"))
            #expect(
                outcome.standardError.contains("debugSessionEnabled (o.json:2): --debug pauses the build"))
            #expect(!outcome.standardError.contains("bucket"))
            let plan = try await project.buildspec(
                ["plan", "--project", "t.yaml", "--project-overrides", "o.json", "."])
            #expect(plan.standardOutput.contains("o.json, line 4"), "\(plan)")
            #expect(plan.standardOutput.contains("t.yaml, line 16"), "\(plan)")
            let own = try await project.run(
                "--project", "t.yaml", "--project-overrides", "o.json", "--env", "STAGE=mine", ".")
            #expect(own.standardOutput.contains("got of-the-project mine known n\n"))
        }
    }

    @Test(arguments: [
        (
            #"{"imageOverrride": "x"}"#,
            "--project-overrides o.json:1:2: imageOverrride: start-build has no such parameter"
        ),
        (
            #"{"timeoutInMinutesOverride": 3}"#,
            "--project-overrides o.json:1:30: timeoutInMinutes: it is not between 5 and 2160"
        ),
        (
            "\n" + #"{"cacheOverride": {"type": "DISK"}}"#,
            "--project-overrides o.json:2:28: cache.type: DISK is none of its values"
        ),
        (#"{"environmentVariablesOverride": "A=b"}"#, "environment.environmentVariables: expected a list"),
        ("[]", "the file holds a list, no input of start-build"), ("", "the file is empty"),
        ("{", "--project-overrides o.json:1:2"),
    ])
    func `overrides that cannot be used are refused at their place`(
        text: String, message: String
    ) async throws {
        try await withProject(commands("true")) { project in
            try project.scratch.write(Self.template, to: "app/t.yaml")
            try project.scratch.write(text, to: "app/o.json")
            let outcome = try await project.run("--project", "t.yaml", "--project-overrides", "o.json", ".")
            #expect(outcome.status == 2)
            #expect(outcome.standardError.contains(message), "\(outcome.standardError)")
        }
    }

    @Test func `start-build's every parameter is taken`() async throws {
        let text = try await PythonEnvironment().run(
            ProjectShapeTests.model + """

                fixed = {k.replace("artifacts.", "artifactsOverride.").replace("secondarySources.",
                         "secondarySourcesOverride.").replace("cache.", "cacheOverride."): v for k, v in fixed.items()}
                fixed |= {"timeoutInMinutesOverride": 7, "environmentTypeOverride": "LINUX_CONTAINER",
                    "environmentVariablesOverride.type": "PLAINTEXT",
                    "artifactsOverride.type": "S3", "secondaryArtifactsOverride.type": "S3", "projectName": "shop",
                    "sourceTypeOverride": "GITHUB", "buildspecOverride": "buildspec.yml",
                    "secondarySourcesVersionOverride.sourceIdentifier": "second"}
                print(json.dumps(value(model.shape_for("StartBuildInput"), "")))
                """)
        try await withProject(commands("echo $NAME")) { project in
            try project.scratch.write(Self.template, to: "app/t.yaml")
            try project.scratch.write(
                text.replacing("v-name", with: "NAME").replacing("v-artifactIdentifier", with: "web"),
                to: "app/o.json")
            let outcome = try await project.run(
                "--project", "t.yaml", "--project-overrides", "o.json", ".", "--secondary-source", "second=.",
                "--resource-value", "Bucket.Arn=x")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(!outcome.standardError.contains("no such setting"))
            for field in [
                "environment.image v-imageOverride", "cache.location v-location", "environment.fleet",
                "environment.registryCredential (o.json:1)", "autoRetryLimit (o.json:1)", "idempotencyToken",
            ] {
                #expect(outcome.standardError.contains(field), "\(field)\n\(outcome.standardError)")
            }
        }
    }
}
