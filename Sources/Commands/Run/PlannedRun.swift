import AWSClient
import BuildEngine
import Packaging
import SystemPackage

/// One planned build, run: its log and its record are in its directory afterwards.
struct PlannedRun: Sendable {
    var plan: BuildPlan
    var services: BuildServices
    /// Who hears the log besides its file and the log services.
    var sinks: [(any LogSink, BuildLog.Format)] = []
    /// How the log looks in its file.
    var fileFormat = BuildLog.Format.codebuild
    var masksEncodedForms = true
    /// Secrets of the runner's own.
    var lateSecrets: LateSecrets
    /// The credentials that the build's commands may use; nil for none.
    var lentCredentials: CredentialProvider?
    /// Where the record is written too.
    var recordCopy: FilePath?

    /// Runs the build to its end.
    /// - Throws: ``CommandFailure`` when it cannot begin, `AWSError` when credentials cannot be lent.
    func run() async throws -> BuildOutcome {
        let file: FileSink
        do throws(RunnerFailure) {
            file = try FileSink(plan.directories.log)
        } catch {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        }
        defer { file.close() }
        let log = BuildLog(
            sinks: sinks + [(file, fileFormat)] + services.deliveries.map { ($0, .codebuild) },
            clock: services.clock, masksEncodedForms: masksEncodedForms, lateSecrets: lateSecrets)
        var outcome: BuildOutcome
        if let lentCredentials {
            outcome = try await CredentialLoan(lentCredentials, hiddenIn: log).during(plan) { lent in
                var services = services
                services.lentCredentials = lent
                return await begin(services, log)
            }
        } else {
            outcome = await begin(services, log)
        }
        if let failure = file.failure { outcome.runnerFailure = outcome.runnerFailure ?? failure }
        plan.claim?.giveRoom()
        do throws(RunnerFailure) {
            let record = if let text = outcome.recordText { text } else { try outcome.record.encoded() }
            try AtomicFile.write(record, to: plan.directories.record)
            if let recordCopy { try Self.copy(record, to: recordCopy) }
        } catch {
            outcome.runnerFailure = outcome.runnerFailure ?? error
        }
        return outcome
    }

    /// The user named this place, which may be a link, or such as `/dev/stdout`.
    private static func copy(_ record: [UInt8], to path: FilePath) throws(RunnerFailure) {
        do throws(PackagingError) {
            try PrivateFile.write(record, to: path, permissions: .ownerReadWrite)
        } catch {
            throw RunnerFailure("write the record", error.description)
        }
    }

    private func begin(_ services: BuildServices, _ log: BuildLog) async -> BuildOutcome {
        let build = Build(plan: plan, services: services, log: log)
        // A runner that is killed leaves at least this: IN_PROGRESS, and when it began.
        let (record, file) = (await build.record, plan.directories.record)
        let begun = Task.detached {
            if let text = try? record.encoded() { try? AtomicFile.write(text, to: file) }
        }
        return await build.run(after: begun)
    }
}
