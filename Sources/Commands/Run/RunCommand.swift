import ArgumentParser
import BuildEngine
import Glibc
import Sandbox
import SystemPackage

/// `buildspec run`.
struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        // Parsed alone, it is not asked whether it is to write a shell's completions, which takes half a millisecond.
        _superCommandName: "buildspec",
        abstract: "Run one build.",
        discussion: """
            Example:
              buildspec run samples/lambda-python
              buildspec run . --output s3://artifacts/app --encryption-key alias/pipeline
              buildspec run . --project template.yaml#Build --parameter Stage=test
              buildspec run https://github.com/team/app.git --source-version pr/7
              buildspec run . --aws-credentials --role-arn arn:aws:iam::111122223333:role/build
            """)

    @OptionGroup var source: SourceOptions
    @OptionGroup var sandbox: SandboxOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var aws: AWSOptions
    @OptionGroup var reporting: ReportingOptions
    @OptionGroup(title: "Log and event delivery") var delivery: DeliveryOptions

    func run() async throws {
        var request = try RunRequest(source, sandbox, output, aws, reporting)
        try request.deliver(delivery)
        if request.mayUseOverlays {
            LayersAhead.shared.begin(network: request.network)
        } else {
            SandboxSeed.shared.discard()
        }
        let planner = try BuildPlanner(request, environment: RunnerEnvironment.current)
        let (result, signal) = await Interruption.watch { await BuildRun.run(planner) }
        switch result {
        case .failure(let failure): throw signal.map(CommandFailure.init(signal:)) ?? failure
        case .success(let outcome): try RunReport(outcome: outcome, signal: signal).tell()
        }
    }
}

extension CommandFailure {
    /// Stopped by a signal.
    init(signal: Int32) {
        self.init(signal == SIGINT ? .interrupted : .terminated)
    }
}
