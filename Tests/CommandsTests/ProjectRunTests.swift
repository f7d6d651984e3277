import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `--project`: a definition runs as it is.
@Suite struct ProjectRunTests {
    /// A template in the way of a cross-account pipeline.
    static let template = """
        Parameters:
          AppName: {Type: String, Default: orders}
          ArtifactBucket: {Type: String}
          LiveAccount: {Type: Number}
          KeyArn: {Type: String}
          CrossAccount: {Type: String, Default: false}
          Token: {Type: String, NoEcho: true, Default: hush-hush-token}
          ImageTag: {Type: String, Default: '3.6.5'}
        Conditions:
          IsCrossAccount: !Equals [ !Ref CrossAccount, true ]
        Resources:
          BuildRole: {Type: 'AWS::IAM::Role'}
          BuildProject:
            Type: AWS::CodeBuild::Project
            Properties:
              Name: !Ref AppName
              EncryptionKey: !Ref KeyArn
              ServiceRole: !GetAtt BuildRole.Arn
              Artifacts: {Type: CODEPIPELINE}
              Environment:
                Type: linuxContainer
                ComputeType: BUILD_GENERAL1_SMALL
                Image: !Sub 'aws/codebuild/python:${ImageTag}'
                EnvironmentVariables:
                  - {Name: Bucket, Value: !Ref ArtifactBucket}
                  - {Name: Target, Value: !If [IsCrossAccount, !Ref LiveAccount, nobody]}
                  - {Name: TOKEN, Value: !Ref Token}
              Source:
                Type: CODEPIPELINE
                BuildSpec: |
                  version: 0.2
                  env: {variables: {Bucket: of-the-buildspec}}
                  phases:
                    build:
                      commands:
                        - echo "$Bucket $Target $CODEBUILD_BUILD_IMAGE $TOKEN $CODEBUILD_KMS_KEY_ID"
                        - echo packaged > out.yaml
                  artifacts: {files: out.yaml, discard-paths: yes}
              TimeoutInMinutes: 10
              VpcConfig: {VpcId: vpc-1}
              Tags: [{Key: Name, Value: x}]
          Pipeline: {Type: AWS::CodePipeline::Pipeline, Properties: {RoleArn: a, RoleArn: b}}
        """

