import Glibc
import SystemPackage

/// A file in the making: private, next to its destination, and visible under its name only when it is complete.
struct PrivateOutput {
    let descriptor: FileDescriptor
    private let temporary: FilePath
    private let destination: FilePath

    /// Creates the temporary file with mode 0600 in the destination's directory.
    init(for destination: FilePath) throws(EnvelopeError) {
        guard let name = destination.lastComponent, name.kind == .regular else {
            throw EnvelopeError(.inputOutput, "is no name of a file", path: destination)
        }
        // Taking the name of /dev/null would take it away from everybody.
        var status = stat()
        if stat(destination.string, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) {
            throw EnvelopeError(.inputOutput, "is a device, pipe or socket; name a file", path: destination)
        }
        let directory = destination.removingLastComponent()
        var generator = SystemRandomNumberGenerator()
        let random = String(generator.next(), radix: 36)
        // Not derived from the destination's name, which may already be as long as names can be.
        let temporary = (directory.isEmpty ? "." : directory).appending(".buildspec-\(random).partial")
        do {
            descriptor = try FileDescriptor.open(
                temporary, .writeOnly, options: [.create, .exclusiveCreate, .noFollow, .closeOnExec],
                permissions: .ownerReadWrite)
        } catch {
            throw EnvelopeError.inputOutput("cannot create a file in \(directory)", error).about(destination)
        }
        self.temporary = temporary
        self.destination = destination
    }

    /// Gives the file its permissions and its name, in place of what had the name.
    ///
    /// A link is replaced, not followed.
    func commit(permissions: FilePermissions) throws(EnvelopeError) {
        try finish(permissions) { rename($0, $1) }
    }

    /// Gives the file its name unless something else has it.
    func commitAsNew(permissions: FilePermissions) throws(EnvelopeError) {
        try finish(permissions) { link($0, $1) }
        unlink(temporary.string)
    }

    /// Removes everything.
    ///
    /// Best effort: the failure that led here matters more.
    func discard() {
        ftruncate(descriptor.rawValue, 0)
        try? descriptor.close()
        unlink(temporary.string)
    }

    private func finish(
        _ permissions: FilePermissions, _ name: (UnsafePointer<CChar>, UnsafePointer<CChar>) -> CInt
    ) throws(EnvelopeError) {
        let failed =
            fchmod(descriptor.rawValue, permissions.rawValue) != 0 || fsync(descriptor.rawValue) != 0
            || name(temporary.string, destination.string) != 0
        if failed {
            let error = Errno(rawValue: errno)
            discard()
            throw EnvelopeError.inputOutput("cannot put the file in place", error).about(destination)
        }
        try? descriptor.close()
    }
}
