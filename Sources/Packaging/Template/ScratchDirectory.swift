import Glibc
import Synchronization
import SystemPackage

/// A private directory that is made when something is first laid into it: where no code changed, nothing is.
final class ScratchDirectory: Sendable {
    private let parent: FilePath
    private let made = Mutex<FilePath?>(nil)

    /// Names the directory in which it is to be; nothing is created.
    init(in parent: FilePath) {
        self.parent = parent
    }

    /// The path of a file in it that does not exist yet.
    ///
    /// - Throws: `unwritable`.
    func newFile(named suffix: String) throws(TemplateError) -> FilePath {
        let directory = try made.withLock { made throws(TemplateError) in
            if let made { return made }
            let path = try make()
            made = path
            return path
        }
        return directory.appending("\(UInt64.random(in: 0 ... .max))\(suffix)")
    }

    /// Removes it; whoever laid files into it has removed them before.
    func remove() {
        made.withLock { made in
            if let made { rmdir(made.string) }
            made = nil
        }
    }

    private func make() throws(TemplateError) -> FilePath {
        makeMissingDirectories(parent)
        do throws(Errno) {
            return try PrivateFile.makeDirectory(in: parent)
        } catch {
            throw TemplateError(
                .unwritable, parent.string, error.description, hint: "TMPDIR names another place")
        }
    }
}

/// Makes a directory and those above it where they are missing, for this user alone; what cannot be made stays missing.
func makeMissingDirectories(_ directory: FilePath) {
    var path = directory
    var missing: [FilePath] = []
    while access(path.string, F_OK) != 0, !path.components.isEmpty {
        missing.append(path)
        path.removeLastComponent()
    }
    for path in missing.reversed() { mkdir(path.string, 0o700) }
}
