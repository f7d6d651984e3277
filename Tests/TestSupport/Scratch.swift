import Foundation
package import SystemPackage

/// A private directory that is gone when its owner is, and shell commands run in it.
package final class Scratch: Sendable {
    /// Its absolute path.
    package let path: FilePath

    /// Makes the directory.
    package init() throws {
        var template = Array("/tmp/buildspec-test.XXXXXX".utf8CString)
        let made = template.withUnsafeMutableBufferPointer {
            $0.baseAddress.map { mkdtemp($0) != nil } ?? false
        }
        guard made else { throw Errno(rawValue: errno) }
        path = FilePath(String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self))
    }

    deinit {
        _ = try? sh("chmod -R u+rwX . 2>/dev/null; rm -rf \"$PWD\"")
    }

    /// Runs a shell script in the directory; its output.
    ///
    /// Fails when the script does.
    @discardableResult
    package func sh(_ script: String) throws -> String {
        let (status, output) = try run("/bin/sh", ["-euc", script])
        guard status == 0 else { throw ToolFailure(command: script, status: status, output: output) }
        return output
    }

    /// Runs python3; its output.
    @discardableResult
    package func python(_ program: String) throws -> String {
        let (status, output) = try run("/usr/bin/env", ["python3", "-c", program])
        guard status == 0 else { throw ToolFailure(command: program, status: status, output: output) }
        return output
    }

    /// Runs a program in the directory; its status and output.
    package func run(_ tool: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: tool)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: path.string)
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: output, as: UTF8.self))
    }
}

/// A program that a test relies on failed.
package struct ToolFailure: Error, CustomStringConvertible {
    /// What was run.
    package let command: String
    /// How it ended.
    package let status: Int32
    /// What it said.
    package let output: String
    /// All of it.
    package var description: String { "\(command): status \(status)\n\(output)" }
}
