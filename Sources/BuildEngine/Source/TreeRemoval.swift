import Glibc
import SystemPackage

/// Removes a directory tree that somebody else filled: without following links, and with a constant number of open
/// directories however deep it is.
enum TreeRemoval {
    /// How far down directories are emptied where they are.
    private static let deepest = 64

    /// Removes `path` and everything below it; a path that is not there is no error.
    ///
    /// Directories far down are moved to the top before they are emptied, so depth needs no descriptors.
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
                try empty(name, in: top, top: top, &serial, path)
            }
            if isEmpty { break }
        }
        guard rmdir(path.string) == 0 else { throw failure(path, errno) }
    }

    /// Removes one entry of a directory; directories in it that are too deep move up into the top directory.
    private static func empty(
        _ name: [CChar], in parent: Int32, depth: Int = 0, top: Int32, _ serial: inout Int, _ path: FilePath
    ) throws(RunnerFailure) {
        if unlinkat(parent, name, 0) == 0 { return }
        guard errno == EISDIR else { throw failure(path, errno) }
        if unlinkat(parent, name, AT_REMOVEDIR) == 0 { return }
        var status = stat()
        if fstatat(parent, name, &status, AT_SYMLINK_NOFOLLOW) == 0, status.st_mode & 0o700 != 0o700 {
            fchmodat(parent, name, 0o700, 0)
        }
        guard depth < deepest else {
            repeat {
                serial += 1
                if renameat(parent, name, top, ".removing-\(serial)") == 0 { return }
            } while errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
            throw failure(path, errno)
        }
        let directory = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard directory >= 0 else { throw failure(path, errno) }
        defer { close(directory) }
        for child in try DirectoryNames.read(directory, path.string) {
            try empty(child, in: directory, depth: depth + 1, top: top, &serial, path)
        }
        guard unlinkat(parent, name, AT_REMOVEDIR) == 0 else { throw failure(path, errno) }
    }

    private static func failure(_ path: FilePath, _ error: Int32) -> RunnerFailure {
        RunnerFailure("remove \(path)", Errno(rawValue: error).description)
    }
}
