import AWSClient
import TestSupport
import Testing

@Suite(.serialized) struct RetryTests {
    private let whoami =
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>a</Arn><UserId>u</UserId>"
        + "<Account>1</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"

    private func good(times: Int = 99) -> FaultProxy.Rule {
        FaultProxy.Rule("POST /", times: times) { ($0.status, $0.body) = (200, whoami) }
    }

    /// Asks who it is, through the rules; returns the requests that came and the error, if any.
    private func ask(
        _ rules: [FaultProxy.Rule], environment: [String: String] = [:], clock: WallClock = .system,
        timeouts: TransportTimeouts = TransportTimeouts()
    ) async throws -> (requests: [FaultProxy.Request], error: AWSError?) {
        try await FaultProxy.run(rules) { proxy in
            var refusal: AWSError?
            let variables = standInEnvironment(proxy.endpointURL)
                .merging(["AWS_RETRY_MODE": "standard"]) { $1 }.merging(environment) { $1 }
            try await withTestSession(variables, timeouts: timeouts, clock: clock) { session in
                let client = STSClient(context: try session.context(.sts))
                do throws(AWSError) {
                    _ = try await client.callerIdentity()
                } catch {
                    refusal = error
                }
            }
            return (try await proxy.requests(), refusal)
        }
    }

    @Test(arguments: [
        FaultProxy.Rule("POST", times: 2) { $0.status = 500 },
        FaultProxy.Rule("POST", times: 2) { $0.status = 503 },
        FaultProxy.Rule("POST", times: 2) { $0.status = 429 },
        FaultProxy.Rule("POST", times: 2) { $0.drop = true },
        FaultProxy.Rule("POST", times: 2) { $0.reset = true },
        FaultProxy.Rule("POST", times: 2) {
            ($0.status, $0.body) = (
                400, "<ErrorResponse><Error><Code>Throttling</Code></Error></ErrorResponse>"
            )
        },
        FaultProxy.Rule("POST", times: 2) {
            ($0.status, $0.body) = (400, #"{"__type":"x#ThrottlingException"}"#)
        },
    ])
    func `tries three times`(_ rule: FaultProxy.Rule) async throws {
        let outcome = try await ask([rule, good()])
        #expect(outcome.error == nil)
        #expect(outcome.requests.count == 3)
        #expect(outcome.requests.allSatisfy { $0.signatureIsRight == true })
    }

    @Test func `says at last what the last try said`() async throws {
        let body =
            "<ErrorResponse><Error><Code>ServiceUnavailable</Code><Message>not\u{7} now</Message></Error>"
            + "<RequestId>r-1</RequestId></ErrorResponse>"
        let outcome = try await ask([FaultProxy.Rule("POST", times: 9) { ($0.status, $0.body) = (503, body) }]
        )
        #expect(outcome.requests.count == 3)
        #expect(
            outcome.error?.description
                == "sts GetCallerIdentity: ServiceUnavailable: not  now (HTTP 503, request r-1)")
    }

    @Test func `tries ten times when nothing else is configured`() async throws {
        let rule = FaultProxy.Rule("POST", times: 99) { $0.status = 500 }
        let outcome = try await ask([rule], environment: ["AWS_RETRY_MODE": ""])
        #expect(outcome.requests.count == 10)
    }

    @Test func `does not knock for long where nobody answers`() async throws {
        let pauses = Pauses()
        let clock = WallClock(now: WallClock.system.now, sleep: { await pauses.add($0) })
        let error = try await failure {
            try await withTestSession(standInEnvironment("http://127.0.0.1:1"), clock: clock) { session in
                _ = try await STSClient(context: try session.context(.sts)).callerIdentity()
            }
        }
        #expect(error.kind == .transport(.unreachable))
        #expect(await pauses.all.count == 2)
    }

