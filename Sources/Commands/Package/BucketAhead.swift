import AWSAdapters
import AWSClient
import Packaging

/// A bucket that is asked what it has while its template is still being read.
///
/// Only a listing is asked for, which changes nothing, and only with credentials that are at hand: no person is asked for a
/// code, and no service for credentials, before it is known that something has to be stored.
struct BucketAhead: Sendable {
    /// The way to the bucket.
    let session: AWSSession
    /// The answer.
    let listing: StoreListing

    /// Begins to ask.
    ///
    /// - Returns: nil where the question must wait, or cannot be asked: who tries again is told why.
    static func begin(_ request: TemplateRequest, environment: RunnerEnvironment) -> BucketAhead? {
        guard !request.forcesUpload, request.place.roleARN == nil, request.place.profile == nil,
            hasOwnCredentials(environment.variables)
        else { return nil }
        do throws(AWSError) {
            let configuration = try AWSConfiguration(
                environment: environment.variables, overrides: request.place)
            let session = try AWSSession(lasting: configuration)
            let store = try S3TemplateStore(session: session, request: request)
            // One question and its answer: where connections are served, no thread waits for another.
            return BucketAhead(session: session, listing: store.ask(on: LoopExecutor()))
        } catch {
            return nil
        }
    }

    private static func hasOwnCredentials(_ environment: [String: String]) -> Bool {
        func isSet(_ name: String) -> Bool { environment[name]?.isEmpty == false }
        return isSet("AWS_ACCESS_KEY_ID") && isSet("AWS_SECRET_ACCESS_KEY") && !isSet("AWS_PROFILE")
            && !isSet("AWS_DEFAULT_PROFILE")
    }
}

extension S3TemplateStore {
    /// The objects of a request.
    ///
    /// - Throws: `AWSError` (`configuration`).
    init(session: AWSSession, request: TemplateRequest) throws(AWSError) {
        try self.init(
            session: session, bucket: request.bucket,
            prefix: request.prefix.isEmpty ? "" : request.prefix + "/", attributes: request.attributes)
    }
}
