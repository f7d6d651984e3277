import BuildEngine
import Glibc
import Packaging
import SystemPackage

/// A directory that only this user can enter, for as long as a body runs.
enum PrivateDirectory {
    /// Makes one beside `target`, so that renaming into place works, and removes it with all its content.
    ///
    /// Parents of `target` that are missing are made; when `body` throws, they are removed again.
    /// - Throws: ``CommandFailure`` when it cannot be made, and what `body` throws.
    static func with<Result>(
        beside target: FilePath, _ body: (FilePath) async throws(CommandFailure) -> Result
    ) async throws(CommandFailure) -> Result {
        let parent = target.removingLastComponent()
        let missing = missingDirectories(upTo: parent)
        do throws(CommandFailure) {
            do throws(RunnerFailure) {
                try BuildFiles.makeDirectories(parent)
            } catch {
                throw CommandFailure(.runner, error.description, hint: error.hint)
            }
            return try await with(in: parent, body)
        } catch {
            // Those that hold something meanwhile stay.
            for directory in missing { rmdir(directory.string) }
            throw error
        }
    }

    /// The directories that making `path` would make, innermost first.
    private static func missingDirectories(upTo path: FilePath) -> [FilePath] {
        var missing: [FilePath] = []
        var path = path
        while !path.isEmpty, access(path.string, F_OK) != 0, errno == ENOENT {
            missing.append(path)
            guard path.removeLastComponent() else { break }
        }
        return missing
    }

    private static func with<Result>(
        in parent: FilePath, _ body: (FilePath) async throws(CommandFailure) -> Result
    ) async throws(CommandFailure) -> Result {
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
