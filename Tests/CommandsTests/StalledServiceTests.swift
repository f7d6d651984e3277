import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

/// Services that never answer: signals and the time limit still end the build.
@Suite(.motoServer) struct StalledServiceTests {
    @Test func `the time limit ends a stalled upload with 124, and it is aborted`() async throws {
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket("timed")
        let rules = [FaultProxy.Rule("PUT .*partNumber=2", times: 100) { $0.stall = true }]
        try await FaultProxy.run(rules, upstream: moto.endpointURL) { proxy in
            // How long a loaded machine needs to come to the upload is not known: the limit grows until it does.
            for minutes in ["0.1", "0.5", "2"] {
                let phase = try await withProject(artifactBuildspec(bytes: 20 << 20)) { project in
                    let outcome = try await project.run(
                        "--output", "s3://timed", "--endpoint-url", proxy.endpointURL, "--timeout", minutes,
                        environment: moto.environment)
                    #expect(outcome.status == 124, "\(outcome)")
                    return try project.record().phase("UPLOAD_ARTIFACTS")
                }
                guard let phase else { continue }
                #expect(phase.phaseStatus == "TIMED_OUT")
                #expect(phase.contexts?.first?.statusCode == "BUILD_TIMED_OUT")
                #expect(try await moto.contents(of: "timed") == "|")
                return
            }
            Issue.record("no build came as far as the upload")
        }
    }

    @Test(arguments: [
        ("parameter-store: {P: p}", "GetParameters"), ("secrets-manager: {S: s}", "GetSecretValue"),
    ])
    func `a signal ends a stalled request for secrets`(entry: String, action: String) async throws {
        let rules = [FaultProxy.Rule("POST /", times: 100) { $0.stall = true }]
        let moto = try MotoServer.required()
        try await FaultProxy.run(rules) { proxy in
            try await withProject("env:\n  \(entry)\n" + commands("true")) { project in
                let outcome = try await project.start(
                    ["--endpoint-url", proxy.endpointURL], environment: moto.environment
                ) { running in
                    while try await proxy.requests().isEmpty {}
                    running.send(SIGINT)
                }
                #expect(outcome.status == 130, "\(outcome)")
                #expect(try project.record().phase("DOWNLOAD_SOURCE")?.phaseStatus == "STOPPED")
                #expect(try await proxy.requests().first?.headers["x-amz-target"]?.hasSuffix(action) == true)
            }
        }
    }

    @Test func `a signal ends a stalled download, and nothing of it is left`() async throws {
        let rules = [FaultProxy.Rule("GET /b", times: 100) { $0.stall = true }]
        let moto = try MotoServer.required()
        try await FaultProxy.run(rules) { proxy in
            try await withProject { project in
                var invocation = Program.Invocation([
                    "artifact", "open", "s3://bucket/key", "-o", "out", "--endpoint-url", proxy.endpointURL,
                ])
                invocation.environment = project.environment.merging(moto.environment) { $1 }
                invocation.directory = project.directory
                let outcome = try await project.binary.start(invocation) { running in
                    while try await proxy.requests().isEmpty {}
                    running.send(SIGTERM)
                }
                #expect(outcome.status == 143, "\(outcome)")
                #expect(try project.files(below: "app") == [])
            }
        }
    }

    /// Where the listing is refused, keys are asked for one by one.
    struct SilentStore: Sendable, CustomTestStringConvertible {
        var signal: Int32
        var functions: Int
        var silentMethod: String
        var testDescription: String { "signal \(signal), \(functions) functions, \(silentMethod)" }

        static let all = [SIGINT, SIGTERM].flatMap { signal in
            [(2, "GET"), (6, "GET"), (2, "HEAD"), (6, "HEAD"), (2, "PUT"), (6, "PUT")].map {
                SilentStore(signal: signal, functions: $0.0, silentMethod: $0.1)
            }
        }
    }

    @Test(.timeLimit(.minutes(2)), arguments: SilentStore.all)
    func `a signal ends the packaging of a template at once`(store: SilentStore) async throws {
        let bucket = "silent-\(store.signal)-\(store.functions)-\(store.silentMethod.lowercased())"
        var rules = [FaultProxy.Rule("^\(store.silentMethod) /\(bucket)", times: 1000) { $0.stall = true }]
        if store.silentMethod == "HEAD" {
            rules.append(FaultProxy.Rule("^GET /\(bucket)", times: 1000) { $0.status = 403 })
        }
        let moto = try MotoServer.required()
        _ = try await moto.makeBucket(bucket)
        try await FaultProxy.run(rules, upstream: moto.endpointURL) { proxy in
            try await withProject { project in
                var template = "Resources:\n"
                for number in 0..<store.functions {
                    try project.scratch.write("x = \(number)\n", to: "app/f\(number)/app.py")
                    template +=
                        "  F\(number): {Type: 'AWS::Lambda::Function', Properties: {Code: f\(number)}}\n"
                }
                try project.scratch.write(template, to: "app/template.yaml")
                var invocation = Program.Invocation([
                    "package", "template", "template.yaml", "--s3-bucket", bucket, "-o", "out.yaml",
                    "--endpoint-url", proxy.endpointURL,
                ])
                try project.scratch.write("", to: "temporary/none")
                let temporary = project.scratch.path.appending("temporary")
                invocation.environment = project.environment.merging(moto.environment) { $1 }
                invocation.environment["TMPDIR"] = temporary.string
                invocation.directory = project.directory
                let outcome = try await project.binary.start(invocation) { running in
                    while try await !proxy.requests().contains(where: { $0.method == store.silentMethod }) {}
                    running.send(store.signal)
                }
                #expect(outcome.status == 128 + store.signal, "\(outcome)")
                #expect(try project.files(below: "app").contains("out.yaml") == false)
                #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.string) == ["none"])
            }
        }
    }
}
