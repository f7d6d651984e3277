import Buildspec
import Diagnostics
import Testing

@Suite struct ModelDecodingTests {
    private func decode(_ name: String) throws -> Buildspec {
        let verdict: BehaviourCase.Verdict = name == "everything" ? .warned : .accepted
        let sample = BehaviourCase(verdict: verdict, name: name)
        return try #require(Buildspec.decode(sample.text).buildspec)
    }

    private func decode(text: String) throws -> Buildspec {
        let decoded = Buildspec.decode(Array(text.utf8))
        return try #require(decoded.buildspec, "\(decoded.diagnostics)")
    }

    @Test func `keeps the literal text of variables`() throws {
        let variables = try decode("everything").env.variables
        #expect(
            variables.map { "\($0.name.value)=\($0.value.value)" }
                == ["ZIP=0123", "RATIO=3.10", "FLAG=NO", "NOTHING=", "TEXT=a: b"])
    }

    @Test func `decodes every key of env and proxy`() throws {
        let file = try decode("everything")
        #expect(file.version.value == .v0_2)
        #expect(file.runAs?.value == "codebuild-user")
        #expect(file.env.shell?.value == "bash")
        #expect(file.env.parameterStore.map(\.value.value) == ["/team/token"])
        #expect(
            file.env.secretsManager.map(\.value.value) == [
                SecretReference(secretID: "db", jsonKey: "password")
            ])
        #expect(file.env.exportedVariables.map(\.value) == ["VERSION"])
        #expect(file.env.gitCredentialHelper?.value == true)
        #expect(file.proxy.uploadArtifacts?.value == true)
        #expect(file.proxy.logs?.value == false)
    }

    @Test func `decodes phases in the order of the file`() throws {
        let file = try decode("everything")
        #expect(file.phases.map(\.name.value) == [.install, .preBuild, .build, .postBuild])
        let install = try #require(file.phase(.install))
        #expect(install.runAs?.value == "root")
        #expect(
            install.runtimeVersions.map { "\($0.name.value) \($0.value.value)" } == [
                "python 3.10", "nodejs latest",
            ])
        #expect(file.phase(.preBuild)?.commands.map(\.value) == ["make prepare"])
        #expect(file.phase(.preBuild)?.onFailure?.value == .continue)
        let build = try #require(file.phase(.build))
        #expect(build.runAs == nil)
        #expect(build.onFailure?.value == .retry(count: 2, pattern: ".*timeout"))
        #expect(build.commands.map(\.value) == ["make", "make test\nmake more\n", "echo one two"])
        #expect(build.finally.map(\.value) == ["make clean"])
        #expect(file.phase(.postBuild)?.commands == [])
        #expect(file.phase(.postBuild)?.finally.map(\.value) == ["echo"])
    }

    @Test func `decodes reports, artifacts and cache`() throws {
        let file = try decode("everything")
        let report = try #require(file.reports.first)
        #expect(report.group.value == "$GROUP")
        #expect(report.files.map(\.value) == ["**/*"])
        #expect(report.fileFormat?.value == .junitXML)
        #expect(report.baseDirectory?.value == "out")
        #expect(report.discardPaths?.value == true)
        let artifact = try #require(file.artifacts?.primary)
        #expect(artifact.files.map(\.value) == ["**/*"])
        #expect(artifact.name?.value == "app-$(date +%F)")
        #expect(artifact.baseDirectory?.value == "dist*")
        #expect(artifact.discardPaths?.value == false)
        #expect(artifact.excludePaths.map(\.value) == ["./**/*.map"])
        #expect(artifact.enableSymlinks?.value == true)
        #expect(artifact.s3Prefix?.value == "p")
        #expect(file.artifacts?.secondary.map(\.name.value) == ["docs"])
        #expect(file.artifacts?.secondary.first?.value.value.files.map(\.value) == ["docs/**"])
        #expect(file.cache?.paths.map(\.value) == ["/root/.m2/**/*"])
        #expect(file.cache?.key?.value == "m2-$(codebuild-hash-files pom.xml)")
        #expect(file.cache?.fallbackKeys.map(\.value) == ["m2-"])
        #expect(file.cache?.action?.value == .save)
    }

    @Test func `decodes the four kinds of batch`() throws {
        guard case .list(let list) = try decode("everything").batch?.kind else { return #expect(Bool(false)) }
        #expect(list.map(\.identifier.value) == ["linux"])
        #expect(list.first?.env.image?.value == "aws/codebuild/standard:7.0")
        #expect(list.first?.env.variables.map(\.value.value) == ["1"])

        guard case .graph(let graph) = try decode("batch-only").batch?.kind else {
            return #expect(Bool(false))
        }
        #expect(graph.map { $0.dependOn.map(\.value) } == [[], ["a"]])

        guard case .matrix(let matrix) = try decode("matrix").batch?.kind else { return #expect(Bool(false)) }
        #expect(matrix.ignoreFailure?.value == false)
        #expect(matrix.privilegedMode?.value == true)
        #expect(matrix.type?.value == "LINUX_CONTAINER")
        #expect(matrix.buildspecs.map(\.value) == ["a.yml", "b.yml"])
        #expect(matrix.computeTypes.map(\.value) == ["BUILD_GENERAL1_SMALL"])
        #expect(matrix.images.map(\.value) == ["one", "two"])
        #expect(matrix.variables.first?.value.value.map(\.value) == ["3.10", "3.11"])

        let fanout = try decode(
            text: "version: 0.2\nbatch:\n  build-fanout:\n    parallelism: 5\n    ignore-failure: yes\n")
        #expect(
            fanout.batch?.kind
                == .fanout(
                    parallelism: Marked(5, at: fanout.version.range),
                    ignoreFailure: Marked(true, at: fanout.version.range)))
    }

    @Test func `reads the variables of version 0.1 by their old name and by the new one`() throws {
        let file = try decode(
            text: """
                version: 0.1
                environment_variables:
                  plaintext: {A: old, B: old}
                env:
                  variables: {A: new}
                phases: {build: {commands: [make]}}
                """)
        #expect(file.version.value == .v0_1)
        #expect(file.env.variables.map { "\($0.name.value)=\($0.value.value)" } == ["B=old", "A=new"])
    }

    @Test func `the last of equal keys counts`() throws {
        let sample = BehaviourCase(verdict: .warned, name: "duplicate-keys")
        let file = try #require(Buildspec.decode(sample.text).buildspec)
        #expect(file.phases.map { $0.commands.map(\.value) } == [["make two"]])
        #expect(file.env.variables.map { "\($0.name.value)=\($0.value.value)" } == ["B=2", "A=3"])
    }

    @Test func `applies anchors and merge keys`() throws {
        let file = try decode("anchors-and-merges")
        #expect(file.phase(.build)?.runAs?.value == "root")
        #expect(file.phase(.build)?.commands.map(\.value) == ["docker login", "make"])
        #expect(file.phase(.postBuild)?.commands.map(\.value) == ["docker login"])
    }

    @Test func `marks a value with the place it was written at`() throws {
        let file = try decode(
            text: "version: 0.2\nphases:\n  build:\n    commands:\n      - make\n      - \"é: b\"\n")
        let command = try #require(file.phase(.build)?.commands.last)
        #expect(command.range.start == SourcePosition(line: 6, column: 9, offset: 65))
        #expect(command.range.end == SourcePosition(line: 6, column: 15, offset: 72))
    }

    @Test(arguments: ["yes", "YES", "'yes'", "true", "True", "on", "\"On\""])
    func `reads every spelling of yes`(_ spelling: String) throws {
        let file = try decode(
            text: "version: 0.2\nenv: {git-credential-helper: \(spelling)}\nphases: {build: {}}\n")
        #expect(file.env.gitCredentialHelper?.value == true)
    }

    @Test(arguments: ["no", "No", "'no'", "false", "FALSE", "off"])
    func `reads every spelling of no`(_ spelling: String) throws {
        let file = try decode(
            text: "version: 0.2\nenv: {git-credential-helper: \(spelling)}\nphases: {build: {}}\n")
        #expect(file.env.gitCredentialHelper?.value == false)
    }
}
