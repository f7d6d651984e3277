import Subprocess
import SystemPackage

extension CredentialChain {
    /// Runs a profile's `credential_process` through the shell and reads the JSON it prints.
    func processCredentials(_ command: String, _ profile: String) async -> Outcome {
        let source = "credential_process of profile \(profile)"
        let limit = connection.transport.timeouts.credentialProcess
        var environment: [Environment.Key: String] = [:]
        for (name, value) in configuration.environment {
            if let key = Environment.Key(rawValue: name) { environment[key] = value }
        }
        let shell = Configuration(
            executable: .path("/bin/sh"), arguments: ["-c", command], environment: .custom(environment))
        return await .result { () async throws(AWSError) in
            let printed: [UInt8]
            do {
                // What it writes to standard error is dropped: it may tell a secret.
                printed = try await withDeadline(
                    limit,
                    timeout: AWSError(.transport(.timedOut), source, "it did not end in time")
                ) {
                    let result = try await run(shell, output: .bytes(limit: 256 << 10), error: .discarded)
                    guard result.terminationStatus.isSuccess else {
                        throw AWSError(.configuration, source, "it failed: \(result.terminationStatus)")
                    }
                    return result.standardOutput
                }
            } catch let error as AWSError {
                throw error
            } catch is CancellationError {
                throw AWSError.cancelled(source)
            } catch {
                throw AWSError(.configuration, source, "it could not be run: \(error)")
            }
            return try CredentialDocument.credentials(in: printed, source: source, version: 1)
        }
    }
}
