import Foundation
import Glibc
import Sandbox
import SystemPackage
import TestSupport
import Testing

/// What hides the host's secrets in a writable system, kept from one sandbox to the next.
@Suite(.timeLimit(.minutes(5))) struct OverlayCoverTests {
    private func names(in directory: FilePath) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: directory.string).sorted()
    }

    /// Everything in a cover with its kind, size and time.
    private func listing(_ directory: FilePath) async throws -> String {
        var invocation = Program.Invocation([directory.string, "-printf", "%P %y %s %m %T@\n"])
        invocation.environment = [:]
        return try await Program("/usr/bin/find").run(invocation).standardOutput
    }

    @Test func `sandboxes share one cover, and change nothing in it`() async throws {
        try await withScratchDirectory { scratch in
            let cache = scratch.path.appending("cache")
            var listings: Set<String> = []
            for _ in 0..<3 {
                let said = try await withRunningSandbox(.writable, systemCache: cache) { sandbox in
                    try await sandbox.outputOf(
                        "ls -A /etc/ssh; echo x >>/etc/shadow; echo x >/var/log/x; rm -rf /var/log; mkdir /var/log; "
                            + "ls -A /var/log; echo end")
                }
                #expect(said == "end\n")
                let kept = try names(in: cache)
                #expect(kept.count == 1)
                if let name = kept.first { listings.insert(try await listing(cache.appending(name))) }
            }
            #expect(listings.count == 1)
        }
    }

    @Test(arguments: ["chmod 777", "rm -rf", "truncate"])
    func `a cover that is damaged or that others may write to is not used`(harm: String) async throws {
        try await withScratchDirectory { scratch in
            let cache = scratch.path.appending("cache")
            _ = try await withRunningSandbox(.writable, systemCache: cache) { _ in }
            let kept = cache.appending(try #require(try names(in: cache).first))
            switch harm {
            case "chmod 777": chmod(kept.string, 0o777)
            case "rm -rf": try FileManager.default.removeItem(atPath: kept.appending("layers").string)
            default: truncate(kept.appending("description").string, 10)
            }
            if harm == "rm -rf" { unlink(kept.appending("description").string) }
            let said = try await withRunningSandbox(.writable, systemCache: cache) { sandbox in
                try await sandbox.outputOf("ls -A /etc/ssh /etc/ssl/private; ls -A /var/log; echo end")
            }
            #expect(said.hasSuffix("end\n") && !said.contains("key"))
        }
    }

    @Test func `what killed runners were writing is removed by the next, and what others write is not`()
        async throws
    {
        try await withScratchDirectory { scratch in
            let cache = scratch.path.appending("cache")
            _ = try await withRunningSandbox(.writable, systemCache: cache) { _ in }
            let cover = try #require(try names(in: cache).first)
            // Nobody has the first number: it is more than any process can have.
            let (dead, alive) = (".99999999.a-b.partial", ".\(getpid()).a-b.partial")
            for name in [dead, alive] { try scratch.write("x", to: "cache/\(name)/layers/etc/passwd") }
            _ = try await withRunningSandbox(.writable, systemCache: cache) { _ in }
            #expect(try names(in: cache) == [alive, cover])
        }
    }

    @Test(.enabled(if: geteuid() == 0, "the kernel's own way is root's"))
    func `a cache below a directory that becomes an overlay does no harm`() async throws {
        let place = FilePath("/var/tmp/buildspec-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: place.string, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: place.string) }
        var said: [String] = []
        for way in [OverlayWay.kernel, .kernelInMemory] {
            for cache in [nil, place.appending("cache")] {
                let answer = try? await withRunningSandbox(.writable, ways: [way], systemCache: cache) {
                    sandbox in
                    try await sandbox.outputOf(
                        "echo x >/etc/mine && cat /etc/mine; ls -A /etc/ssh /var/log; echo end")
                }
                said.append(answer ?? "refused")
            }
        }
        #expect(said[0] == said[1] && said[2] == said[3], "\(said)")
    }
}
