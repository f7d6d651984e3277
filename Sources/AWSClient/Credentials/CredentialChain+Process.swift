import Glibc
import Subprocess
import SystemPackage

extension CredentialChain {
    /// Runs a profile's `credential_process` through the shell and reads the JSON it prints.
    ///
    /// It gets a process group of its own, so that all that it starts can be ended with it.
    func processCredentials(_ command: String, _ profile: String) async -> Outcome {
        let source = "credential_process of profile \(profile)"
        let limit = connection.transport.timeouts.credentialProcess
        var environment: [Environment.Key: String] = [:]
        for (name, value) in configuration.environment {
            if let key = Environment.Key(rawValue: name) { environment[key] = value }
        }
        var platform = PlatformOptions()
        platform.processGroupID = 0
        platform.teardownSequence = [
            .send(signal: .kill, toProcessGroup: true, allowedDurationToNextStep: .zero)
        ]
        let shell = Configuration(
            executable: .path("/bin/sh"), arguments: ["-c", command], environment: .custom(environment),
            platformOptions: platform)
        return await .result { () async throws(AWSError) in
            let printed: [UInt8]
            do {
                // What it writes to standard error is dropped: it may tell a secret.
                printed = try await withDeadline(
                    limit,
                    timeout: AWSError(.transport(.timedOut), source, "it did not end in time")
                ) {
                    var loan: TerminalLoan?
                    defer { loan?.end() }
                    let result = try await run(
                        shell, input: .none, output: .bytes(limit: 256 << 10), error: .discarded
                    ) { loan = TerminalLoan(to: $0.processIdentifier.value) }
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
            return try unended(
                CredentialDocument.credentials(in: printed, source: source, version: 1), source)
        }
    }
}

/// The terminal's foreground, lent to a process group: without it, nobody of the group could ask a person for
/// anything.
private struct TerminalLoan {
    private let borrower: pid_t
    private let owner: pid_t

    /// Lends it, if this process has it.
    init?(to borrower: pid_t) {
        owner = getpgrp()
        self.borrower = borrower
        guard Self.pass(from: owner, to: borrower) else { return nil }
        // Whoever was quicker than the loan was stopped.
        kill(-borrower, SIGCONT)
    }

    /// Takes it back, unless somebody else has taken it.
    func end() { Self.pass(from: borrower, to: owner) }

    @discardableResult
    private static func pass(from owner: pid_t, to borrower: pid_t) -> Bool {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)
        guard terminal >= 0 else { return false }
        defer { close(terminal) }
        guard tcgetpgrp(terminal) == owner else { return false }
        // Who is not in the foreground is stopped by this signal when it changes who is.
        var signals = sigset_t()
        var before = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTTOU)
        pthread_sigmask(SIG_BLOCK, &signals, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        return tcsetpgrp(terminal, borrower) == 0
    }
}
