import AWSClient
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Credentials that a command prints.
@Suite(.serialized) struct CredentialProcessTests {
    /// Each line leaves a process that keeps the output open, as a pipeline does whose first command hangs.
    @Test(arguments: ["sleep 100", "sleep 100 | cat", "yes leak-me | sleep 100", "sleep 100 & sleep 100"])
    func `waits for a command as long as it may take, and no longer`(_ command: String) async throws {
        var timeouts = TransportTimeouts()
        timeouts.credentialProcess = .milliseconds(300)
        let start = ContinuousClock.now
        let outcome = try await askForCaller(
            [:], config: "[default]\ncredential_process=\(command)", timeouts: timeouts)
        #expect(outcome.error?.description.contains("did not end in time") == true, "\(outcome)")
        #expect(ContinuousClock.now - start < .seconds(90))
    }

    /// A command in the background that hears no signal it may ignore, and beats as long as it lives.
    private static let stubborn =
        "(trap '' TERM INT HUP; while :; do echo x >> \"$BEAT\"; sleep 0.02; done) | cat"

    @Test func `ends all that a command has started, when it takes too long`() async throws {
        try await withScratchDirectory { scratch in
            let beat = scratch.path.appending("beat")
            var timeouts = TransportTimeouts()
            timeouts.credentialProcess = .milliseconds(500)
            let outcome = try await askForCaller(
                ["BEAT": beat.string], config: "[default]\ncredential_process=\(Self.stubborn)",
                timeouts: timeouts)
            #expect(outcome.error?.description.contains("did not end in time") == true, "\(outcome)")
            #expect(try await isStill(beat))
        }
    }

    @Test func `ends all that a command has started, when nobody waits any more`() async throws {
        try await withScratchDirectory { scratch in
            let beat = scratch.path.appending("beat")
            let asking = Task {
                try await askForCaller(
                    ["BEAT": beat.string], config: "[default]\ncredential_process=\(Self.stubborn)")
            }
            while access(beat.string, F_OK) != 0 { try await Task.sleep(for: .milliseconds(20)) }
            let start = ContinuousClock.now
            asking.cancel()
            _ = await asking.result
            #expect(ContinuousClock.now - start < .seconds(20))
            #expect(try await isStill(beat))
        }
    }

    private func isStill(_ beat: FilePath) async throws -> Bool {
        var before = stat()
        var after = stat()
        #expect(stat(beat.string, &before) == 0 && before.st_size > 0)
        try await Task.sleep(for: .milliseconds(400))
        #expect(stat(beat.string, &after) == 0)
        return before.st_size == after.st_size
    }

    @Test(arguments: [
        "yes leak-me", "cat /dev/zero", "head -c 300000 /dev/urandom", "printf '\\0'", "echo []",
    ])
    func `takes nothing but a document from a command`(_ command: String) async throws {
        let error = try #require(
            try await askForCaller([:], config: "[default]\ncredential_process=\(command)").error)
        guard case .credentials = error.kind else {
            Issue.record("\(error)")
            return
        }
        #expect(!error.description.contains("leak-me"))
    }

    @Test func `fetches new credentials when the service calls them expired`() async throws {
        try await withScratchDirectory { scratch in
            let count = scratch.path.appending("count")
            let command = """
                echo x >> \(count); n=$(wc -l < \(count)); \
                printf '{"Version":1,"AccessKeyId":"K%s","SecretAccessKey":"S"}' $n
                """.split(separator: "%s").joined(separator: "'$n'")
            let expired = FaultProxy.Rule("POST") {
                $0.status = 403
                $0.body = "<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>"
            }
            let outcome = try await askForCaller(
                [:], config: "[default]\ncredential_process=\(command)", rules: [expired])
            #expect(outcome.error == nil)
            #expect(outcome.signer == "K2")
        }
    }
}
