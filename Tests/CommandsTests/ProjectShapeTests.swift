import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// Every field of the API's `Project` and `Build`, as botocore's model has them.
@Suite struct ProjectShapeTests {
    /// What both scripts begin with: a value for every field of a shape.
    static let model = """
        import json, sys
        import botocore.session
        model = botocore.session.get_session().get_service_model("codebuild")
        fixed = {"source.type": "GITHUB", "secondarySources.type": "S3", "artifacts.type": "S3",
            "secondaryArtifacts.type": "S3", "environment.type": "LINUX_CONTAINER", "timeoutInMinutes": 7,
            "secondarySourceVersions.sourceIdentifier": "second", "secondarySources.sourceIdentifier": "second",
            "cache.type": "S3", "environment.environmentVariables.type": "PLAINTEXT", "source.gitCloneDepth": 3,
            "source.location": "https://example.com/o/r.git", "secondarySources.location": "bucket/key.zip",
            "logsConfig.cloudWatchLogs.status": "ENABLED", "logsConfig.s3Logs.status": "ENABLED", "cache.modes": ["LOCAL_SOURCE_CACHE"], "source.buildspec": "other.yml",
            "arn": "arn:aws:codebuild:eu-central-1:111122223333:project/x"}
        def value(shape, path):
            if path in fixed: return fixed[path]
            if shape.type_name == "structure":
                return {n: value(m, path + "." + n if path else n) for n, m in shape.members.items()}
            if shape.type_name == "list": return [value(shape.member, path)]
            if shape.type_name in ("integer", "long"): return 11
            if shape.type_name == "boolean": return True
            if shape.type_name == "timestamp": return 1700000000.5
            return shape.enum[-1] if getattr(shape, "enum", None) else "v-" + path.split(".")[-1]
        project = value(model.shape_for("Project"), "")
        """

    @Test func `a project with every field of the API runs, and each that has no effect is named`()
        async throws
    {
        let python = try PythonEnvironment()
        let text = try await python.run(
            Self.model + """

                project["name"] = "every"
                for a in [project["artifacts"]] + project["secondaryArtifacts"]: a["artifactIdentifier"] = "web"
                project["environment"]["environmentVariables"][0]["name"] = "NAME"
                print(json.dumps({"projects": [project]}, indent=1))
                """)
        try await withProject(commands("true")) { project in
            try project.scratch.write(text, to: "app/p.json")
            let outcome = try await project.run(
                "--project", "p.json", "--buildspec", "buildspec.yml", ".", "--secondary-source", "second=.")
            #expect(outcome.status == 0, "\(outcome)")
            for field in [
                "source.location", "sourceVersion", "source.auth", "source.reportBuildStatus",
                "source.buildStatusConfig", "the project's artifacts do not", "secondary artifact web",
                "encryptionKey v-encryptionKey",
                "cache.location", "cache.cacheNamespace", "cache.modes",
                "environment.image", "environment.computeType", "environment.privilegedMode",
                "environment.computeConfiguration", "environment.fleet", "environment.certificate",
                "environment.registryCredential", "environment.imagePullCredentialsType",
                "environment.dockerServer", "serviceRole", "queuedTimeoutInMinutes", "tags", "created",
                "lastModified", "webhook", "vpcConfig", "badge", "log does not go", "fileSystemLocations",
                "buildBatchConfig", "concurrentBuildLimit", "projectVisibility", "publicProjectAlias",
                "resourceAccessRole", "autoRetryLimit", "description",
            ] {
                #expect(outcome.standardError.contains(field), "\(field)\n\(outcome.standardError)")
            }
            #expect(!outcome.standardError.contains("there is no such setting"), "\(outcome.standardError)")
            let found = try await python.run(
                Self.model + """

                    project = json.load(open(sys.argv[1]))["projects"][0]
                    build = json.load(open(sys.argv[2]))
                    # Fields that the API does not have, but for those of this runner's own.
                    def strange(shape, value, path):
                        if shape.type_name == "structure":
                            for n, v in value.items():
                                if n in shape.members: strange(shape.members[n], v, path + "." + n)
                                elif n != "imageDigest": print("strange", path + "." + n)
                        elif shape.type_name == "list":
                            for v in value: strange(shape.member, v, path)
                        elif (shape.type_name == "string") != isinstance(value, str) or (
                              shape.type_name == "boolean") != isinstance(value, bool):
                            print("type of", path)
                    strange(model.shape_for("Build"), build, "")
                    # What the project gives is repeated.
                    for path in \"""serviceRole vpcConfig fileSystemLocations queuedTimeoutInMinutes timeoutInMinutes
                        environment.computeType environment.privilegedMode environment.certificate
                        environment.registryCredential environment.imagePullCredentialsType environment.fleet
                        environment.computeConfiguration environment.dockerServer environment.image
                        environment.environmentVariables cache source.auth source.reportBuildStatus
                        source.buildStatusConfig\""".split():
                        a, b = project, build
                        for n in path.split("."): a, b = a.get(n), (b or {}).get(n)
                        if a != b: print(path, a, b)
                    for path in sorted(set(model.shape_for("Build").members) - set(build)): print("missing", path)
                    for s in build["secondarySources"]: print(s["sourceIdentifier"], s["type"])
                    print(build["autoRetryConfig"])
                    """,
                arguments: [
                    project.directory.appending("p.json").string,
                    project.directory.appending(".buildspec/builds/\(try project.builds()[0])/build.json")
                        .string,
                ])
            #expect(
                found == """
                    missing artifacts
                    missing buildBatchArn
                    missing debugSession
                    missing networkInterface
                    missing reportArns
                    missing resolvedSourceVersion
                    missing secondarySourceVersions
                    missing sourceVersion
                    second DIRECTORY
                    {'autoRetryLimit': 11, 'autoRetryNumber': 0}

                    """)
        }
    }
}
