/// What base64 makes of a value, whatever stands before and after it in the encoded text.
///
/// Each character stands for six bits, so a value can begin at three places relative to the characters; a form has those
/// that the value alone decides. Line breaks within are left to ``WrappedCursor``.
enum Base64Forms {
    private static let standard = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let urlSafe = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

    /// Line lengths of `base64` and of PEM.
    private static let lineLengths = [76, 64]

    /// Encoded once and twice.
    static func all(of value: [UInt8]) -> [[UInt8]] {
        var forms = single(of: value)
        for form in inner(of: value) + wholes(of: value) {
            forms += inner(of: form)
            forms += wholes(of: form)
        }
        return forms
    }

    /// Encoded once; a `+`, `/` or `=` also as in URLs.
    static func single(of value: [UInt8]) -> [[UInt8]] {
        let forms = inner(of: value) + wholes(of: value)
        return forms + forms.flatMap { URLEscapes.reserved($0) }
    }

    /// At each of the three places, in both alphabets.
    private static func inner(of value: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for offset in 0..<3 {
            let padded = [UInt8](repeating: 0, count: offset) + value
            let characters = (offset * 8 + 5) / 6..<padded.count * 8 / 6
            guard characters.count >= SecretPatterns.minimumByteCount else { continue }
            for alphabet in [standard, urlSafe] {
                forms.append(Array(encoded(padded, alphabet)[characters]))
            }
        }
        return forms
    }

    /// The value alone, with or without a line feed, with and without padding, in one line or wrapped.
    private static func wholes(of value: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for text in [value, value + [0x0A]] {
            for alphabet in [standard, urlSafe] {
                let whole = encoded(text, alphabet)
                forms.append(whole)
                forms.append(whole + [UInt8](repeating: 0x3D, count: (3 - text.count % 3) % 3))
            }
        }
        return forms.flatMap { form in [form] + lineLengths.compactMap { wrapped(form, at: $0) } }
    }

    private static func wrapped(_ form: [UInt8], at length: Int) -> [UInt8]? {
        guard form.count > length else { return nil }
        var result: [UInt8] = []
        for (index, byte) in form.enumerated() {
            if index > 0, index % length == 0 { result.append(0x0A) }
            result.append(byte)
        }
        return result
    }

    /// Without padding; the last character may hold fewer than six bits.
    private static func encoded(_ bytes: [UInt8], _ alphabet: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count * 4 / 3 + 1)
        var bits: UInt32 = 0
        var count: UInt32 = 0
        for byte in bytes {
            bits = bits << 8 | UInt32(byte)
            count += 8
            while count >= 6 {
                count -= 6
                result.append(alphabet[Int(bits >> count & 63)])
            }
            bits &= 63
        }
        if count > 0 { result.append(alphabet[Int(bits << (6 - count) & 63)]) }
        return result
    }
}
