import AWSClient
import Synchronization
import TestSupport
import Testing

@Suite struct CredentialProviderTests {
    /// A clock to be set, and a source that counts.
    private final class World: Sendable {
        let now = Mutex(Timestamp(secondsSince1970: 0))
        let fetches = Mutex(0)
        let observed = Mutex<[String]>([])
        let isBroken = Mutex(false)

        func provider(lifetime: Double) -> CredentialProvider {
            let clock = WallClock(now: { self.now.withLock { $0 } }, sleep: { _ in })
            let observer: @Sendable (Credentials) -> Void = { keys in
                self.observed.withLock { $0.append(keys.secretAccessKey) }
            }
            return CredentialProvider(clock: clock, observer: observer) { () throws(AWSError) in
                await Task.yield()
                let number = self.fetches.withLock { count in
                    count += 1
                    return count
                }
                if self.isBroken.withLock({ $0 }) { _ = try ObjectLocation(bucket: "", key: "") }
                return Credentials(
                    accessKeyID: "K\(number)", secretAccessKey: "secret-\(number)",
                    sessionToken: "token-\(number)",
                    expiration: self.now.withLock { $0 }.advanced(bySeconds: lifetime), source: "world")
            }
        }

        func advance(_ seconds: Double) {
            now.withLock { $0 = $0.advanced(bySeconds: seconds) }
        }
    }

    @Test func `many who ask at once cause one fetch`() async throws {
        let world = World()
        let provider = world.provider(lifetime: 3600)
        let keys = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<50 { group.addTask { try await provider.credentials().accessKeyID } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys == ["K1"])
        #expect(world.fetches.withLock { $0 } == 1)
    }

    @Test func `renews in the last five minutes`() async throws {
        let world = World()
        let provider = world.provider(lifetime: 3600)
        _ = try await provider.credentials()
        world.advance(3299)
        #expect(try await provider.credentials().accessKeyID == "K1")
        world.advance(2)
        #expect(try await provider.credentials().accessKeyID == "K2")
        #expect(world.observed.withLock { $0 } == ["secret-1", "secret-2"])
        #expect(await provider.knownSecrets == ["secret-1", "token-1", "secret-2", "token-2"])
    }

    @Test func `keeps to the old ones while renewing fails, but not to the end`() async throws {
        let world = World()
        let provider = world.provider(lifetime: 3600)
        _ = try await provider.credentials()
        world.isBroken.withLock { $0 = true }
        world.advance(3500)
        #expect(try await provider.credentials().accessKeyID == "K1")
        world.advance(50)
        await #expect(throws: AWSError.self) { try await provider.credentials() }
        world.isBroken.withLock { $0 = false }
        #expect(try await provider.credentials().accessKeyID == "K4")
    }

    @Test func `who asks no more does not wait, and whoever still asks gets an answer`() async throws {
        let gate = AsyncStream<Void>.makeStream()
        let provider = CredentialProvider(clock: .system) { () async throws(AWSError) in
            for await _ in gate.stream { break }
            return Credentials(accessKeyID: "K", secretAccessKey: "s", source: "world")
        }
        let staying = Task { try await provider.credentials() }
        let leaving = Task { try await provider.credentials() }
        try await Task.sleep(for: .milliseconds(100))
        leaving.cancel()
        let error = try await failure { _ = try await leaving.value }
        guard case .cancelled = error.kind else {
            Issue.record("\(error)")
            return
        }
        gate.continuation.yield()
        #expect(try await staying.value.accessKeyID == "K")
    }

    @Test func `nothing is fetched for nobody, and the next one asks anew`() async throws {
        let fetches = Mutex(0)
        let provider = CredentialProvider(clock: .system) { () async throws(AWSError) in
            let number = fetches.withLock { count in
                count += 1
                return count
            }
            if number == 1 {
                try? await Task.sleep(for: .seconds(60))
                _ = try ObjectLocation(bucket: "", key: "")
            }
            return Credentials(accessKeyID: "K\(number)", secretAccessKey: "s", source: "world")
        }
        let start = ContinuousClock.now
        let leaving = Task { try await provider.credentials() }
        try await Task.sleep(for: .milliseconds(100))
        leaving.cancel()
        _ = await leaving.result
        #expect(try await provider.credentials().accessKeyID == "K2")
        #expect(ContinuousClock.now - start < .seconds(30))
    }

    @Test func `credentials hide themselves`() {
        let keys = Credentials(
            accessKeyID: "AKIAVISIBLE1234", secretAccessKey: "hide-me", sessionToken: "hide-me-too",
            source: "test")
        var dumped = ""
        dump([keys], to: &dumped)
        for text in ["\(keys)", String(reflecting: keys), "\([keys])", "\(Optional(keys) as Any)", dumped] {
            #expect(!text.contains("hide-me"))
            #expect(!text.contains("AKIAVISIBLE"))
        }
        #expect(keys.secretValues == ["hide-me", "hide-me-too"])
    }
}