    @Test func `obeys the number of attempts that is configured`() async throws {
        let rule = FaultProxy.Rule("POST", times: 99) { $0.status = 500 }
        let outcome = try await ask([rule], environment: ["AWS_MAX_ATTEMPTS": "5"])
        #expect(outcome.requests.count == 5)
    }

    @Test func `does not repeat a refusal`() async throws {
        let body =
            "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no</Message></Error></ErrorResponse>"
        let outcome = try await ask([FaultProxy.Rule("POST", times: 9) { ($0.status, $0.body) = (403, body) }]
        )
        #expect(outcome.requests.count == 1)
        #expect(outcome.error?.isService("AccessDenied") == true)
        #expect(outcome.error?.hint != nil)
    }

    @Test(arguments: [
        (["Retry-After": "7"], 7), (["x-amz-retry-after": "1500"], 1), (["Retry-After": "999"], 20),
    ])
    func `waits as long as the service asks, within limits`(
        _ header: [String: String], _ seconds: Int
    ) async throws {
        let rule = FaultProxy.Rule("POST") { ($0.status, $0.headers) = (503, header) }
        let pauses = Pauses()
        let clock = WallClock(now: WallClock.system.now, sleep: { await pauses.add($0) })
        let outcome = try await ask([rule, good()], clock: clock)
        #expect(outcome.error == nil)
        #expect(await pauses.all.map(\.components.seconds) == [Int64(seconds)])
    }

