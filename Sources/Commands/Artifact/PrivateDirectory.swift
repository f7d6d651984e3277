import BuildEngine
import Glibc
import SystemPackage

/// A directory that only this user can enter, for as long as a body runs.
enum PrivateDirectory {
    /// Makes one beside `target`, so that renaming into place works, and removes it with all its content.
    /// - Throws: ``CommandFailure`` when it cannot be made, and what `body` throws.
    static func with<Result>(
        beside target: FilePath, _ body: (FilePath) async throws(CommandFailure) -> Result
    ) async throws(CommandFailure) -> Result {
        let parent = target.removingLastComponent()
        do throws(RunnerFailure) {
            try BuildFiles.makeDirectories(parent)
        } catch {
            throw CommandFailure(.runner, error.description, hint: error.hint)
        }
        var template = Array(parent.appending(".buildspec-XXXXXX").string.utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(.runner, "\(parent): \(Errno(rawValue: errno).description)")
        }
        let path = FilePath(
            String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self))
        defer { BuildFiles.removeQuietly(path) }
        return try await body(path)
    }
}
