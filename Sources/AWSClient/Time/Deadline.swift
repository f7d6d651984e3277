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
