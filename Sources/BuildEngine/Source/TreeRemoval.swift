import Glibc
import SystemPackage

/// Removes a directory tree that somebody else filled: without following links, and with a constant number of open
/// directories however deep it is.
enum TreeRemoval {
    /// Removes `path` and everything below it; a path that is not there is no error.
    ///
    /// Directories are moved to the top before they are emptied, so depth costs nothing.
    /// - Throws: ``RunnerFailure`` when something is left.
    static func remove(_ path: FilePath) throws(RunnerFailure) {
        let top = open(path.string, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard top >= 0 else {
            if errno == ENOENT { return }
            throw failure(path, errno)
        }
        defer { close(top) }
        var serial = 0
        while true {
            var isEmpty = true
            for name in try DirectoryNames.read(top, path.string) {
                isEmpty = false
                try empty(name, in: top, &serial, path)
            }
            if isEmpty { break }
        }
        guard rmdir(path.string) == 0 else { throw failure(path, errno) }
    }

    /// Removes one entry of the top directory; directories in it move up into the top directory.
    private static func empty(
        _ name: [CChar], in top: Int32, _ serial: inout Int, _ path: FilePath
    ) throws(RunnerFailure) {
        if unlinkat(top, name, 0) == 0 { return }
        guard errno == EISDIR else { throw failure(path, errno) }
        if unlinkat(top, name, AT_REMOVEDIR) == 0 { return }
        fchmodat(top, name, 0o700, 0)
        let directory = openat(top, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { throw failure(path, errno) }
        defer { close(directory) }
        for child in try DirectoryNames.read(directory, path.string) {
            if unlinkat(directory, child, 0) == 0 { continue }
            guard errno == EISDIR else { throw failure(path, errno) }
            if unlinkat(directory, child, AT_REMOVEDIR) == 0 { continue }
            fchmodat(directory, child, 0o700, 0)
            serial += 1
            guard renameat(directory, child, top, ".removing-\(serial)") == 0 else {
                throw failure(path, errno)
            }
        }
        guard unlinkat(top, name, AT_REMOVEDIR) == 0 else { throw failure(path, errno) }
    }

    private static func failure(_ path: FilePath, _ error: Int32) -> RunnerFailure {
        RunnerFailure("remove \(path)", Errno(rawValue: error).description)
    }
}
