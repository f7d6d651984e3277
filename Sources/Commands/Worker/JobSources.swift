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
            let door = isInput ? artifacts : others
            fetched = try await FirstBytes(of: source, scratch).awaited {
                () async throws(SourceFailure) in
                try await door.fetch(source, into: directory, scratch: scratch)
            }
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
            if error.failure.hint == nil || error.failure.reason.contains("NoSuchKey") {
                error.failure.hint =
                    "check that the earlier action has stored this artifact, and release the change again"
            }
        case .unavailable:
            error.failure.hint = "retry the action; the build host must be able to reach the bucket"
        case .runner: break
        }
        return error
    }
}

/// Gives a download up of which nothing comes: a bucket that cannot be reached is told in seconds, however patient the
/// client is with one that can.
struct FirstBytes: Sendable {
    /// How long is waited for the first byte.
    static let limit: Duration = .seconds(15)

    private let source: RemoteSource
    private let file: FilePath

    /// Looks at the file that a source's bytes go to.
    init(of source: RemoteSource, _ scratch: FilePath) {
        self.source = source
        file = scratch.appending(SourceDoor.fileName)
    }

    /// Runs `body` while it gets on.
    /// - Returns: What it returned.
    /// - Throws: ``SourceFailure`` of `body`, or because nothing has come.
    func awaited(
        _ body: @escaping @Sendable () async throws(SourceFailure) -> FetchedSource
    ) async throws(SourceFailure) -> FetchedSource {
        let result = await withTaskGroup(of: Outcome.self) { group -> Result<FetchedSource, SourceFailure>? in
            group.addTask {
                do throws(SourceFailure) {
                    return .ended(.success(try await body()))
                } catch {
                    return .ended(.failure(error))
                }
            }
            group.addTask {
                try? await Task.sleep(for: Self.limit)
                return .outOfTime
            }
            defer { group.cancelAll() }
            for await outcome in group {
                switch outcome {
                case .ended(let result): return result
                case .outOfTime: if !hasBegun { return nil }
                }
            }
            return nil
        }
        if let result { return try result.get() }
        var failure = RunnerFailure(
            "fetch \(source.url)", "there was no answer within \(Self.limit.components.seconds) seconds")
        failure.cause = .unavailable
        throw SourceFailure(failure: failure, isRunners: true)
    }

    private enum Outcome: Sendable {
        case ended(Result<FetchedSource, SourceFailure>)
        case outOfTime
    }

    private var hasBegun: Bool {
        var status = stat()
        return lstat(file.string, &status) == 0 && status.st_size > 0
    }
}
