import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// The arguments of `buildspec package template`, which are read in two ways.
@Suite(.motoServer) struct TemplateArgumentTests {
    /// Plain arguments are not read by the parser: they mean what the parser makes of the same ones.
    @Test(arguments: [
        [["-o", "out"]], [["--output", "out"], ["--s3-prefix", "some/where"]],
        [["--output-template-file", "out"], ["--use-json"]],
        [["-o", "out"], ["--kms-key-id", "alias/some"]],
        [["-o", "out"], ["--force-upload"]],
        [["-o", "out"], ["--all-properties"], ["--region", "eu-west-1"]],
        [["-o", "out"], ["--role-arn", "arn:aws:iam::123456789012:role/r"], ["--external-id", "x"]],
        [["-o", "out"], ["--profile", "other"]], [["-o", "out"], ["--s3-prefix", ""]],
        [["-o", "out"], ["--output", "out"]], [["-o", "out"], ["--use-json"], ["--use-json"]],
        [["-o", "-"]], [["-o", "out"], ["--level", "9"]], [["-o", "out"], ["--level", "0"]],
        [["-o", "out"], ["t.yaml"]], [["-o", "out"], ["--no-such-option", "x"]], [],
    ])
    func `arguments mean the same whichever way they are written`(options: [[String]]) async throws {
        func results(_ isPlain: Bool) async throws -> [String] {
            try await withTemplate { fixture in
                let scratch = fixture.project.scratch
                try fixture.write(
                    """
                        Type: AWS::Lambda::Function
                        Properties: {Code: src, Role: !Ref Role}
                      R:
                        Type: AWS::AppSync::Resolver
                        Properties: {CodeS3Location: src/app.py}
                    """)
                var environment = fixture.moto.environment
                let keys = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]
                let profile = keys.map { "\($0.lowercased()) = \(environment[$0] ?? "")\n" }
                try scratch.write("[profile other]\n" + profile.joined(), to: "config")
                environment["AWS_CONFIG_FILE"] = scratch.path.appending("config").string
                let bucket = isPlain ? ["--s3-bucket", fixture.bucket] : ["--s3-bucket=\(fixture.bucket)"]
                let outcome = try await fixture.project.buildspec(
                    ["package", "template", "t.yaml"] + bucket + options.flatMap(\.self),
                    environment: environment)
                let written = try? scratch.read("app/out")
                return [
                    "\(outcome.status)", outcome.standardOutput, outcome.standardError,
                    written.map { String(decoding: $0, as: UTF8.self) } ?? "nothing",
                    try await fixture.objects(),
                ].map { $0.replacing(fixture.bucket, with: "BUCKET") }
            }
        }
        let parsed = try await results(false)
        #expect(try await results(true) == parsed)
    }
}
