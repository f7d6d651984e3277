/// What a zip says of an entry twice: in the directory, and before the content (APPNOTE, sections 4.3.7 and 4.3.12).
struct ZipFacts {
    private let method: UInt64
    private let flags: UInt64
    private let crc: UInt64
    /// Bytes, from the 64-bit numbers where these have them.
    private let packed: UInt64
    private let size: UInt64
    /// The file type of Unix; 0 when the archive does not tell.
    private let kind: UInt64

    /// Reads the fixed part of a directory's record, whose sizes are known already.
    init(central header: [UInt8], packed: UInt64, size: UInt64) {
        self.packed = packed
        self.size = size
        flags = header.number(at: 8, bytes: 2)
        method = header.number(at: 10, bytes: 2)
        crc = header.number(at: 16, bytes: 4)
        // Unix and macOS put the mode into the upper half of the external attributes.
        kind = header[5] == 3 || header[5] == 19 ? header.number(at: 40, bytes: 2) & 0o170000 : 0
    }

    /// Why an entry of this name is nothing for us.
    func refusal(named name: [UInt8]) -> String? {
        let isDirectory = name.last == UInt8(ascii: "/") || kind == 0o040000
        if isDirectory, size > 0 { return "it is a directory with a content" }
        switch kind {
        case 0, 0o100000, 0o120000, 0o040000: return nil
        default: return "it is a device, a FIFO or of an unknown kind"
        }
    }

    /// What the record before the content says otherwise.
    ///
    /// - Parameters:
    ///   - header: its fixed part.
    ///   - extra: its extra data.
    /// - Returns: what differs; nil when nothing does.
    func difference(fromLocal header: [UInt8], extra: [UInt8]) -> String? {
        if header.number(at: 8, bytes: 2) != method { return "methods of compression" }
        let localFlags = header.number(at: 6, bytes: 2)
        if localFlags & 1 != flags & 1 { return "ideas of encryption" }
        let numbers = [14, 18, 22].map { header.number(at: $0, bytes: 4) }
        // With bit 3 the numbers follow the content; some writers leave them out without telling.
        if localFlags & 1 << 3 != 0 || numbers.allSatisfy({ $0 == 0 }) { return nil }
        if numbers[0] != crc { return "checksums" }
        guard var wide = extra.zip64Numbers?[...] else { return "sizes" }
        // One header may have 64-bit numbers where the other needs none.
        let localSize = numbers[2] == ZipRecord.limit32 ? wide.popFirst() ?? numbers[2] : numbers[2]
        let localPacked = numbers[1] == ZipRecord.limit32 ? wide.popFirst() ?? numbers[1] : numbers[1]
        return localSize == size && localPacked == packed ? nil : "sizes"
    }
}

extension [UInt8] {
    /// The 64-bit numbers of a record's extra data (APPNOTE, section 4.5.3), which come in the order of the fields that
    /// they stand for; nil when the data is cut short, or has such numbers twice.
    var zip64Numbers: [UInt64]? {
        var position = 0
        var numbers: [UInt64]?
        while position + 4 <= count {
            let length = Int(number(at: position + 2, bytes: 2))
            let start = position + 4
            guard start + length <= count else { return nil }
            if number(at: position, bytes: 2) == 1 {
                guard numbers == nil else { return nil }
                numbers = stride(from: start, to: start + length - length % 8, by: 8).map {
                    number(at: $0, bytes: 8)
                }
            }
            position = start + length
        }
        return numbers ?? []
    }
}
