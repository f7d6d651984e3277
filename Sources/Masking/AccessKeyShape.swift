/// Recognises `(AKIA|ASIA)[A-Z0-9]{16}` (behaviour reference, section 4.7) one byte at a time.
///
/// The automaton finds the first four letters; this counts the sixteen that follow. Every bit of `candidates` is one
/// key id that may have begun: bit *n* is set when *n* of its bytes were seen.
struct AccessKeyShape {
    /// The literal beginnings, for the automaton.
    static let markers: [[UInt8]] = [Array("AKIA".utf8), Array("ASIA".utf8)]

    /// What may follow those.
    static let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789".utf8)

    /// Bytes in an access key id.
    static let byteCount = 20

    private var candidates: UInt32 = 0

    /// Whether no key id may have begun.
    var isIdle: Bool { candidates == 0 }

    /// Bytes since the oldest candidate began; 0 when idle.
    var span: Int { candidates == 0 ? 0 : 31 - candidates.leadingZeroBitCount }

    /// Notes that the last four bytes were a marker.
    mutating func begin() {
        candidates |= 1 << 4
    }

    /// Takes the next byte and tells whether it completes a key id.
    mutating func advance(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A:
            candidates <<= 1
        default:
            candidates = 0
        }
        let complete: UInt32 = 1 << UInt32(Self.byteCount)
        guard candidates & complete != 0 else { return false }
        candidates &= ~complete
        return true
    }
}
