import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct StartFailureTests {
    /// Why a sandbox whose `bwrap` is this script does not start.
    private func failure(bubblewrap script: String) async throws -> SandboxError? {
        try await withScratchDirectory { scratch in
            let tool = try scratch.write("#!/bin/sh\n" + script, to: "bwrap")
            chmod(tool.string, 0o755)
            return try await failure(bubblewrap: tool, scratch)
        }
    }

    private func failure(bubblewrap: FilePath, _ scratch: ScratchDirectory) async throws -> SandboxError? {
        let root = BuildRoot(hostPath: scratch.path)
        try root.create()
        let configuration = SandboxConfiguration(
            kind: .bubblewrap, network: .none, root: root, bubblewrap: bubblewrap)
        return await #expect(throws: SandboxError.self) { try await withSandbox(configuration) { _ in } }
    }

    @Test func `tells the last words of a bwrap that fails`() async throws {
        let error = try await failure(
            bubblewrap: "echo noise >&2; echo 'bwrap: No permissions to create namespace' >&2; exit 1")
        #expect(error?.code == .startFailed)
        #expect(error?.description == "the sandbox did not start: bwrap: No permissions to create namespace")
        #expect(error?.hint?.contains("buildspec doctor") == true)
        #expect(error?.hint?.contains("--sandbox host") == true)
    }

    @Test func `tells that a bwrap ended without words`() async throws {
        let error = try await failure(bubblewrap: "exit 0")
        #expect(error?.description == "the sandbox did not start: its process ended at once")
    }

    @Test func `keeps only the end of endless words`() async throws {
        let error = try await failure(
            bubblewrap: "head -c 3000000 /dev/zero | tr '\\0' x >&2; echo >&2; echo end >&2")
        #expect(error?.detail == "end")
    }

    @Test func `tells that a bwrap is not there`() async throws {
        let error = try await withScratchDirectory { scratch in
            try await failure(bubblewrap: scratch.path.appending("no-bwrap"), scratch)
        }
        #expect(error?.code == .startFailed)
        #expect(error?.description.contains("no-bwrap") == true)
        #expect(error?.hint != nil)
    }

    @Test(arguments: SandboxPlace.kinds)
    func `tells that the root is not there`(place: SandboxPlace) async throws {
        let configuration = SandboxConfiguration(
            kind: place.kind, network: .none, root: BuildRoot(hostPath: "/no/such/root"))
        let error = await #expect(throws: SandboxError.self) { try await withSandbox(configuration) { _ in } }
        #expect(error?.code == .fileSystem)
        #expect(error?.path == "/no/such/root")
    }

    /// Not skipped anywhere: without bwrap most of what these tests are for cannot be seen.
    @Test func `bwrap is installed where the tests run`() {
        let places = String(cString: getenv("PATH")).split(separator: ":").map { "\($0)/bwrap" }
        #expect(places.contains { access($0, X_OK) == 0 }, "install the package bubblewrap")
    }
}
