import BuildEngine
import Packaging
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
        let path: FilePath
        do throws(Errno) {
            path = try PrivateFile.makeDirectory(in: parent)
        } catch {
            throw CommandFailure(.runner, "\(parent): \(error.description)")
        }
        defer { BuildFiles.removeQuietly(path) }
        return try await body(path)
    }
}
