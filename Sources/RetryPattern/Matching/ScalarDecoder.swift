/// Decodes UTF-8 byte by byte as Go does: each byte that is not part of a character counts as one U+FFFD.
struct ScalarDecoder: Sendable {
    /// What a byte completes.
    struct Output {
        /// How many bytes before this one have turned out to be no character.
        var replacements = 0
        /// The code point that this byte ends, U+FFFD when it is no part of a character.
        var scalar: UInt32?
    }

    static let replacement: UInt32 = 0xFFFD

    /// Bytes of a character that is not complete.
    private(set) var heldCount = 0
    private var missing = 0
    private var value: UInt32 = 0
    /// What the next byte must be.
    private var allowed: ClosedRange<UInt8> = 0x80...0xBF

    /// Takes the next byte.
    mutating func feed(_ byte: UInt8) -> Output {
        guard heldCount > 0 else { return Output(scalar: begin(byte)) }
        guard allowed.contains(byte) else {
            let wasted = heldCount
            heldCount = 0
            return Output(replacements: wasted, scalar: begin(byte))
        }
        value = value << 6 | UInt32(byte & 0x3F)
        allowed = 0x80...0xBF
        missing -= 1
        guard missing == 0 else {
            heldCount += 1
            return Output()
        }
        heldCount = 0
        return Output(scalar: value)
    }

    /// Starts a character; nil when more bytes have to come.
    private mutating func begin(_ byte: UInt8) -> UInt32? {
        switch byte {
        case 0..<0x80: return UInt32(byte)
        case 0xC2...0xDF: (missing, allowed, value) = (1, 0x80...0xBF, UInt32(byte & 0x1F))
        case 0xE0: (missing, allowed, value) = (2, 0xA0...0xBF, 0)
        // Surrogates are no characters.
        case 0xED: (missing, allowed, value) = (2, 0x80...0x9F, 0xD)
        case 0xE1...0xEF: (missing, allowed, value) = (2, 0x80...0xBF, UInt32(byte & 0x0F))
        case 0xF0: (missing, allowed, value) = (3, 0x90...0xBF, 0)
        case 0xF1...0xF3: (missing, allowed, value) = (3, 0x80...0xBF, UInt32(byte & 0x07))
        case 0xF4: (missing, allowed, value) = (3, 0x80...0x8F, 4)
        default: return Self.replacement
        }
        heldCount = 1
        return nil
    }
}
