/// Fingerprints by which the same problem is found again when lines above it have come or gone.
///
/// A fingerprint is made of the code and the text around the place within its line, without blanks; a number tells
/// equal ones apart. Secrets do not enter, so that nobody can guess them from it.
struct LineFingerprints {
    /// How many bytes of the line are looked at before and after the beginning of the place.
    private static let reach = 240

    private let text: [UInt8]
    private let secrets: SecretPlaces
    private var seen: [UInt64: Int] = [:]

    /// Starts with the first diagnostic of a text.
    init(text: [UInt8], secrets: SecretPlaces) {
        self.text = text
        self.secrets = secrets
    }

    /// The fingerprint of the next diagnostic of the text, in the order in which they are told.
    mutating func next(for diagnostic: Diagnostic) -> String {
        var hash = FowlerNollVoHash()
        hash.add(diagnostic.code.utf8)
        hash.add([0])
        if let offset = diagnostic.range?.start.offset, offset >= 0, offset <= text.count {
            hash.add(secrets.blanked(line(around: offset)).utf8.lazy.filter { $0 > UInt8(ascii: " ") })
        }
        let count = (seen[hash.value] ?? 0) + 1
        seen[hash.value] = count
        return String(hash.value, radix: 16) + ":" + String(count)
    }

    private func line(around offset: Int) -> ArraySlice<UInt8> {
        var start = offset
        while start > 0, offset - start < Self.reach, !Self.isBreak(text[start - 1]) { start -= 1 }
        var end = offset
        while end < text.count, end - offset < Self.reach, !Self.isBreak(text[end]) { end += 1 }
        return text[start..<end]
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}

/// The 64-bit FNV-1a hash, which is the same in every process (unlike `Hasher`).
struct FowlerNollVoHash {
    /// The hash of all bytes so far.
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    /// Takes in bytes.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01B3 }
    }
}
