import AWSClient
import TestSupport
import Testing

struct RegistryTests {
    @Test func `leaves a registry that drips its manifest`() async throws {
        let head = FaultProxy.Rule("HEAD") { $0.status = 200 }
        let manifest = FaultProxy.Rule("GET", times: 9) {
            ($0.status, $0.body, $0.drip) = (200, String(repeating: "x", count: 4_000), 0.05)
        }
        let timeouts = TransportTimeouts(answer: .milliseconds(300))
        try await FaultProxy.run([head, manifest]) { proxy in
            let host = proxy.endpointURL.dropFirst("http://".count)
            try await withTestSession(standInEnvironment(proxy.endpointURL), timeouts: timeouts) { session in
                let client = try RegistryClient(session: session, host: String(host), login: nil)
                let error = try await failure {
                    _ = try await client.digest(repository: "app", reference: "latest")
                }
                #expect(error.kind == .transport(.timedOut))
                #expect(error.description.contains("no complete answer in time"))
            }
        }
    }
}
