import BuildEngine
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct BuildTests {
    @Test(arguments: SandboxConfiguration.Kind.withoutImage)
    func `stopping a build ends its commands and says so`(kind: SandboxConfiguration.Kind) async throws {
        try await withScratchDirectory { scratch in
            try scratch.write(
                "version: 0.2\nphases: {build: {commands: [\"echo running; sleep 1000\"], finally: [echo never]}}\n",
                to: "source/buildspec.yml")
            var build = TestBuild()
            build.kind = kind
            let plan = build.plan(source: scratch.path.appending("source"), scratch)
            let sink = CollectingSink()
            let services = BuildServices(
                store: RecordingStore(), sealer: nil, hasher: FixedHasher(), secrets: nil, clock: { .now })
            let log = BuildLog(sinks: [(sink, .codebuild)], clock: { .now })
            let task = Task { await Build(plan: plan, services: services, log: log).run() }
            await sink.wait(for: "\nrunning\n")
            task.cancel()
            let outcome = await task.value
            #expect(outcome.record.buildStatus == .stopped)
            #expect(outcome.record.phases.map(\.phaseStatus).suffix(3) == [.stopped, .succeeded, nil])
            #expect(outcome.runnerFailure == nil)
            #expect(access(plan.directories.work.string, F_OK) != 0)
            #expect(!sink.text.contains("never\n\n"))
        }
    }

    @Test(arguments: SandboxConfiguration.Kind.withoutImage)
    func `the source is not touched and nothing temporary is left`(
        kind: SandboxConfiguration.Kind
    ) async throws {
        try await withScratchDirectory { scratch in
            var build = TestBuild()
            build.kind = kind
            let result = try await build.run(
                """
                version: 0.2
                phases:
                  build:
                    commands:
                      - rm buildspec.yml; echo new > new; mkdir -p locked/x; touch locked/x/y; chmod 0 locked/x locked
                """, scratch)
            #expect(result.outcome.record.buildStatus == .succeeded)
            #expect(result.outcome.warnings.isEmpty)
            #expect(try !scratch.read("source/buildspec.yml").isEmpty)
            #expect(access(scratch.path.appending("source/new").string, F_OK) != 0)
            #expect(
                access(scratch.path.appending(".buildspec/builds/\(TestBuild.uuid)/work").string, F_OK) != 0)
        }
    }

    @Test func `a kept workspace has what the build left`() async throws {
        try await withScratchDirectory { scratch in
            var build = TestBuild()
            build.keepsWorkspace = true
            let result = try await build.run(
                "version: 0.2\nphases: {build: {commands: [echo left > left]}}\n", scratch)
            let kept = try #require(result.outcome.keptWorkspace)
            #expect(access(kept.appending("left").string, F_OK) == 0)
        }
    }

    @Test(arguments: SandboxConfiguration.Kind.withoutImage)
    func `the build's directory may have any name`(kind: SandboxConfiguration.Kind) async throws {
        try await withScratchDirectory { scratch in
            var build = TestBuild()
            build.base = "it's $odd \"new\nline\" "
            build.kind = kind
            let result = try await build.run(
                """
                version: 0.2
                phases: {build: {commands: [mkdir sub && cd sub, 'test "$PWD" = "$CODEBUILD_SRC_DIR/sub"', echo x > f]}}
                artifacts: {files: [sub/f]}
                """, scratch)
            #expect(result.outcome.record.buildStatus == .succeeded, "\(result.log)")
            #expect(result.artifacts.map(\.entries) == [["sub/f 2"]])
        }
    }
}
