/// CloudWatch Logs: only what delivering a log needs.
package struct CloudWatchLogsClient: Sendable {
    let context: ServiceContext

    /// A client over a context of `.cloudWatchLogs`.
    package init(context: ServiceContext) {
        self.context = context
    }

    func call<Input: Encodable, Output: Decodable>(
        _ operation: String, _ input: Input, resource: String, returning: Output.Type
    ) async throws(AWSError) -> Output {
        try await context.callJSON(
            operation, targetPrefix: "Logs_20140328", input, resource: resource, returning: Output.self)
    }
}

extension CloudWatchLogsClient {
    private struct Nothing: Decodable {}

    /// Creates a log group; one that is there already is fine.
    ///
    /// - Throws: `AWSError`
    package func createLogGroup(_ name: String) async throws(AWSError) {
        do throws(AWSError) {
            _ = try await call(
                "CreateLogGroup", ["logGroupName": name], resource: name, returning: Nothing.self)
        } catch {
            guard error.isService("ResourceAlreadyExistsException") else { throw error }
        }
    }

    /// Creates a log stream; one that is there already is fine.
    ///
    /// - Throws: `AWSError`; an unknown group is the service's `ResourceNotFoundException`.
    package func createLogStream(_ stream: String, in group: String) async throws(AWSError) {
        do throws(AWSError) {
            _ = try await call(
                "CreateLogStream", ["logGroupName": group, "logStreamName": stream],
                resource: "\(group):\(stream)", returning: Nothing.self)
        } catch {
            guard error.isService("ResourceAlreadyExistsException") else { throw error }
        }
    }
}
