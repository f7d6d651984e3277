import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// A source directory `app` in a scratch directory, and the real `buildspec` to build it with.
struct TestProject: Sendable {
    let scratch: ScratchDirectory
    let binary: Program
    /// The runner's environment, but for `PATH`.
    var environment: [String: String]

    var directory: FilePath { scratch.path.appending("app") }

    /// `buildspec` with any arguments, in the source directory.
    func buildspec(
        _ arguments: [String], environment more: [String: String] = [:], input: String = "",
        in directory: FilePath? = nil
    ) async throws -> Program.Outcome {
        try await binary.run(invocation(arguments, environment: more, input: input, in: directory))
    }

    /// `buildspec run` with these arguments, in the source directory.
    func run(
        _ arguments: String..., environment more: [String: String] = [:], input: String = ""
    ) async throws -> Program.Outcome {
        try await buildspec(["run"] + arguments, environment: more, input: input)
    }

    /// `buildspec run`, handed to `body` while it runs.
    func start(
        _ arguments: [String], environment more: [String: String] = [:], limit: Duration = .seconds(60),
        _ body: @escaping @Sendable (RunningProgram) async throws -> Void
    ) async throws -> Program.Outcome {
        var invocation = invocation(["run"] + arguments, environment: more, input: "", in: nil)
        invocation.limit = limit
        return try await binary.start(invocation, body)
    }

    private func invocation(
        _ arguments: [String], environment more: [String: String], input: String, in directory: FilePath?
    ) -> Program.Invocation {
        var invocation = Program.Invocation(arguments)
        invocation.environment = environment.merging(more) { $1 }
        invocation.directory = directory ?? self.directory
        invocation.input = Array(input.utf8)
        return invocation
    }

    /// Runs any other program in the source directory.
    @discardableResult
    func tool(_ path: FilePath, _ arguments: String...) async throws -> Program.Outcome {
        try await tool(path, arguments: arguments)
    }

    /// Runs any other program in the source directory.
    func tool(_ path: FilePath, arguments: [String]) async throws -> Program.Outcome {
        var invocation = Program.Invocation(arguments)
        invocation.directory = directory
        invocation.environment = ["HOME": scratch.path.string]
        return try await Program(path).run(invocation)
    }

    /// All paths below a directory of the scratch directory, sorted, without directories.
    func files(below name: String) throws -> [String] {
        let root = scratch.path.appending(name).string
        let all = try FileManager.default.subpathsOfDirectory(atPath: root)
        return all.filter { path in
            var isDirectory = false
            return FileManager.default.fileExists(atPath: "\(root)/\(path)", isDirectory: &isDirectory)
                && !isDirectory
        }.sorted()
    }

    /// The uuids of the builds, in no order.
    func builds() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.appending(".buildspec/builds").string)
    }

    /// The record of the only build.
    func record() throws -> RecordFile {
        let builds = try builds()
        try #require(builds.count == 1)
        return try RecordFile.read(scratch.read("app/.buildspec/builds/\(builds[0])/build.json"))
    }

    /// The log file of the only build.
    func log() throws -> String {
        let builds = try builds()
        try #require(builds.count == 1)
        return String(
            decoding: try scratch.read("app/.buildspec/builds/\(builds[0])/build.log"), as: UTF8.self)
    }
}

/// `build.json`, as far as tests look at it.
struct RecordFile: Decodable {
    struct Phase: Decodable {
        struct Context: Decodable, Equatable {
            var statusCode: String
            var message: String
        }

        var phaseType: String
        var phaseStatus: String?
        var contexts: [Context]?
    }

    struct Artifacts: Decodable {
        var location: String
        var md5sum: String?
        var sha256sum: String?
        var encryptionDisabled: Bool?
    }

    var id: String
    var arn: String
    var buildNumber: Int
    var buildStatus: String
    var buildComplete: Bool
    var projectName: String
    var currentPhase: String
    var resolvedSourceVersion: String?
    var encryptionKey: String?
    var phases: [Phase]
    var artifacts: Artifacts?

    static func read(_ bytes: [UInt8]) throws -> RecordFile {
        try JSONDecoder().decode(RecordFile.self, from: Data(bytes))
    }

    func phase(_ type: String) -> Phase? {
        phases.first { $0.phaseType == type }
    }
}

/// Makes a project for `body`; `buildspec` becomes `app/buildspec.yml`.
func withProject<R>(
    _ buildspec: String? = nil, _ body: (TestProject) async throws -> R
) async throws -> R {
    let binary = try Program.buildspec()
    return try await withScratchDirectory { scratch in
        let project = TestProject(
            scratch: scratch, binary: binary,
            environment: ["HOME": scratch.path.appending("home").string, "TMPDIR": scratch.path.string])
        try scratch.write("", to: "home/.profile")
        try FileManager.default.createDirectory(
            atPath: project.directory.string, withIntermediateDirectories: true)
        if let buildspec { try scratch.write(buildspec, to: "app/buildspec.yml") }
        return try await body(project)
    }
}

/// A buildspec with these commands in BUILD, one a line.
func commands(_ lines: String...) -> String {
    "version: 0.2\nphases:\n  build:\n    commands:\n" + lines.map { "      - \(quoted($0))\n" }.joined()
}

/// A YAML single-quoted scalar.
private func quoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
}
