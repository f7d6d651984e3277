import BuildEngine
import BuildProject
import FoundationEssentials
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// A directory of `Cases` (what it shows is in `RULES.txt`): `source` with a buildspec, `options.json` for what is not in the source, and beside them the
/// whole expectation: `expected.log` and `expected.json`.
///
/// After a deliberate change run the tests with `RECORD_CASES=1`, which writes the expectations anew, and read the
/// difference against the behaviour reference.
struct BehaviourCase: Sendable, CustomTestStringConvertible {
    let name: String

    var testDescription: String { name }

    private static var root: FilePath {
        FilePath("\(#filePath)").removingLastComponent().appending("Cases")
    }

    static let all: [BehaviourCase] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root.string)) ?? []
        return names.filter { !$0.contains(".") }.sorted().map(BehaviourCase.init)
    }()

    var directory: FilePath { Self.root.appending(name) }

    /// What is not in the source.
    struct Options: Decodable, Sendable {
        struct ArtifactSettings: Decodable, Sendable {
            var name: String?
            var path: String?
            var namespaceType: String?
            var overrideArtifactName: Bool?
        }
        var start: [String: String]?
        var project: [String: String]?
        var secrets: [String: String]?
        var buildspec: String?
        var artifacts: ArtifactSettings?
        var secondaryArtifacts: [String]?
        var secondarySources: [String]?
        var timeoutInSeconds: Int?
        /// How many builds, one after the other, share the `.buildspec` directory; the last one counts.
        var builds: Int?
        /// Whether the project has a cache.
        var cache: Bool?
        /// Where the case can be run; everywhere unless it says so.
        var sandboxes: [String]?
        /// Whether it has to be root who runs it.
        var needsRoot: Bool?
    }

    /// What happened, in the words of the expectation.
    struct Facts: Encodable, Sendable {
        struct Phase: Encodable, Sendable {
            var phase: String
            var status: String?
            var contexts: [String]?
        }
        struct Artifact: Encodable, Sendable {
            var key: String
            var contentType: String
            var entries: [String]
        }
        var buildStatus: String
        var phases: [Phase]
        var exportedVariables: [String]
        var artifacts: [Artifact]
        var warnings: [String]
        var reports: [String]?
        var runnerFailure: String?
    }

    /// What is not in the source.
    func options() throws -> Options {
        guard let data = FileManager.default.contents(atPath: directory.appending("options.json").string)
        else { return Options() }
        return try JSONDecoder().decode(Options.self, from: data)
    }

    /// Whether the case can be run in a sandbox of this kind.
    func isFor(_ kind: SandboxConfiguration.Kind) throws -> Bool {
        let options = try options()
        if options.needsRoot == true, geteuid() != 0 { return false }
        return options.sandboxes?.contains(kind.rawValue) ?? true
    }

    /// Runs the build, or the builds.
    /// - Returns: The log and the facts with everything random replaced.
    func run(
        _ kind: SandboxConfiguration.Kind, in container: ContainerSettings? = nil
    ) async throws -> (log: String, facts: String) {
        try await withScratchDirectory { scratch in
            var build = TestBuild()
            build.kind = kind
            build.container = container
            let image = directory.appending("image")
            if FileManager.default.fileExists(atPath: image.string) { build.imageFiles = image }
            let options = try options()
            apply(options, to: &build)
            for _ in 1..<(options.builds ?? 1) {
                _ = try await build.run(source: directory.appending("source"), scratch)
            }
            let result = try await build.run(source: directory.appending("source"), scratch)
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            let facts = String(decoding: try encoder.encode(Self.facts(of: result)), as: UTF8.self) + "\n"
            return (normalised(result.log, scratch), normalised(facts, scratch))
        }
    }

    private func apply(_ options: Options, to build: inout TestBuild) {
        build.overrides = Self.variables(options.start)
        build.project.environmentVariables = Self.variables(options.project)
        build.secrets = options.secrets.map(FakeSecrets.init)
        if let path = options.buildspec { build.buildspec = .file(FilePath(path)) }
        if let settings = options.artifacts {
            if let name = settings.name { build.project.artifacts.name = name }
            if let path = settings.path { build.project.artifacts.path = path }
            if let type = settings.namespaceType.flatMap(ProjectArtifacts.NamespaceType.init) {
                build.project.artifacts.namespaceType = type
            }
            if let override = settings.overrideArtifactName {
                build.project.artifacts.overrideArtifactName = override
            }
        }
        build.project.secondaryArtifacts = options.secondaryArtifacts.map { identifiers in
            identifiers.map { ProjectArtifacts(name: $0 + ".zip", identifier: $0) }
        }
        build.secondarySources = (options.secondarySources ?? []).map { ($0, directory.appending($0)) }
        build.hasCache = options.cache ?? false
        if let seconds = options.timeoutInSeconds { build.timeout = .seconds(seconds) }
    }

    private static func variables(_ values: [String: String]?) -> [ProjectVariable] {
        (values ?? [:]).sorted { $0.key < $1.key }.map { ProjectVariable(name: $0.key, value: $0.value) }
    }

    private static func facts(of result: TestBuild.Result) -> Facts {
        let record = result.outcome.record
        return Facts(
            buildStatus: record.buildStatus.rawValue,
            phases: record.phases.map { phase in
                let contexts = phase.contexts?.filter { $0 != PhaseContext() }.map {
                    "\($0.statusCode): \($0.message)"
                }
                return .init(
                    phase: phase.phaseType.rawValue, status: phase.phaseStatus?.rawValue,
                    contexts: contexts?.isEmpty == false ? contexts : nil)
            },
            exportedVariables: record.exportedEnvironmentVariables.map { "\($0.name)=\($0.value)" },
            artifacts: result.artifacts.map {
                .init(key: $0.key, contentType: $0.contentType, entries: $0.entries)
            },
            warnings: result.outcome.warnings,
            reports: result.outcome.reports.isEmpty ? nil : result.outcome.reports.map(\.text),
            runnerFailure: result.outcome.runnerFailure?.description)
    }

    private func normalised(_ text: String, _ scratch: ScratchDirectory) -> String {
        text.replacing(#/\[Container\] \d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} /#, with: "[Container] <t> ")
            .replacing(#/\[Container\] <t> Using image .*\n/#, with: "")
            .replacing(TestContainer.image, with: "bubblewrap")
            .replacing(#/src\d{9,10}/#, with: "src<digits>")
            .replacing(#/discovery took \d+\.\d{6} seconds/#, with: "discovery took <s> seconds")
            .replacing(TestBuild.root(in: scratch), with: "")
            .replacing(scratch.path.string, with: "<scratch>")
            .replacing(directory.string, with: "<case>")
    }

    func expectation(_ file: String) -> String {
        String(
            decoding: FileManager.default.contents(atPath: directory.appending(file).string) ?? Data(),
            as: UTF8.self)
    }

    /// Writes what happens now as what is expected from now on; only on demand.
    func recordIfAsked(log: String, facts: String) throws {
        guard getenv("RECORD_CASES") != nil else { return }
        try Data(log.utf8).write(to: URL(filePath: directory.appending("expected.log").string))
        try Data(facts.utf8).write(to: URL(filePath: directory.appending("expected.json").string))
    }
}
