import FoundationEssentials
import Subprocess
package import SystemPackage

/// The Python of the project's own test environment, `.cache/venv`, which has moto, boto3 and the AWS CLI.
package struct PythonEnvironment: Sendable {
    /// The interpreter.
    package let interpreter: FilePath

    /// Why Python could not help.
    package struct Failure: Error, CustomStringConvertible {
        /// All that is known.
        package let description: String

        /// A failure in words.
        package init(description: String) {
            self.description = description
        }
    }

    /// Finds the environment.
    ///
    /// - Throws: `Failure` when nobody has run `make setup` yet.
    package init() throws {
        let root = FilePath(#filePath).removingLastComponent().removingLastComponent().removingLastComponent()
        interpreter = root.appending(".cache/venv/bin/python")
        guard FileManager.default.isExecutableFile(atPath: interpreter.string) else {
            throw Failure(description: "\(interpreter) is missing: run `make setup` first")
        }
    }

    /// A tool that is installed beside the interpreter, such as `aws`.
    package func tool(_ name: String) -> FilePath {
        interpreter.removingLastComponent().appending(name)
    }

    /// Runs a script to its end and returns what it printed.
    ///
    /// - Parameters:
    ///   - script: Python source.
    ///   - arguments: `sys.argv[1:]`.
    ///   - environment: the whole environment, besides `PATH`.
    ///   - input: what the script reads from standard input.
    /// - Returns: its standard output.
    /// - Throws: `Failure` with its standard error when it fails.
    package func run(
        _ script: String, arguments: [String] = [], environment: [String: String] = [:], input: String = ""
    ) async throws -> String {
        var variables: [Environment.Key: String] = ["PATH": "/usr/bin:/bin"]
        for (name, value) in environment {
            if let key = Environment.Key(rawValue: name) { variables[key] = value }
        }
        let result = try await Subprocess.run(
            .path(interpreter), arguments: Arguments(["-c", script] + arguments),
            environment: .custom(variables),
            input: .string(input), output: .string(limit: 64 << 20), error: .string(limit: 1 << 20))
        guard result.terminationStatus.isSuccess else {
            throw Failure(description: "\(result.terminationStatus)\n\(result.standardError)")
        }
        return result.standardOutput
    }
}
