import AWSClient

extension DoctorCommand {
    /// Looks for AWS credentials as a build that needs them would; few builds do.
    func credentials() async -> Check {
        let name = "AWS credentials"
        do {
            guard let found = try await search(for: .seconds(3)) else {
                return Check(
                    name, "no `run --aws-credentials`, no s3:// output: no answer within 3 s",
                    "set AWS_EC2_METADATA_DISABLED=true where there is no instance metadata", isNeeded: false)
            }
            return Check(
                name, fine: "found (\(found.source)); a build gets them with `run --aws-credentials` only")
        } catch let error as AWSError {
            return Check(
                name, "no `run --aws-credentials`, no s3:// output: \(error.reason)", error.hint,
                isNeeded: false)
        } catch {
            return Check(name, "\(error)", nil, isNeeded: false)
        }
    }

    /// Credentials from wherever there are some; nil when nobody has answered in time.
    ///
    /// Instance metadata and credential processes may take long, and `doctor` is run to be read at once.
    private func search(for limit: Duration) async throws -> Credentials? {
        let configuration = try AWSConfiguration(
            environment: RunnerEnvironment.current.variables, overrides: AWSRequest(aws).overrides)
        return try await withThrowingTaskGroup(of: Credentials?.self) { group in
            group.addTask {
                try await withAWSSession(configuration) { session in
                    try await session.credentials.credentials()
                }
            }
            group.addTask {
                try await Task.sleep(for: limit)
                return nil
            }
            let first = try await group.next() ?? nil
            group.cancelAll()
            return first
        }
    }
}
