import Subprocess
import SystemPackage

/// A server written in Python that lives as long as a closure runs.
///
/// The script must print `ready <port>` in a line of its own once it answers, and end when its standard input does:
/// so it also dies with a test process that was killed.
package func withPythonServer<R: Sendable>(
    _ script: String, arguments: [String] = [], _ body: @Sendable (Int) async throws -> R
) async throws -> R {
    let python = try PythonEnvironment()
    var options = PlatformOptions()
    options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
    let outcome = try await run(
        .path(python.interpreter), arguments: Arguments(["-u", "-c", script] + arguments),
        environment: .custom(["PATH": "/usr/bin:/bin"]), platformOptions: options, input: .inputWriter,
        output: .sequence, error: .discarded
    ) { execution -> Result<R, any Error> in
        do {
            for try await line in execution.standardOutput.strings() {
                let words = line.split(whereSeparator: \.isWhitespace)
                guard words.first == "ready", words.count == 2, let port = Int(words[1]) else { continue }
                let result = try await body(port)
                try await execution.standardInputWriter.finish()
                return .success(result)
            }
            throw PythonEnvironment.Failure(description: "the server ended before it was ready")
        } catch {
            await execution.teardown(using: [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))])
            return .failure(error)
        }
    }
    return try outcome.closureResult.get()
}
