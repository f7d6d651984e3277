import Buildspec
import CLinuxCalls
import Glibc
import SystemPackage

/// Reads a file to be checked: all of it, or just enough to know that it is too large.
enum ValidatedText {
    /// What can be read of a file.
    ///
    /// - Returns: the text; nil when it is longer than a buildspec can be.
    /// - Throws: ``CommandFailure`` with status `usage` when the file cannot be read.
    static func read(_ name: String, _ environment: RunnerEnvironment) throws(CommandFailure) -> [UInt8]? {
        do {
            guard name != "-" else { return try read(.standardInput) }
            let file = try FileDescriptor.open(environment.absolute(name), .readOnly, options: .closeOnExec)
            defer { try? file.close() }
            return try read(file)
        } catch let error as Errno {
            throw .usage("validate \(name == "-" ? "-: standard input" : name): \(error.description)")
        } catch {
            throw .usage("validate \(name): \(error)")
        }
    }

    private static func read(_ file: FileDescriptor) throws -> [UInt8]? {
        let limit = CheckedBuildspec.longestText
        var status = stat()
        let size = fstat(file.rawValue, &status) == 0 ? Int(status.st_size) : 0
        guard size <= limit else { return nil }
        var text: [UInt8] = []
        // Room that is not written to costs nothing; growing would hold the text twice.
        text.reserveCapacity(size > 0 ? size + 1 : limit + chunk)
        while text.count <= limit {
            let count = try withUnsafeTemporaryAllocation(byteCount: chunk, alignment: 1) { buffer in
                let count = try file.read(into: buffer)
                text.append(contentsOf: UnsafeRawBufferPointer(rebasing: buffer[..<count]))
                return count
            }
            if count == 0 { return text }
        }
        return nil
    }

    private static let chunk = 1 << 16
}
