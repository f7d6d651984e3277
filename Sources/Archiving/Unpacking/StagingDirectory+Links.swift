import CLinuxCalls
import Glibc
import SystemPackage

extension StagingDirectory {
    /// Links to a file that the archive held.
    func makeHardLink(_ path: EntryPath, to target: EntryPath) throws(ArchivingError) {
        let (parent, name) = try place(of: path)
        // There are no symbolic links yet, so the target's path cannot lead elsewhere.
        let made = withPath(target.bytes) { old in
            withPath(name) { linkat(descriptor.rawValue, old, parent.rawValue, $0, 0) }
        }
        guard made != 0 else { return }
        let failure = Errno(rawValue: errno)
        let isWrong = [.noSuchFileOrDirectory, .notPermitted, .notDirectory, .invalidArgument].contains(
            failure)
        guard !isWrong else {
            throw ArchivingError(
                .unsafeArchive, printable(path.bytes),
                "it is a hard link to \(printable(target.bytes)), which is no file here")
        }
        throw refusal(path, failure)
    }

    /// Makes a symbolic link.
    func makeLink(_ path: EntryPath, to target: [UInt8], modified: Int64?) throws(ArchivingError) {
        let (parent, name) = try place(of: path)
        let made = withPath(target) { text in withPath(name) { symlinkat(text, parent.rawValue, $0) } }
        guard made == 0 else { throw refusal(path, Errno(rawValue: errno)) }
        guard let modified else { return }
        var times = [
            timespec(tv_sec: Int(modified), tv_nsec: 0), timespec(tv_sec: Int(modified), tv_nsec: 0),
        ]
        _ = withPath(name) { utimensat(parent.rawValue, $0, &times, AT_SYMLINK_NOFOLLOW) }
    }

    /// Refuses a link that, with all others in place, leads out; also one that could do so once a missing
    /// name exists.
    func checkLink(_ path: EntryPath, target: [UInt8]) throws(ArchivingError) {
        let resolve = buildspec_resolve_beneath | buildspec_resolve_no_magiclinks
        switch open(path.bytes, in: descriptor, openPathOnly, resolve: resolve) {
        case .success(let opened): try? opened.close()
        case .failure(let errno):
            guard errno == .improperLink || EntryPath.turnsBack(target) else { return }
            throw ArchivingError(
                .unsafeArchive, printable(path.bytes),
                "it is a link that leads, or could lead, out of the archive")
        }
    }
}
