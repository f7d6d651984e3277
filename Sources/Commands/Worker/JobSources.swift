import AWSClient
import BuildEngine
import Glibc
import SystemPackage

/// Fetches a job's sources with the job's own credentials, and lets the build go on when nothing stands in its way.
struct JobSources: SourceFetcher {
    /// With the job's own identity.
    var artifacts: SourceDoor
    /// With the identity of the project.
    var others: SourceDoor
    /// The action's inputs.
    var inputs: Set<RemoteSource>
    /// What is being looked at meanwhile.
    var gate: Task<JobFault?, Never>

    func fetch(
        _ source: RemoteSource, into directory: FilePath, scratch: FilePath
    ) async throws(SourceFailure) -> FetchedSource {
        let isInput = inputs.contains(source)
        let fetched: FetchedSource
        do throws(SourceFailure) {
            fetched = try await (isInput ? artifacts : others).fetch(
                source, into: directory, scratch: scratch)
        } catch {
            throw isInput ? Self.advised(error) : error
        }
        if let fault = await gate.value {
            if let archive = fetched.archive { unlink(archive.string) }
            throw SourceFailure(failure: fault.failure(of: "begin the build"), isRunners: true)
        }
        return fetched
    }

    /// What the pipeline's owner can do about an input artifact that does not come.
    private static func advised(_ error: SourceFailure) -> SourceFailure {
        var error = error
        switch error.failure.cause {
        case .permission:
            error.failure.hint =
                "the pipeline's role needs s3:GetObject on the input artifact, and kms:Decrypt on its key; a bucket's "
                + "and a key's own policies must allow it too"
        case .configuration:
            error.failure.hint =
                error.failure.hint
                ?? "check that the earlier action has stored this artifact, and release the change again"
        case .unavailable:
            error.failure.hint = "retry the action; the build host must be able to reach the bucket"
        case .runner: break
        }
        return error
    }
}
