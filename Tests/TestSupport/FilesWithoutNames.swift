import Glibc
import SystemPackage
package import Testing

extension Trait where Self == ConditionTrait {
    /// Only where the file system of `/tmp` has files without names (O_TMPFILE): the overlay of a container has them
    /// from Linux 6.3 on.
    package static var filesWithoutNames: ConditionTrait {
        .enabled("the file system of /tmp has no files without names (O_TMPFILE)") {
            let options = FileDescriptor.OpenOptions(rawValue: 0o20_000_000 | O_DIRECTORY | O_CLOEXEC)
            guard
                let file = try? FileDescriptor.open(
                    "/tmp", .readWrite, options: options, permissions: .ownerReadWrite)
            else { return false }
            try file.close()
            return true
        }
    }
}
