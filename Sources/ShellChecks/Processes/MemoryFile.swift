import CLinuxCalls
import Glibc
import SystemPackage

/// A file without a name, for programs that read it from standard input and may seek in it.
struct MemoryFile: ~Copyable {
    let descriptor: Int32

    /// Makes a file with these bytes.
    init(_ bytes: [UInt8]) throws(Errno) {
        let file = buildspec_memory_file("commands")
        guard file >= 0 else { throw Errno(rawValue: errno) }
        guard Self.write(bytes, to: file) else {
            let reason = Errno(rawValue: errno)
            close(file)
            throw reason
        }
        descriptor = file
    }

    private static func write(_ bytes: [UInt8], to file: Int32) -> Bool {
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    /// Sets where the next reader begins.
    func rewind(to offset: Int) throws(Errno) {
        guard lseek(descriptor, off_t(offset), SEEK_SET) >= 0 else { throw Errno(rawValue: errno) }
    }

    deinit {
        close(descriptor)
    }
}
