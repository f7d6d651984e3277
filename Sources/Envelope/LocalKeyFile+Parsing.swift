import Crypto
import FoundationEssentials

extension LocalKeyFile {
    /// Finds the key in the content of a file; only text may have a line end behind it.
    static func parse(_ content: [UInt8]) throws(EnvelopeError) -> SymmetricKey {
        var text = content[...]
        while let last = text.last, last == 0x0A || last == 0x0D { text.removeLast() }
        guard !content.isEmpty, !text.isEmpty else { throw invalid("it is empty") }
        if text.allSatisfy({ hexadecimalValue($0) != nil }) {
            // 32 digits are half a key, not a raw one: less than one in 10³³ random keys looks like that.
            guard text.count == 64 else {
                throw invalid("it has \(text.count) hexadecimal digits instead of 64")
            }
            return key(fromHexadecimal: text)
        }
        if content.count == 32 { return SymmetricKey(data: content) }
        let padding = String(repeating: "=", count: (4 - text.count % 4) % 4)
        if let decoded = Data(base64Encoded: String(decoding: text, as: UTF8.self) + padding) {
            guard decoded.count == 32 else {
                throw invalid("it is base64 of \(decoded.count) bytes instead of 32")
            }
            return SymmetricKey(data: decoded)
        }
        throw invalid("it has \(content.count) bytes, and is neither hexadecimal nor base64")
    }

    private static func key(fromHexadecimal text: ArraySlice<UInt8>) -> SymmetricKey {
        let digits = text.compactMap { hexadecimalValue($0) }
        var bytes = stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
        defer { bytes.wipe() }
        return SymmetricKey(data: bytes)
    }

    private static func hexadecimalValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
