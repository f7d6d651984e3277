import AWSClient

extension DoctorCommand {
    /// Looks for AWS credentials as a build that needs them would; few builds do.
    func credentials() async -> Check {
        let name = "AWS credentials"
        do {
            let configuration = try AWSConfiguration(
                environment: RunnerEnvironment.current.variables, overrides: AWSRequest(aws).overrides)
            let found = try await withAWSSession(configuration) { session in
                try await session.credentials.credentials()
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
}
