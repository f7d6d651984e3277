import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5))) struct HostileBuildTests {
    /// What a build may put in the runner's way; `$HOST` is a directory of the host.
    static let traps = [
        "rm -rf /codebuild/output/tmp; ln -s $HOST /codebuild/output/tmp; exit 0",
        "rm -rf /codebuild/output; mkdir -p $HOST/tmp; ln -s $HOST /codebuild/output; exit 0",
        "cd /codebuild/output/tmp; rm env.sh; ln -s $HOST/env.sh env.sh; exit 0",
        "cd /codebuild/output/tmp; rm script.sh; ln -s $HOST/script.sh script.sh; exit 0",
        "cd /codebuild/output/tmp; ln -f /etc/passwd script.sh; exit 0",
        "cd /codebuild/output/tmp; rm env.sh; mkfifo env.sh; exit 0",
        "cd /codebuild/output/tmp; rm script.sh; mkfifo script.sh; exit 0",
        "cd /codebuild/output/tmp; rm env.sh; mkdir env.sh; exit 0",
        "cd /codebuild/output/tmp; rm script.sh; mkdir script.sh; exit 0",
        "rm -rf /codebuild/output/tmp; exit 0",
    ]

    @Test(arguments: traps)
    func `the runner writes nothing outside and hangs on nothing`(trap: String) async throws {
        try await withScratchDirectory { host in
            mkdir(host.path.appending("tmp").string, 0o755)
            let place = SandboxPlace(kind: .bubblewrap, shell: "sh")
            try await withRunningSandbox(
                place, environment: [("PATH", "/usr/bin:/bin"), ("HOST", host.path.string)]
            ) {
                sandbox in
                try await sandbox.run(trap)
                // Whether these work is the build's own trouble.
                _ = try? sandbox.runner.export([("X", "1")])
                // A shell that reads a pipe waits as long as its build may last.
                if trap.contains("mkfifo env.sh") { return }
                _ = try? await sandbox.run("true")
                _ = try? await sandbox.runner.environment()
            }
            let left = try await runShell("sh", "cd \(host.path) && find . | sort")
            #expect(String(decoding: left.output, as: UTF8.self) == ".\n./tmp\n")
        }
    }
}

@Suite struct AnchoredDirectoryTests {
    private func withAnchored(_ body: (AnchoredDirectory, ScratchDirectory) throws -> Void) async throws {
        try await withScratchDirectory { scratch in
            mkdir(scratch.path.appending("root").string, 0o755)
            try scratch.write("outside", to: "secret")
            let directory = try AnchoredDirectory(scratch.path.appending("root"))
            defer { directory.close() }
            try body(directory, scratch)
            #expect(try scratch.read("secret") == Array("outside".utf8))
        }
    }

    @Test(arguments: ["../secret", "link", "up/secret", "/etc/passwd"] as [FilePath])
    func `nothing outside is opened`(path: FilePath) async throws {
        try await withAnchored { directory, scratch in
            symlink("../secret", scratch.path.appending("root/link").string)
            symlink("..", scratch.path.appending("root/up").string)
            #expect(throws: SandboxError.self) { try directory.read(path, limit: 100) }
            #expect(throws: SandboxError.self) { try directory.append([1], to: path) }
            #expect(throws: SandboxError.self) { try directory.readAsRoot("../../secret", limit: 100) }
        }
    }

    @Test func `replacing leaves the target of a link alone`() async throws {
        try await withAnchored { directory, scratch in
            symlink("../secret", scratch.path.appending("root/link").string)
            try directory.replace("link", with: [65], permissions: .ownerReadWrite)
            #expect(try directory.read("link", limit: 10) == [65])
        }
    }

    @Test func `a file larger than the limit is refused`() async throws {
        try await withAnchored { directory, scratch in
            try scratch.write([UInt8](repeating: 1, count: 100), to: "root/file")
            #expect(try directory.read("file", limit: 100).count == 100)
            let error = #expect(throws: SandboxError.self) { try directory.read("file", limit: 99) }
            #expect(error?.code == .outputTooLarge)
        }
    }

    @Test func `reading as root follows links within`() async throws {
        try await withAnchored { directory, scratch in
            try scratch.write("inside", to: "root/a/file")
            symlink("/a/file", scratch.path.appending("root/absolute").string)
            #expect(try directory.readAsRoot("absolute", limit: 10) == Array("inside".utf8))
        }
    }
}
