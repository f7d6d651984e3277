import Glibc
import SystemPackage

/// A file that has no name until it is complete.
struct TemporaryFile {
    let descriptor: FileDescriptor
    /// The name it has in the meantime, where it needs one.
    private let name: FilePath
    private let isNamed: Bool
    /// O_TMPFILE of open(2), which the Glibc module does not show.
    private static let withoutName = 0o20_000_000 | O_DIRECTORY

    /// Opens one in a target's directory.
    ///
    /// - Throws: `unwritable`.
    init(besides target: FilePath, name: String) throws(PackagingError) {
        let parent = target.removingLastComponent()
        let directory: FilePath = parent.isEmpty ? "." : parent
        let suffix = String(UInt64.random(in: 0 ... .max), radix: 36)
        self.name = directory.appending(".\(name.prefix(64)).\(suffix)")
        // The user's mask takes from it.
        let permissions = FilePermissions(rawValue: 0o666)
        let unnamed = FileDescriptor.OpenOptions(rawValue: Self.withoutName | O_CLOEXEC)
        // By this path it gets its name in the end.
        if access("/proc/self/fd", X_OK) == 0,
            let file = try? FileDescriptor.open(
                directory, .readWrite, options: unnamed, permissions: permissions)
        {
            (descriptor, isNamed) = (file, false)
            return
        }
        do {
            descriptor = try FileDescriptor.open(
                self.name, .readWrite, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: permissions)
            isNamed = true
        } catch {
            throw PrivateFile.failure(target, error as? Errno)
        }
    }

    /// Gives the file the target's name, of which whatever had it is rid.
    ///
    /// - Throws: `unwritable`.
    func take(nameOf target: FilePath) throws(PackagingError) {
        if !isNamed {
            // Only a name that is free can be given; the target's is taken over from there, at once.
            let linked = name.withPlatformString { name in
                linkat(AT_FDCWD, "/proc/self/fd/\(descriptor.rawValue)", AT_FDCWD, name, AT_SYMLINK_FOLLOW)
            }
            guard linked == 0 else { throw PrivateFile.failure(target, Errno(rawValue: errno)) }
        }
        let renamed = name.withPlatformString { old in target.withPlatformString { rename(old, $0) } }
        guard renamed == 0 else {
            let reason = Errno(rawValue: errno)
            name.withPlatformString { _ = unlink($0) }
            throw PrivateFile.failure(target, reason)
        }
    }

    /// Lets go of the file; one that has not taken the target's name is gone.
    func close() {
        try? descriptor.close()
        if isNamed { name.withPlatformString { _ = unlink($0) } }
    }
}
