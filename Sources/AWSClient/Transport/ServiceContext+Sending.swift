extension ServiceContext {
    /// The largest answer that is held in memory as a whole.
    static let answerLimit = 8 << 20

    /// Sends a request and returns its answer, retrying what may be retried.
    ///
    /// - Parameters:
    ///   - request: the request; signed anew at each attempt.
    ///   - subject: what messages call it.
    ///   - check: looks at an answer with a good status, and throws what it really means.
    ///   - didFail: told of each failed try, after which nobody knows whether the service did what it was asked.
    /// - Returns: an answer with a good status.
    /// - Throws: `AWSError`
    func send(
        _ request: AWSRequest, _ subject: String,
        check: @Sendable (HTTPAnswer) throws(AWSError) -> Void = { _ in }, didFail: () -> Void = {}
    ) async throws(AWSError) -> HTTPAnswer {
        try await retrying(subject, didFail: didFail) { () async throws(AWSError) in
            let (signed, keys) = try await signed(request, subject)
            let transport = connection.transport
            // A drop of bytes now and then keeps the idle timer quiet, so the whole of it has a limit too.
            let limit = transport.timeouts.answer(forBodyOf: request.body.length) + transport.timeouts.answer
            let answer = try await withAnswerDeadline(limit, subject) {
                let exchange = try await transport.exchange(signed, subject: subject)
                return try await exchange.collect(limit: Self.answerLimit)
            }
            return try await checked(answer, keys, subject, check)
        }
    }

    /// Sends a request and returns when the head of a good answer is here; its body is the caller's to read.
    ///
    /// - Throws: `AWSError`
    func open(_ request: AWSRequest, _ subject: String) async throws(AWSError) -> HTTPExchange {
        try await retrying(subject) { () async throws(AWSError) in try await openOnce(request, subject) }
    }

    /// The same without another try, for those who retry what they do with the body too.
    func openOnce(_ request: AWSRequest, _ subject: String) async throws(AWSError) -> HTTPExchange {
        let (signed, keys) = try await signed(request, subject)
        let exchange = try await connection.transport.exchange(signed, subject: subject)
        if (200..<300).contains(exchange.status) { return exchange }
        let answer = try await withAnswerDeadline(connection.transport.timeouts.answer, subject) {
            try await exchange.collect(limit: Self.answerLimit)
        }
        _ = try await checked(answer, keys, subject) { _ in }
        return exchange
    }

    private func checked(
        _ answer: HTTPAnswer, _ keys: Credentials?, _ subject: String,
        _ check: (HTTPAnswer) throws(AWSError) -> Void
    ) async throws(AWSError) -> HTTPAnswer {
        do throws(AWSError) {
            guard (200..<300).contains(answer.status) else {
                throw AWSError.service(ServiceFailure(answer), subject)
            }
            try check(answer)
            return answer
        } catch {
            if RetryPolicy.verdict(error) == .expired, let keys { await credentials?.discard(keys) }
            throw error
        }
    }

    /// Runs `attempt` until it succeeds, fails for good, or the tries or the budget are used up.
    ///
    /// - Throws: the last attempt's `AWSError`, or one of kind `cancelled`.
    func retrying<R>(
        _ subject: String, didFail: () -> Void = {}, _ attempt: () async throws(AWSError) -> R
    ) async throws(AWSError) -> R {
        var number = 1
        var spent = 0
        while true {
            if Task.isCancelled { throw AWSError.cancelled(subject) }
            do throws(AWSError) {
                let result = try await attempt()
                await connection.budget.refund(max(spent, 1))
                return result
            } catch {
                didFail()
                guard let cost = await retryCost(error), number < connection.retry.attempts(after: error),
                    await connection.budget.spend(cost)
                else { throw error }
                spent = cost
                let pause = connection.retry.delay(
                    after: number, asked: error.serviceFailure?.retryAfter, random: Double.random(in: 0...1))
                number += 1
                do {
                    try await connection.clock.sleep(pause)
                } catch {
                    throw AWSError.cancelled(subject)
                }
            }
        }
    }

    /// What another try costs, nil when it would be in vain.
    private func retryCost(_ error: AWSError) async -> Int? {
        switch RetryPolicy.verdict(error) {
        // The answer to HEAD cannot say why.
        case .final where error.serviceFailure?.isUnexplained403 == true: return await costOfClock(error)
        case .final: return nil
        case .timeout: return 10
        case .transient, .throttled: return 5
        case .expired:
            // Those of the environment, for instance, stay what they are.
            guard let credentials, await credentials.hasOthersThanDiscarded() else { return nil }
            return 5
        case .skewed: return await costOfClock(error)
        }
    }

    /// What another try costs after the clock was set by the server's; nil when it was right.
    private func costOfClock(_ error: AWSError) async -> Int? {
        guard let date = error.serviceFailure?.serverDate else { return nil }
        return await connection.serverClock.learn(serverDate: date, now: connection.clock.now()) ? 5 : nil
    }
}
