import SystemPackage
import TestSupport
import Testing

/// What a build costs in memory does not depend on the size of what it packs and uploads.
@Suite struct MemoryTests {
    /// Runs its arguments as a program, and prints the most memory that it, or anything it started, ever held, in KiB.
    private static let measure = """
        import resource, subprocess, sys
        status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
        print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
        sys.exit(status)
        """

    @Test func `a large artifact takes little memory on its way into a bucket`() async throws {
        let begun = "<R><UploadId>u</UploadId></R>"
        let rules = [
            FaultProxy.Rule("POST .*uploads=") { ($0.status, $0.body) = (200, begun) },
            FaultProxy.Rule("PUT", times: 999) { ($0.status, $0.headers) = (200, ["ETag": "\"e\""]) },
            FaultProxy.Rule("POST .*uploadId") { ($0.status, $0.body) = (200, "<R><ETag>e</ETag></R>") },
        ]
        let buildspec = """
            version: 0.2
            phases:
              build:
                commands: [head -c 250000000 /dev/urandom > big.bin]
            artifacts:
              files: big.bin

            """
        try await FaultProxy.run(rules) { proxy in
            try await withProject(buildspec) { project in
                var invocation = Program.Invocation([
                    "-c", Self.measure, project.binary.executable.string, "run", ".", "--output",
                    "s3://bucket",
                    "--endpoint-url", proxy.endpointURL,
                ])
                invocation.environment = project.environment.merging([
                    "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
                    "AWS_SECRET_ACCESS_KEY": "made-up-for-a-test",
                    "AWS_REGION": "eu-central-1",
                ]) { $1 }
                invocation.directory = project.directory
                invocation.limit = .seconds(180)
                let outcome = try await Program("/usr/bin/python3").run(invocation)
                #expect(outcome.status == 0, "\(outcome)")
                let peak = try #require(
                    Int(outcome.standardOutput.split(whereSeparator: \.isNewline).last ?? ""))
                #expect(peak < 128 << 10, "\(peak) KiB")
            }
        }
    }
}
