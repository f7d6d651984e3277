import CLibDeflate

/// The CRC-32 of bytes (the one of zip and gzip), S3's `x-amz-checksum-crc32`.
///
/// S3 keeps it for a whole object also when the object came in parts, and every SDK checks it on the way back.
struct CRC32: Sendable, Hashable {
    /// The checksum so far; 0 for no bytes.
    private(set) var value: UInt32

    /// The checksum of no bytes, or one that is known.
    init(_ value: UInt32 = 0) {
        self.value = value
    }

    /// Four bytes in base64, as header fields and answers write it; nil for anything else.
    init?(base64 text: String) {
        guard let bytes = [UInt8](base64: text), bytes.count == 4 else { return nil }
        value = bytes.reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        value = libdeflate_crc32(value, bytes.baseAddress, bytes.count)
    }

    /// The bytes in base64, most significant first.
    var base64: String { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }.base64 }

    /// The checksum of these bytes followed by `length` others whose checksum is `next`.
    func followed(by next: CRC32, length: Int64) -> CRC32 {
        CRC32(Self.product(Self.power(ofBytes: length), value) ^ next.value)
    }

    // Polynomials over GF(2) modulo the CRC's own, the coefficient of x^0 in the highest bit: appending n bytes
    // multiplies the checksum by x^(8n).
    private static let one: UInt32 = 1 << 31

    private static func product(_ left: UInt32, _ right: UInt32) -> UInt32 {
        var result: UInt32 = 0
        var shifted = right
        for bit in 0..<32 {
            if left & (one >> UInt32(bit)) != 0 { result ^= shifted }
            shifted = shifted & 1 == 0 ? shifted >> 1 : shifted >> 1 ^ 0xEDB8_8320
        }
        return result
    }

    private static func power(ofBytes count: Int64) -> UInt32 {
        var square = one >> 8
        var result = one
        var rest = count
        while rest > 0 {
            if rest & 1 == 1 { result = product(square, result) }
            square = product(square, square)
            rest >>= 1
        }
        return result
    }
}
