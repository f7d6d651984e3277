/// What a zip says of an entry twice: in the directory, and before the content (APPNOTE, sections 4.3.7 and 4.3.12).
struct ZipFacts {
    private let method: UInt64
    private let flags: UInt64
    private let crc: UInt64
    private let packed: UInt64
    private let size: UInt64
    /// The file type of Unix; 0 when the archive does not tell.
    private let kind: UInt64

    /// Reads the fixed part of a directory's record.
    init(central header: [UInt8]) {
        flags = header.number(at: 8, bytes: 2)
        method = header.number(at: 10, bytes: 2)
        crc = header.number(at: 16, bytes: 4)
        packed = header.number(at: 20, bytes: 4)
        size = header.number(at: 24, bytes: 4)
        // Unix and macOS put the mode into the upper half of the external attributes.
        kind = header[5] == 3 || header[5] == 19 ? header.number(at: 40, bytes: 2) & 0o170000 : 0
    }

    /// Why an entry of this name is nothing for us.
    func refusal(named name: [UInt8]) -> String? {
        let isDirectory = name.last == UInt8(ascii: "/") || kind == 0o040000
        if isDirectory, size > 0, size < 0xFFFF_FFFF { return "it is a directory with a content" }
        switch kind {
        case 0, 0o100000, 0o120000, 0o040000: return nil
        default: return "it is a device, a FIFO or of an unknown kind"
        }
    }

    /// What the record before the content says otherwise.
    func difference(fromLocal header: [UInt8]) -> String? {
        if header.number(at: 8, bytes: 2) != method { return "methods of compression" }
        let localFlags = header.number(at: 6, bytes: 2)
        if localFlags & 1 != flags & 1 { return "ideas of encryption" }
        // With bit 3 the numbers follow the content; some writers leave them out without telling.
        let numbers = [(14, crc), (18, packed), (22, size)].map { place, value in
            (local: header.number(at: place, bytes: 4), central: value)
        }
        if localFlags & 1 << 3 != 0 || numbers.allSatisfy({ $0.local == 0 }) { return nil }
        for (name, number) in zip(["checksums", "sizes", "sizes"], numbers)
        where number.local != number.central {
            // 64-bit numbers stand elsewhere, and one header may have them where the other needs none.
            if name == "sizes", number.local == 0xFFFF_FFFF || number.central == 0xFFFF_FFFF { continue }
            return name
        }
        return nil
    }
}
