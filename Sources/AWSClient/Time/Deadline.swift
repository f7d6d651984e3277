/// Runs `body`, but no longer than `limit`: then it is cancelled and `timeout` is thrown.
func withDeadline<R: Sendable>(
    _ limit: Duration, timeout: AWSError,
    _ body: @escaping @Sendable () async throws -> R
) async throws -> R {
    try await withThrowingTaskGroup(of: R.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try await Task.sleep(for: limit)
            throw timeout
        }
        defer { group.cancelAll() }
        guard let first = try await group.next() else { throw timeout }
        return first
    }
}

/// Runs `body`, which reads a whole answer, but no longer than `limit`: who sends a drop of bytes now and then keeps every
/// other timer quiet.
///
/// - Throws: `AWSError` (`transport`, `timedOut` after the limit), and what `body` throws as such a one.
func withAnswerDeadline<R: Sendable>(
    _ limit: Duration, _ subject: String, _ body: @escaping @Sendable () async throws -> R
) async throws(AWSError) -> R {
    do {
        return try await withDeadline(
            limit, timeout: AWSError(.transport(.timedOut), subject, "no complete answer in time"), body)
    } catch {
        throw AWSError.transport(error, subject, nil)
    }
}
