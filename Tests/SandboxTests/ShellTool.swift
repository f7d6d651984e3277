import Subprocess
import SystemPackage

/// Runs a script with a real shell; its standard output and error.
func runShell(_ shell: String, _ script: String) async throws -> (output: [UInt8], isSuccess: Bool) {
    let result = try await Subprocess.run(
        .name(shell), arguments: ["-c", script], output: .bytes(limit: 1 << 20), error: .combinedWithOutput)
    return (result.standardOutput, result.terminationStatus.isSuccess)
}
