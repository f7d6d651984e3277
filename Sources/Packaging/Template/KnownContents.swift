import Archiving

/// What a ``CodeMemory`` knows of the files of a directory, asked for in the order of their names.
///
/// Each record is the length of the name (2 bytes), the name, six numbers (8 bytes each) and the digest (32 bytes), lowest
/// byte first. They are read where they lie; of broken ones nothing is known.
struct KnownContents {
    private struct Record {
        let name: EntryName
        let status: FileStatus
        let digest: ContentHash
    }

    /// Whether nothing is known at all.
    let isEmpty: Bool
    private let bytes: ArraySlice<UInt8>
    /// From where the bytes begin.
    private var position = 0
    private var current: Record?
    private var hasSkipped = false

    private static let numbersLength = 6 * 8

    /// Knows nothing.
    init() {
        self.init([])
    }

    /// Reads records.
    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        isEmpty = bytes.isEmpty
        current = next()
    }

    /// Whether it knows files that were not asked for.
    var hasMore: Bool { hasSkipped || current != nil }

    /// The digest of a file's content, valid while its status is the same; names have to ascend.
    mutating func digest(of name: EntryName, _ status: FileStatus) -> ContentHash? {
        while let record = current, record.name < name {
            hasSkipped = true
            current = next()
        }
        guard let record = current, record.name == name else { return nil }
        current = next()
        return record.status == status ? record.digest : nil
    }

    private mutating func next() -> Record? {
        bytes.withUnsafeBytes { bytes in
            guard position + 2 <= bytes.count else { return nil }
            let start = position + 2
            let length = Int(
                UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self)))
            let digest = start + length + Self.numbersLength
            let end = digest + ContentHash.length
            guard end <= bytes.count,
                let hash = ContentHash(UnsafeRawBufferPointer(rebasing: bytes[digest..<end]))
            else { return nil }
            position = end
            func number(_ index: Int) -> UInt64 {
                UInt64(
                    littleEndian: bytes.loadUnaligned(
                        fromByteOffset: start + length + index * 8, as: UInt64.self))
            }
            return Record(
                name: EntryName(bytes: Array(bytes[start..<(start + length)])),
                status: FileStatus(
                    device: number(0), inode: number(1), mode: number(2), size: number(3),
                    modified: number(4), changed: number(5)), digest: hash)
        }
    }

    /// Appends a record.
    static func append(name: [UInt8], status: FileStatus, digest: ContentHash, to bytes: inout [UInt8]) {
        guard name.count <= Int(UInt16.max) else { return }
        bytes.append(littleEndian: UInt16(name.count))
        bytes += name
        let numbers = [
            status.device, status.inode, status.mode, status.size, status.modified, status.changed,
        ]
        for number in numbers { bytes.append(littleEndian: number) }
        digest.withUnsafeBytes { bytes.append(contentsOf: $0) }
    }
}
