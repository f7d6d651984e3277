import Glibc
package import SystemPackage

/// Files that other programs see whole or not at all.
package enum AtomicFile {
    /// Writes a file that only its owner may read, under another name first.
    /// - Throws: ``RunnerFailure`` when it cannot be written; an older file is left as it was then.
    package static func write(_ content: [UInt8], to path: FilePath) throws(RunnerFailure) {
        // Taking the name of /dev/null would take it away from everybody.
        var status = stat()
        if stat(path.string, &status) == 0, [S_IFCHR, S_IFBLK].contains(status.st_mode & S_IFMT) {
            throw RunnerFailure("write \(path)", "it is a device; name a file")
        }
        let temporary = FilePath("\(path).\(getpid()).partial")
        do {
            let file = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .truncate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
            defer { try? file.close() }
            _ = try file.writeAll(content)
        } catch let error as Errno {
            unlink(temporary.string)
            throw RunnerFailure("write \(path)", error, at: path)
        } catch {
            unlink(temporary.string)
            throw RunnerFailure("write \(path)", "\(error)")
        }
        guard rename(temporary.string, path.string) == 0 else {
            let error = Errno(rawValue: errno)
            unlink(temporary.string)
            throw RunnerFailure("write \(path)", error.description)
        }
    }
}