    @Test(arguments: ["RequestTimeTooSkewed", "SignatureDoesNotMatch", "RequestExpired"])
    func `corrects a wrong clock from the date of a refusal`(_ code: String) async throws {
        let body = "<ErrorResponse><Error><Code>\(code)</Code></Error></ErrorResponse>"
        let rule = FaultProxy.Rule("POST") {
            ($0.status, $0.body, $0.headers) = (403, body, ["Date": "Sat, 31 Jan 2026 12:00:00 GMT"])
        }
        let clock = WallClock(now: { Timestamp(secondsSince1970: 1_000_000_000) }, sleep: { _ in })
        let outcome = try await ask([rule, good()], clock: clock)
        #expect(outcome.error == nil)
        #expect(
            outcome.requests.map { $0.headers["x-amz-date"] } == ["20010909T014640Z", "20260131T120000Z"])
    }

    @Test func `corrects a wrong clock where the refusal has no words`() async throws {
        let refused = FaultProxy.Rule("HEAD") {
            ($0.status, $0.headers) = (403, ["Date": "Sat, 31 Jan 2026 12:00:00 GMT"])
        }
        let there = FaultProxy.Rule("HEAD") { $0.status = 200 }
        let clock = WallClock(now: { Timestamp(secondsSince1970: 1_000_000_000) }, sleep: { _ in })
        try await FaultProxy.run([refused, there]) { proxy in
            try await withTestSession(standInEnvironment(proxy.endpointURL), clock: clock) { session in
                _ = try await session.s3().headBucket("bucket")
            }
            #expect(try await proxy.requests().count == 2)
        }
    }

    @Test func `does not blame the clock when it is right`() async throws {
        let body = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code></Error></ErrorResponse>"
        let rule = FaultProxy.Rule("POST", times: 9) {
            ($0.status, $0.body, $0.headers) = (403, body, ["Date": "Sun, 09 Sep 2001 01:48:00 GMT"])
        }
        let clock = WallClock(now: { Timestamp(secondsSince1970: 1_000_000_000) }, sleep: { _ in })
        #expect(try await ask([rule], clock: clock).requests.count == 1)
    }

    @Test func `leaves a server that drips its answer`() async throws {
        let rule = FaultProxy.Rule("POST", times: 9) { ($0.status, $0.body, $0.drip) = (200, whoami, 0.2) }
        var timeouts = TransportTimeouts()
        timeouts.answer = .milliseconds(500)
        let outcome = try await ask([rule], timeouts: timeouts)
        #expect(outcome.error?.kind == .transport(.timedOut))
    }

    @Test func `names what could not be reached`() async throws {
        let variables = standInEnvironment("http://127.0.0.1:1")
        try await withTestSession(variables) { session in
            let error = try await failure {
                _ = try await STSClient(context: session.context(.sts)).callerIdentity()
            }
            #expect(error.kind == .transport(.unreachable))
            #expect(
                error.description
                    == "sts GetCallerIdentity: could not connect: Connection refused (http://127.0.0.1:1)")
        }
    }

    @Test(arguments: [
        "<html>busy</html>", "", "{", "<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;</x>",
    ])
    func `tells an answer that is none`(_ body: String) async throws {
        let outcome = try await ask([FaultProxy.Rule("POST", times: 9) { ($0.status, $0.body) = (200, body) }]
        )
        #expect(outcome.error?.kind == .decoding)
    }

    @Test func `holds no answer in memory that has no end in sight`() async throws {
        let rule = FaultProxy.Rule("POST", times: 9) {
            ($0.status, $0.flood, $0.body) = (200, true, String(repeating: "x", count: 4096))
            $0.headers = ["Content-Length": "1000000000000"]
        }
        let outcome = try await ask([rule])
        #expect(outcome.error?.kind == .decoding)
        #expect(outcome.error?.description.contains("more than 8388608 bytes") == true, "\(outcome)")
        #expect(outcome.requests.count == 1)
    }

    @Test(arguments: [301, 302, 303, 307, 308])
    func `signs nothing for the host that an answer names`(_ status: Int) async throws {
        let followed = try await FaultProxy.run([]) { stranger in
            let location = stranger.endpointURL + "/bucket/key"
            let rules = [
                FaultProxy.Rule("", times: 99) {
                    $0.status = status
                    $0.headers = [
                        "Location": location, "x-amz-bucket-region": "us-west-2.example.com/",
                        "x-amz-errortype": "PermanentRedirect",
                    ]
                }
            ]
            let asked = try await FaultProxy.run(rules) { proxy in
                try await withTestSession(standInEnvironment(proxy.endpointURL)) { session in
                    let place = try ObjectLocation(bucket: "bucket", key: "key")
                    _ = try await failure { _ = try await session.s3().putObject([1], to: place) }
                    _ = try await failure { _ = try await session.s3().getObject(place) { _ in } }
                    _ = try await failure {
                        _ = try await STSClient(context: session.context(.sts)).callerIdentity()
                    }
                }
                return try await proxy.requests()
            }
            #expect(asked.count >= 3)
            #expect(asked.allSatisfy { $0.headers["authorization"]?.contains("example.com") == false })
            return try await stranger.requests()
        }
        #expect(followed.isEmpty)
    }

    @Test(arguments: [
        FaultProxy.Rule("PUT") { ($0.status, $0.headers) = (301, ["x-amz-bucket-region": "us-west-2"]) },
        FaultProxy.Rule("PUT") {
            $0.status = 400
            $0.body = "<Error><Code>AuthorizationHeaderMalformed</Code><Region>us-west-2</Region></Error>"
        },
    ])
    func `follows a bucket to its region once, and remembers`(_ rule: FaultProxy.Rule) async throws {
        let requests = try await FaultProxy.run([rule]) { proxy in
            try await withTestSession(standInEnvironment(proxy.endpointURL)) { session in
                let s3 = try session.s3()
                for key in ["a", "b"] {
                    _ = try await s3.putObject([1], to: ObjectLocation(bucket: "moved", key: key))
                }
            }
            return try await proxy.requests()
        }
        #expect(requests.map(\.path) == ["/moved/a", "/moved/a", "/moved/b"])
        #expect(
            requests.map { $0.headers["authorization"]?.contains("/us-west-2/s3/") } == [false, true, true])
        #expect(requests.allSatisfy { $0.signatureIsRight == true })
    }
}

private actor Pauses {
    private(set) var all: [Duration] = []

    func add(_ pause: Duration) {
        all.append(pause)
    }
}
