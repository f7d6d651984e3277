import AWSAdapters
import AWSClient
import BuildEngine

/// Looks, before a build, at what its end will need: credentials, buckets, the key.
///
/// Nothing is stored. Only what is proven stops a build: that a bucket is not there, or that a key cannot be used. A
/// permission to look that is missing proves nothing, so S3 itself is then asked (``S3Client/rehearseUpload(to:attributes:)``).
/// A service that does not answer proves nothing either.
struct Preflight: Sendable {
    let session: AWSSession
    let targets: [PreflightTarget]
    /// For all of it.
    var limit: Duration = .seconds(10)

    /// What was found, and who the credentials belong to.
    struct Findings: Sendable {
        var findings: [PreflightFinding] = []
        var identity: CallerIdentity?

        /// The first that stops a build.
        var proof: PreflightFinding? { findings.first { $0.verdict == .proof } }
    }

    /// Looks at everything, several things at a time.
    /// - Throws: `AWSError` when the configuration is contradictory.
    func look(identifying: Bool) async throws(AWSError) -> Findings {
        var result = Findings()
        switch await withinTime({ await access() }) {
        case nil:
            // Whatever else is looked at waits for the same credentials.
            result.findings.append(.doubt("AWS credentials", "no answer in time"))
            return result
        case .success?: break
        case .failure(let error)?:
            if case .configuration = error.kind { throw error }
            result.findings.append(finding(ofCredentials: error))
            return result
        }
        async let identity =
            identifying || targets.contains { $0.key != nil } ? withinTime { await self.identity() } : nil
        let known = await identity ?? nil
        result.identity = try? known?.get()
        if case .failure(let error) = known, error.provesBadCredentials {
            result.findings.append(.proof("AWS credentials", error.reason, hint: error.hint))
            return result
        }
        if let identity = result.identity {
            result.findings.append(.fine("AWS identity", identity.arn))
        }
        let account = result.identity?.account
        let findings = await withTaskGroup(of: (Int, [PreflightFinding]).self) { group in
            for (index, target) in targets.enumerated() {
                group.addTask {
                    let acting = target.role.map { session.assuming($0) }
                    let check = TargetCheck(
                        session: acting ?? session, target: target, account: account)
                    let found = await withinTime { await check.findings() }
                    return (index, found ?? [.doubt(target.subject, "no answer in time")])
                }
            }
            return await group.reduce(into: [(Int, [PreflightFinding])]()) { $0.append($1) }
        }
        result.findings += findings.sorted { $0.0 < $1.0 }.flatMap(\.1)
        return result
    }

    private func access() async -> Result<Void, AWSError> {
        do throws(AWSError) {
            _ = try await session.credentials.credentials()
            return .success(())
        } catch {
            return .failure(error)
        }
    }

    private func identity() async -> Result<CallerIdentity, AWSError> {
        do throws(AWSError) {
            return .success(try await STSClient(context: session.stsContext()).callerIdentity())
        } catch {
            return .failure(error)
        }
    }

    private func finding(ofCredentials error: AWSError) -> PreflightFinding {
        switch error.kind {
        case .transport, .cancelled, .decoding: .doubt("AWS credentials", error.description)
        case .service where error.mayPass: .doubt("AWS credentials", error.description)
        case .service:
            .proof(
                session.configuration.roleARN.map { "role \($0)" } ?? "AWS credentials", error.reason,
                hint: error.hint)
        default: .proof(error.subject, error.reason, hint: error.hint)
        }
    }

    /// Nil when it took too long.
    private func withinTime<R: Sendable>(_ body: @escaping @Sendable () async -> R) async -> R? {
        await withTaskGroup(of: R?.self) { group in
            group.addTask { await body() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
    }
}

extension AWSError {
    /// Whether the service said that the credentials themselves are none, or none any more.
    var provesBadCredentials: Bool {
        let codes: Set = [
            "InvalidClientTokenId", "ExpiredToken", "ExpiredTokenException", "SignatureDoesNotMatch",
            "InvalidAccessKeyId", "UnrecognizedClientException",
        ]
        return serviceFailure.map { codes.contains($0.code) } ?? false
    }
}
