// Form: count, then for each pair length, name, length, value; lengths and count are two bytes. No pairs: no bytes.
// Source: AWS Encryption SDK Developer Guide, "Message format reference", AAD structure.
extension EncryptionContext {
    /// The pairs as they stand in the header and are authenticated by keyrings.
    package var serialized: [UInt8] {
        guard !entries.isEmpty else { return [] }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(serializedByteCount)
        bytes.append(bigEndian: UInt16(truncatingIfNeeded: entries.count))
        for entry in entries {
            for text in [entry.name, entry.value] {
                bytes.append(bigEndian: UInt16(truncatingIfNeeded: text.utf8.count))
                bytes.append(contentsOf: text.utf8)
            }
        }
        return bytes
    }

    /// Bytes of ``serialized``.
    ///
    /// No length field overflows as long as this is within ``byteLimit``.
    var serializedByteCount: Int {
        entries.isEmpty ? 0 : entries.reduce(2) { $0 + 4 + $1.name.utf8.count + $1.value.utf8.count }
    }

    /// Reads what ``serialized`` wrote.
    init(serialized bytes: [UInt8]) throws(EnvelopeError) {
        guard !bytes.isEmpty else {
            self.init()
            return
        }
        var rest = bytes[...]
        let count = try Self.takeNumber(&rest)
        guard count > 0 else { throw .malformed(.header, "its encryption context has no pairs but is there") }
        var entries: [Entry] = []
        for _ in 0..<count {
            let name = try Self.takeText(&rest)
            entries.append(Entry(name: name, value: try Self.takeText(&rest)))
        }
        guard rest.isEmpty else {
            throw .malformed(.header, "its encryption context has \(rest.count) bytes too many")
        }
        do {
            try self.init(entries: entries)
        } catch {
            throw .malformed(.header, error.detail)
        }
    }

    private static func takeNumber(_ rest: inout ArraySlice<UInt8>) throws(EnvelopeError) -> Int {
        guard rest.count >= 2 else { throw .malformed(.header, "its encryption context ends too early") }
        defer { rest = rest.dropFirst(2) }
        return Int(UInt16(bigEndian: rest.prefix(2)))
    }

    private static func takeText(_ rest: inout ArraySlice<UInt8>) throws(EnvelopeError) -> String {
        let count = try takeNumber(&rest)
        guard rest.count >= count else { throw .malformed(.header, "its encryption context ends too early") }
        defer { rest = rest.dropFirst(count) }
        guard let text = String(validating: rest.prefix(count), as: UTF8.self) else {
            throw .malformed(.header, "its encryption context is not UTF-8")
        }
        return text
    }
}