    @Test func `a pipeline's template runs without an edit`() async throws {
        try await withProject { project in
            try project.scratch.write(Self.template, to: "app/template.yaml")
            let outcome = try await project.run(
                "--project", "template.yaml#BuildProject", "--parameter", "ArtifactBucket=the-bucket",
                "--parameter", "KeyArn=arn:aws:kms:us-east-1:111122223333:key/k", "--encryption", "none")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(
                outcome.standardOutput.contains(
                    "the-bucket nobody aws/codebuild/python:3.6.5 *** arn:aws:kms:us-east-1:111122223333:key/k"
                ))
            #expect(
                outcome.standardOutput.contains("The project's image aws/codebuild/python:3.6.5 is not used"))
            #expect(outcome.standardError.contains("the project's vpcConfig (template.yaml:"))
            #expect(outcome.standardError.contains("have no effect here: tags"))
            #expect(try project.files(below: "app/.buildspec/artifacts") == ["orders.zip"])
            let record = try project.record()
            #expect(record.projectName == "orders")
            #expect(!(try project.log().contains("hush-hush-token")))
            let directory = "app/.buildspec/builds/\(try project.builds()[0])"
            let text = String(decoding: try project.scratch.read("\(directory)/build.json"), as: UTF8.self)
            #expect(text.contains(#""timeoutInMinutes" : 10"#) || text.contains(#""timeoutInMinutes":10"#))
            #expect(!text.contains("hush-hush-token"))
        }
    }

    @Test func `what the build needs and nobody gives is an error that names line and option`() async throws {
        try await withProject { project in
            try project.scratch.write(Self.template, to: "app/template.yaml")
            let missing = try await project.run("--project", "template.yaml")
            #expect(missing.status == 2)
            #expect(
                missing.standardError.contains(
                    "--project template.yaml:25: environment.environmentVariables.Bucket"))
            #expect(missing.standardError.contains("hint: add --parameter ArtifactBucket=VALUE"))
            #expect(!missing.standardError.contains("KeyArn"))
            let needed = try await project.run(
                "--project", "template.yaml", "--env", "Bucket=b", "--output", "s3://out")
            #expect(needed.status == 2)
            #expect(needed.standardError.contains("hint: add --parameter KeyArn=VALUE"))
            let role = try await project.run(
                "--project", "template.yaml", "--env", "Bucket=b", "--project-role")
            #expect(role.standardError.contains("hint: add --resource-value BuildRole.Arn=VALUE"))
            let given = try await project.run("--project", "template.yaml", "--env", "Bucket=b")
            #expect(given.status == 0, "\(given)")
        }
    }

    @Test(arguments: [
        ("--project none.json", "none.json"),
        ("--project template.yaml#Nobody", "there is no project Nobody"),
        ("--project template.yaml --parameter Typo=x", "has no such parameter"),
        ("--parameter A=b", "it needs a project"), ("--project-logs", "it needs a project"),
        ("--project .", "it is a directory"),
        ("--project template.yaml --parameter A", "expected NAME=VALUE"),
        (
            "--project template.yaml --parameter ArtifactBucket=b --project-source",
            "a pipeline gives the project its source"
        ),
        ("--project template.yaml --parameter ArtifactBucket=b --project-output", "to a pipeline"),
        ("--project empty.json", "the file is empty"), ("--project broken.json", "broken.json:1:"),
    ])
    func `a project that cannot be used is refused with status 2`(
        arguments: String, words: String
    ) async throws {
        try await withProject { project in
            try project.scratch.write(Self.template, to: "app/template.yaml")
            try project.scratch.write("", to: "app/empty.json")
            try project.scratch.write("{\"name\": ]", to: "app/broken.json")
            let outcome = try await project.buildspec(
                ["run"] + arguments.split(separator: " ").map(String.init))
            #expect(outcome.status == 2)
            #expect(outcome.standardError.hasPrefix("buildspec: error: "))
            #expect(outcome.standardError.contains(words), "\(outcome.standardError)")
            #expect(try !project.files(below: "app").contains { $0.hasPrefix(".buildspec") })
        }
    }

    @Test func `plan tells where every value comes from`() async throws {
        try await withProject { project in
            try project.scratch.write(Self.template, to: "app/template.yaml")
            let outcome = try await project.buildspec([
                "plan", "--project", "template.yaml", "--parameter", "ArtifactBucket=b", "--env", "Target=t",
            ])
            #expect(outcome.status == 0, "\(outcome)")
            for line in [
                "project: orders  (template.yaml, line 16)", "timeout: 10 minutes  (template.yaml, line 39)",
                "buildspec: the project's buildspec  (template.yaml, line 30)",
                "project image: aws/codebuild/python:3.6.5  (template.yaml, line 23)",
                "variable Bucket: (set)  (template.yaml, line 25)",
                "variable Target: (set)  (--env or --env-file)",
                "serviceRole: not known: Fn::GetAtt BuildRole.Arn  (template.yaml, line 18; --resource-value BuildRole.Arn=VALUE gives it)",
            ] {
                #expect(outcome.standardOutput.contains(line + "\n"), "\(line)\n\(outcome.standardOutput)")
            }
            #expect(!outcome.standardOutput.contains("hush"))
        }
    }

    @Test(arguments: [
        ([String](), ["CloudWatch logs: g (not delivered)", "S3 logs: b/p (not delivered)"]),
        (["--project-logs"], ["CloudWatch Logs: g, <uuid>", "S3 log: s3://b/p/<uuid>.gz"]),
    ])
    func `plan tells where the project's log goes`(options: [String], lines: [String]) async throws {
        let json = """
            {"name": "p", "source": {"type": "S3", "location": "x/y.zip"}, "artifacts": {"type": "NO_ARTIFACTS"},
             "logsConfig": {"cloudWatchLogs": {"groupName": "g"},
               "s3Logs": {"status": "ENABLED", "location": "b/p"}}}
            """
        try await withProject(commands("true")) { project in
            try project.scratch.write(json, to: "app/p.json")
            let outcome = try await project.buildspec(["plan", "--project", "p.json"] + options)
            #expect(outcome.status == 0, "\(outcome)")
            for line in lines {
                #expect(outcome.standardOutput.contains(line + "  (p.json, line "), "\(outcome)")
            }
            #expect(outcome.standardError.contains("log does not go") == options.isEmpty)
        }
    }

    @Test(arguments: [
        (#""s3Logs": {"status": "ENABLED"}"#, "", "names no bucket"),
        (#""s3Logs": {"status": "DISABLED"}"#, "--cloudwatch-logs g", "contradicts --cloudwatch-logs"),
        (#""s3Logs": {"status": "DISABLED"}"#, "--s3-logs s3://b", "contradicts --s3-logs"),
        (#""cloudWatchLogs": {"groupName": "no good"}"#, "", "no good is not a log group's name"),
        (#""cloudWatchLogs": {"groupName": {"Ref": "Group"}}"#, "", "groupName needs Ref Group"),
    ])
    func `a place for logs that cannot be used is refused with status 2`(
        logs: String, options: String, words: String
    ) async throws {
        let template = #"""
            {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}, "P": {"Type": "AWS::CodeBuild::Project",
              "Properties": {"Source": {"Type": "NO_SOURCE"}, "Artifacts": {"Type": "NO_ARTIFACTS"},
                "LogsConfig": {\#(logs)}}}}}
            """#
        try await withProject { project in
            try project.scratch.write(template, to: "app/p.json")
            let outcome = try await project.buildspec(
                ["run", "--project", "p.json", "--project-logs"]
                    + options.split(separator: " ").map(String.init))
            #expect(outcome.status == 2, "\(outcome)")
            #expect(outcome.standardError.contains(words), "\(outcome)")
        }
    }

    @Test func `a project of the API decides about sources, buildspec, artifacts and layout`() async throws {
        let json = """
            {"projects": [{"name": "site", "source": {"type": "GITHUB", "location": "https://github.com/team/site.git",
              "buildspec": "ci/build.yml"}, "timeoutInMinutes": 5,
              "artifacts": {"type": "S3", "location": "b", "path": "/p/", "name": "out", "packaging": "NONE", "namespaceType": "NONE",
                "encryptionDisabled": true, "overrideArtifactName": true},
              "secondaryArtifacts": [{"type": "S3", "location": "b", "name": "more.zip", "packaging": "ZIP", "namespaceType": "BUILD_ID",
                "artifactIdentifier": "more"}],
              "environment": {"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL",
                "environmentVariables": [{"name": "A", "value": "of the project"}]}}]}
            """
        let spec =
            commands(
                "mkdir -p w/css; echo h > w/index.html; echo c > w/css/a.css; echo \"$A $CODEBUILD_SRC_DIR\"")
            + "artifacts:\n  name: site-$A_NAME\n  base-directory: w\n  files: ['**/*']\n"
            + "  secondary-artifacts:\n    more: {files: [w/index.html]}\nenv: {variables: {A: of the buildspec, A_NAME: 7}}\n"
        try await withProject { project in
            try project.scratch.write(json, to: "app/p.json")
            try project.scratch.write(spec, to: "app/ci/build.yml")
            let outcome = try await project.run("--project", "p.json#site")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("of the project /codebuild/output/src"))
            #expect(outcome.standardOutput.contains("/src/github.com/team/site\n"))
            let build = try project.builds()[0]
            #expect(
                try project.files(below: "app/.buildspec/artifacts") == [
                    "\(build)/more.zip.enc", "p/site-7/css/a.css", "p/site-7/index.html",
                ])
            let record = try project.record()
            #expect(record.artifacts?.md5sum == nil)
            #expect(record.artifacts?.encryptionDisabled == true)
            #expect(record.artifacts?.location.hasSuffix("/.buildspec/artifacts/p/site-7") == true)
            let demanded = try await project.run(
                "--project", "p.json", "--encryption", "client", "--output", "sealed")
            #expect(demanded.status == 0, "\(demanded)")
            #expect(try project.files(below: "app/sealed").contains("p/site-7/index.html.enc"))
        }
    }

    @Test func `a project without source and artifacts needs neither`() async throws {
        let json = #"""
            {"name": "none", "source": {"type": "NO_SOURCE", "buildspec": "version: 0.2\nphases: {build: {commands: ['ls -A | wc -l']}}\nartifacts: {files: [x]}\n"},
             "artifacts": {"type": "NO_ARTIFACTS"}, "environment": {"type": "LINUX_CONTAINER", "image": "i", "computeType": "BUILD_GENERAL1_SMALL"}}
            """#
        try await withProject { project in
            try project.scratch.write(json, to: "app/p.json")
            let outcome = try await project.run("--project", "p.json")
            #expect(outcome.status == 0, "\(outcome)")
            #expect(outcome.standardOutput.contains("\n0\n"))
            #expect(outcome.standardError.contains("the project wants no artifacts"))
        }
    }

    @Test func `a project's own sources are fetched on demand`() async throws {
        try await withProject { project in
            let commits = try await makeRepositories(
                project, buildspec: commands("git rev-parse HEAD; ls lib"))
            try await withGitServer(root: project.scratch.path.appending("git").string) { port in
                let json = """
                    {"name": "p", "source": {"type": "GITHUB", "location": "http://127.0.0.1:\(port)/app.git", "gitCloneDepth": 1,
                     "gitSubmodulesConfig": {"fetchSubmodules": true}}, "sourceVersion": "v1",
                     "secondarySources": [{"type": "GITHUB", "location": "http://127.0.0.1:\(port)/lib.git", "sourceIdentifier": "lib"}],
                     "artifacts": {"type": "NO_ARTIFACTS"}}
                    """
                try project.scratch.write(json, to: "app/p.json")
                let outcome = try await project.run("--project", "p.json", "--project-source")
                #expect(outcome.status == 0, "\(outcome)")
                #expect(outcome.standardOutput.contains("\n\(commits.tagged)\nlib.txt\n"))
                #expect(outcome.standardOutput.contains("CODEBUILD_SRC_DIR_lib="))
                let newer = try await project.run(
                    "--project", "p.json", "--project-source", "--source-version", "main")
                #expect(newer.standardOutput.contains("\n\(commits.main)\n"))
            }
        }
    }

    @Test func `a path that no object key may have is told with the key`() async throws {
        try await withProject(commands("echo a > a") + "artifacts: {files: [a]}\n") { project in
            try project.scratch.write(
                """
                {"name": "shop", "source": {"type": "NO_SOURCE"},
                 "artifacts": {"type": "S3", "location": "b", "path": "../p", "name": "a.zip", "packaging": "ZIP"}}
                """, to: "app/p.json")
            let outcome = try await project.run("--project", "p.json", ".")
            #expect(outcome.status == 1)
            #expect(
                outcome.standardError.contains(
                    "the artifact name cannot be used as an object key: a.zip, whose key is ../p/a.zip"))
        }
    }
}
