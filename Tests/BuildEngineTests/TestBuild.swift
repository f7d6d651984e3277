import BuildEngine
import BuildProject
import Buildspec
import Glibc
import Sandbox
import Synchronization
import SystemPackage
import TestSupport

/// Runs builds inside the test process with everything real but the store, the hashes and the secrets.
struct TestBuild: Sendable {
    static let uuid = "00000000-0000-4000-8000-000000000001"

    var project = BuildProject(defaultsNamed: "project")
    var overrides: [ProjectVariable] = []
    var buildspec = BuildspecLocation.defaultFile
    var kind = SandboxConfiguration.Kind.bubblewrap
    var container: ContainerSettings?
    /// What builds find as `/codebuild/image`.
    var imageFiles: FilePath?
    var timeout: Duration = .seconds(300)
    var secondarySources: [(identifier: String, path: FilePath)] = []
    var secrets: FakeSecrets?
    var keepsWorkspace = false
    var hasCache = false
    /// Where the build's files are in the scratch directory.
    var base = ".buildspec"

    /// What came of a build.
    struct Result: Sendable {
        var outcome: BuildOutcome
        var log: String
        var artifacts: [StoredZip]
    }

    /// The plan for a source, with the build's files in `scratch`.
    func plan(source: FilePath, _ scratch: ScratchDirectory) -> BuildPlan {
        let identity = BuildIdentity(
            projectName: project.name, uuid: Self.uuid, number: 7, region: "eu-west-1",
            account: "123456789012",
            initiator: "tester")
        var plan = BuildPlan(
            identity: identity, project: project, source: SourcePlan(kind: .directory, path: source),
            buildspec: buildspec, sandbox: SandboxPlan(kind: kind, network: .none),
            encryption: EncryptionPlan(mode: .none, keyName: nil),
            directories: BuildDirectories(base: scratch.path.appending(base), uuid: Self.uuid))
        plan.sandbox.container = container
        plan.sandbox.imageFiles = imageFiles
        plan.overrides = overrides
        plan.timeout = timeout
        plan.keepsWorkspace = keepsWorkspace
        if hasCache { plan.cacheDirectory = plan.directories.caches }
        plan.secondarySources = secondarySources.map {
            ($0.identifier, SourcePlan(kind: .directory, path: $0.path))
        }
        return plan
    }

    /// What paths of a build on the host begin with.
    static func root(in scratch: ScratchDirectory) -> String {
        BuildDirectories(base: scratch.path.appending(".buildspec"), uuid: uuid).root.string
    }

    /// Runs a build of a source.
    func run(source: FilePath, _ scratch: ScratchDirectory) async throws -> Result {
        let plan = plan(source: source, scratch)
        try BuildFiles.makeDirectories(plan.directories.build)
        let store = RecordingStore()
        let sink = CollectingSink()
        let services = BuildServices(
            store: store, sealer: nil, hasher: FixedHasher(), secrets: secrets, clock: { .now })
        let log = BuildLog(sinks: [(sink, .codebuild)], clock: { .now })
        let outcome = await Build(plan: plan, services: services, log: log).run()
        return Result(outcome: outcome, log: sink.text, artifacts: await store.stored)
    }

    /// Runs a build of a source that holds this buildspec.
    func run(_ buildspecText: String, _ scratch: ScratchDirectory) async throws -> Result {
        try scratch.write(buildspecText, to: "source/buildspec.yml")
        return try await run(source: scratch.path.appending("source"), scratch)
    }
}

/// Keeps the log.
final class CollectingSink: LogSink {
    private struct State {
        var bytes: [UInt8] = []
        var awaited: [(text: String, continuation: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    var bytes: [UInt8] { state.withLock { $0.bytes } }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    func write(_ more: [UInt8]) {
        state.withLock { state in
            state.bytes += more
            let text = String(decoding: state.bytes, as: UTF8.self)
            for waiter in state.awaited where text.contains(waiter.text) { waiter.continuation.resume() }
            state.awaited.removeAll { text.contains($0.text) }
        }
    }

    /// Returns as soon as the log says this.
    func wait(for text: String) async {
        await withCheckedContinuation { continuation in
            state.withLock { state in
                if String(decoding: state.bytes, as: UTF8.self).contains(text) {
                    continuation.resume()
                } else {
                    state.awaited.append((text, continuation))
                }
            }
        }
    }
}

/// Hashes that do not depend on the moment of zipping.
struct FixedHasher: ContentHasher {
    func digest(of file: FilePath) async throws(RunnerFailure) -> ContentDigest {
        ContentDigest(md5: "0123", sha256: "4567")
    }

    func running() -> any RunningContentDigest { FixedDigest() }
}

/// The hash of everything.
final class FixedDigest: RunningContentDigest {
    func update(_ bytes: UnsafeRawBufferPointer) {}

    func finish() -> ContentDigest { ContentDigest(md5: "0123", sha256: "4567") }
}

/// Secrets by name.
struct FakeSecrets: SecretResolver {
    var values: [String: String]

    func parameters(_ names: [String]) async throws(SecretFailure) -> [String: String] {
        values.filter { names.contains($0.key) }
    }

    func secret(_ reference: SecretReference) async throws(SecretFailure) -> String {
        guard let value = values[reference.secretID] else {
            throw SecretFailure(PhaseContext(statusCode: "Secrets Manager Error", message: "no such secret"))
        }
        return value
    }
}
