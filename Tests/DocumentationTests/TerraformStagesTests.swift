import FoundationEssentials
import SystemPackage
import TestSupport
import Testing

/// `samples/terraform-stages`, with a recorder in the place of terraform.
///
/// Terraform itself would want its providers from the internet, so a program of that name on the `PATH` writes down how
/// it is called.
struct TerraformStagesTests {
    private static let sample = FilePath(#filePath).removingLastComponent().removingLastComponent()
        .removingLastComponent().appending("samples/terraform-stages")

    /// Says what it is given, and leaves what the real one would.
    private static let recorder = #"""
        #!/bin/sh
        echo "terraform $*" >> "$RECORD"
        for argument in "$@"; do
          case $argument in
            -var-file=*) cat "${argument#-var-file=}" >> "$RECORD" ;;
            -out=*) echo plan > "${argument#-out=}" ;;
          esac
        done
        case $1 in
          output) echo '{}' ;;
          apply) [ "${FAIL:-}" != apply ] ;;
        esac
        """#

    private func run(
        _ stage: String?, _ more: [String] = []
    ) async throws -> (outcome: Program.Outcome, calls: [String]) {
        try await withScratchDirectory { scratch in
            let copy = scratch.path.appending("orders")
            try FileManager.default.copyItem(atPath: Self.sample.string, toPath: copy.string)
            try? FileManager.default.removeItem(atPath: copy.appending(".buildspec").string)
            let tool = try scratch.write(Self.recorder, to: "bin/terraform")
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: tool.string)
            let record = try scratch.write("", to: "calls")
            var arguments = [
                "run", copy.string, "--sandbox", "host", "--env",
                "PATH=\(tool.removingLastComponent()):/usr/bin:/bin", "--env", "RECORD=\(record)",
                "--region", "eu-central-1", "--output", scratch.path.appending("out").string,
            ]
            if let stage { arguments += ["--env", "STAGE=\(stage)"] }
            var invocation = Program.Invocation(arguments + more)
            invocation.environment = ["HOME": scratch.path.string]
            let outcome = try await Program.buildspec().run(invocation)
            let calls = String(decoding: try scratch.read("calls"), as: UTF8.self)
            let stored = (try? FileManager.default.contentsOfDirectory(atPath: "\(scratch.path)/out")) ?? []
            return (outcome, calls.split(separator: "\n").map(String.init) + stored)
        }
    }

    @Test(arguments: [nil, "dev", "qa", "prod"])
    func `each stage has its own state in the shared bucket, and production its role`(
        stage: String?
    ) async throws {
        let (outcome, calls) = try await run(stage)
        #expect(outcome.status == 0, "\(outcome)")
        let name = stage ?? "dev"
        var expected = [
            "terraform version",
            "terraform init -backend-config=bucket=orders-terraform-state "
                + "-backend-config=key=orders/\(name).tfstate -backend-config=region=eu-central-1",
            "terraform validate", "terraform plan -var-file=stages/\(name).tfvars -out=plan.tfplan",
        ]
        expected +=
            name == "prod"
            ? [
                #"stage           = "prod""#,
                #"deployment_role = "arn:aws:iam::333333333333:role/orders-deployment""#,
            ] : ["stage = \"\(name)\""]
        expected += [
            "terraform show -no-color plan.tfplan", "terraform apply plan.tfplan", "terraform output -json",
            "orders-\(name).zip.enc",
        ]
        #expect(calls == expected)
    }

    @Test func `a stage that does not exist changes nothing`() async throws {
        let (outcome, calls) = try await run("production")
        #expect(outcome.status == 1)
        #expect(outcome.standardOutput.contains("STAGE is 'production': it must be dev, qa or prod"))
        #expect(calls == [])
    }

    @Test func `an apply that fails has no outputs`() async throws {
        let (outcome, calls) = try await run("qa", ["--env", "FAIL=apply"])
        #expect(outcome.status == 1)
        #expect(calls.contains("terraform apply plan.tfplan"))
        #expect(!calls.contains("terraform output -json"))
    }
}
