import Glibc
import SystemPackage

/// How a file is compressed as a whole, by what it begins with.
enum Compression: String {
    case gzip
    case xz
    case bzip2
    case zstd

    /// Looks at a file from `offset` on; nil when it is compressed by nothing that we know.
    init?(of file: FileDescriptor, at offset: Int64) {
        var head = [UInt8](repeating: 0, count: 6)
        let count = head.withUnsafeMutableBytes {
            pread(file.rawValue, $0.baseAddress, $0.count, off_t(offset))
        }
        head.removeLast(head.count - max(count, 0))
        // A zstd stream may begin with a frame that is to be skipped (RFC 8878, section 3.1.2).
        let isSkippable =
            head.first.map { $0 & 0xF0 == 0x50 } == true && head.dropFirst().starts(with: [0x2A, 0x4D, 0x18])
        let known: [(Compression, [UInt8])] = [
            (.gzip, [0x1F, 0x8B]), (.xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0]), (.bzip2, [0x42, 0x5A, 0x68]),
            (.zstd, [0x28, 0xB5, 0x2F, 0xFD]),
        ]
        guard let found = known.first(where: { head.starts(with: $0.1) })?.0 ?? (isSkippable ? .zstd : nil)
        else { return nil }
        self = found
    }
}
