import Glibc
import Subprocess
package import SystemPackage

/// A program that tests run as its users do: with arguments, an explicit environment, and everything it says kept.
package struct Program: Sendable {
    /// The executable.
    package let executable: FilePath

    /// How a program ended, and what it said.
    package struct Outcome: Sendable {
        /// The exit status; a signal's number below zero when a signal ended it.
        package let status: Int32
        /// All of standard output.
        package let standardOutput: String
        /// All of standard error.
        package let standardError: String
    }

    /// What a program is given.
    package struct Invocation: Sendable {
        /// The arguments, without the program's name.
        package var arguments: [String]
        /// The whole environment but for `PATH`, which is a plain one unless it is set here.
        package var environment: [String: String] = [:]
        /// The working directory; `/` without one.
        package var directory: FilePath = "/"
        /// Standard input.
        package var input: [UInt8] = []
        /// When the program is killed, and the test fails.
        package var limit: Duration = .seconds(300)

        /// An invocation with these arguments.
        package init(_ arguments: [String]) {
            self.arguments = arguments
        }
    }

    /// Names a program by the path of its executable.
    package init(_ executable: FilePath) {
        self.executable = executable
    }

    /// Runs the program to its end.
    package func run(_ invocation: Invocation) async throws -> Outcome {
        try await start(invocation) { _ in }
    }

    /// Input that a program does not read before it ends stops all tests: give it to none that may not read it.
    ///
    /// With a handler swift-subprocess stops them and names the place, where the signal would end them without a word;
    /// one that is ignored would be inherited.
    private static let namesUnreadInput: Void = { signal(SIGPIPE) { _ in } }()

    /// Starts the program, hands it to `body` while it runs, and waits for its end.
    ///
    /// - Throws: what `body` throws; a failure with all that was said when the time limit is over.
    package func start(
        _ invocation: Invocation, _ body: @escaping @Sendable (RunningProgram) async throws -> Void
    ) async throws -> Outcome {
        Self.namesUnreadInput
        let output = CollectedOutput()
        let errors = CollectedOutput()
        let result = try await Subprocess.run(
            .path(executable), arguments: Arguments(invocation.arguments),
            environment: .custom(Self.variables(invocation.environment)),
            workingDirectory: invocation.directory,
            input: .array(invocation.input), output: .sequence, error: .sequence
        ) { execution -> Result<Void, any Error> in
            let running = RunningProgram(
                processIdentifier: execution.processIdentifier.value, output: output, errors: errors)
            async let outputEnd: Void = output.collect(execution.standardOutput)
            async let errorsEnd: Void = errors.collect(execution.standardError)
            let outcome = await Self.withinLimit(invocation.limit, running, body) {
                await output.waitUntilEnd()
                await errors.waitUntilEnd()
            }
            _ = await (outputEnd, errorsEnd)
            return outcome
        }
        let outcome = Outcome(
            status: Self.status(result.terminationStatus), standardOutput: await output.text,
            standardError: await errors.text)
        do {
            try result.closureResult.get()
        } catch {
            throw Failure(description: "\(invocation.arguments): \(error)\n\(outcome)")
        }
        return outcome
    }

    /// Why a program could not be run to its end.
    package struct Failure: Error, CustomStringConvertible {
        /// All that is known.
        package let description: String

        /// Makes a failure.
        package init(description: String) {
            self.description = description
        }
    }

    private static func withinLimit(
        _ limit: Duration, _ running: RunningProgram,
        _ body: @escaping @Sendable (RunningProgram) async throws -> Void,
        end: @escaping @Sendable () async -> Void
    ) async -> Result<Void, any Error> {
        await withTaskGroup(of: Result<Void, any Error>.self) { group in
            group.addTask {
                do {
                    try await body(running)
                    await end()
                    return .success(())
                } catch {
                    running.send(SIGKILL)
                    return .failure(error)
                }
            }
            group.addTask {
                do {
                    try await Task.sleep(for: limit)
                    running.send(SIGKILL)
                    return .failure(Failure(description: "still running after \(limit)"))
                } catch {
                    return .success(())
                }
            }
            let first = await group.next() ?? .success(())
            group.cancelAll()
            return first
        }
    }

    private static func variables(_ environment: [String: String]) -> [Environment.Key: String] {
        var variables: [Environment.Key: String] = [
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
        ]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        return variables
    }

    private static func status(_ status: TerminationStatus) -> Int32 {
        switch status {
        case .exited(let code): code
        case .signaled(let signal): -signal
        }
    }
}

/// A program that is running.
package struct RunningProgram: Sendable {
    /// Its process id.
    package let processIdentifier: Int32
    /// What it says on standard output.
    package let output: CollectedOutput
    /// What it says on standard error.
    package let errors: CollectedOutput

    /// Sends it a signal.
    package func send(_ signal: Int32) {
        kill(processIdentifier, signal)
    }
}
