/// A text as it stands in URLs and forms.
enum URLEscapes {
    /// What different tools leave as it is, besides letters and digits.
    private static let kept = [
        "", "-._~", "-._~/", "-_.!~*'()", "*-._", "-_.!~*'();/?:@&=+$,#", "-._~/?:@!$&'()*+,;=",
        "-._~:/?#[]@!$&'()*+,;=",
    ]

    /// Percent-encoded, in lower and upper case, with `+` for blanks, and twice.
    static func forms(of text: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for digits in [HexadecimalDigits.upper, HexadecimalDigits.lower] {
            for kept in kept.map({ Set($0.utf8) }) {
                let escaped = escaped(text, keeping: kept, digits)
                forms.append(escaped)
                forms.append(text.escaping { $0 == 0x20 ? [0x2B] : escapedByte($0, kept, digits) })
                forms.append(escaped.escaping { $0 == 0x25 ? Array("%25".utf8) : nil })
            }
        }
        return forms
    }

    /// A form of base64 in a URL; none when it has no character that needs it.
    static func reserved(_ form: [UInt8]) -> [[UInt8]] {
        let special: Set<UInt8> = [0x2B, 0x2F, 0x3D]
        guard form.contains(where: { special.contains($0) }) else { return [] }
        return [HexadecimalDigits.upper, HexadecimalDigits.lower].flatMap { digits in
            [special, [0x2B, 0x3D], [0x3D]].map { special in
                form.escaping { special.contains($0) ? [0x25] + HexadecimalDigits.pair($0, digits) : nil }
            }
        }
    }

    private static func escaped(_ text: [UInt8], keeping kept: Set<UInt8>, _ digits: [UInt8]) -> [UInt8] {
        text.escaping { escapedByte($0, kept, digits) }
    }

    private static func escapedByte(_ byte: UInt8, _ kept: Set<UInt8>, _ digits: [UInt8]) -> [UInt8]? {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: nil
        default: kept.contains(byte) ? nil : [0x25] + HexadecimalDigits.pair(byte, digits)
        }
    }
}
