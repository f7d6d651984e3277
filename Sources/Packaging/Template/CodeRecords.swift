import Archiving

/// Keys and what is known for them, as a part of a ``CodeMemory``'s file.
///
/// Each record is the lengths of the key (4 bytes) and of the value (8 bytes), lowest byte first, the key, and the value;
/// an empty key ends them. Values stay where they were read.
struct CodeRecords {
    private struct Record {
        let value: ArraySlice<UInt8>
        /// Whether this run asked for it, or brought it.
        var isUsed: Bool
    }

    private var records: [[UInt8]: Record] = [:]
    /// The keys that were read, the newest first.
    private var known: [[UInt8]] = []
    /// The keys that were used, the newest last.
    private var used: [[UInt8]] = []

    private static let headLength = 4 + 8

    /// The value for a key, which is used from now on.
    mutating func use(_ key: [UInt8]) -> ArraySlice<UInt8>? {
        guard let record = records[key] else { return nil }
        if !record.isUsed {
            records[key]?.isUsed = true
            used.append(key)
        }
        return record.value
    }

    /// Takes a new value for a key.
    mutating func put(_ value: ArraySlice<UInt8>, for key: [UInt8]) {
        if records[key]?.isUsed != true { used.append(key) }
        records[key] = Record(value: value, isUsed: true)
    }

    /// Reads records; broken ones, and those behind them, are left out.
    ///
    /// - Returns: where they end.
    mutating func read(_ bytes: ArraySlice<UInt8>) -> Int {
        var position = bytes.startIndex
        while bytes.endIndex - position >= Self.headLength {
            let keyLength = Int(clamping: Self.number(bytes[position..<(position + 4)]))
            let length = Int(
                clamping: Self.number(bytes[(position + 4)..<(position + Self.headLength)]))
            position += Self.headLength
            guard keyLength > 0, keyLength <= bytes.endIndex - position,
                length <= bytes.endIndex - position - keyLength
            else { return position }
            let key = Array(bytes[position..<(position + keyLength)])
            position += keyLength
            let record = Record(value: bytes[position..<(position + length)], isUsed: false)
            if records.updateValue(record, forKey: key) == nil { known.append(key) }
            position += length
        }
        return bytes.endIndex
    }

    /// Writes what was used, and of the rest the newest, up to so many bytes.
    func write(to bytes: inout [UInt8], most: Int) {
        for key in used.reversed() {
            if let record = records[key] { Self.append(key, record.value, to: &bytes) }
        }
        var rest = most
        for key in known {
            guard let record = records[key], !record.isUsed else { continue }
            rest -= Self.headLength + key.count + record.value.count
            guard rest >= 0 else { break }
            Self.append(key, record.value, to: &bytes)
        }
        Self.append([], [], to: &bytes)
    }

    private static func append(_ key: [UInt8], _ value: ArraySlice<UInt8>, to bytes: inout [UInt8]) {
        bytes.append(littleEndian: UInt32(truncatingIfNeeded: key.count))
        bytes.append(littleEndian: UInt64(value.count))
        bytes += key
        bytes += value
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
