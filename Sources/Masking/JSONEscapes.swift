/// A text as it stands inside a JSON string.
enum JSONEscapes {
    /// As usual libraries write it: with and without `\/`, for HTML, in ASCII alone.
    static func forms(of text: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for slash in [false, true] {
            let minimal = minimal(text, escapingSlash: slash)
            forms.append(minimal)
            for digits in [HexadecimalDigits.lower, HexadecimalDigits.upper] {
                let ascii = inASCII(minimal, digits)
                for bytes in ["<>&", "<>&'", "<>&'+"] {
                    let unsafe = Set(bytes.utf8)
                    forms.append(minimal.escaping { unsafe.contains($0) ? unicode(UInt16($0), digits) : nil })
                    forms.append(ascii.escaping { unsafe.contains($0) ? unicode(UInt16($0), digits) : nil })
                }
                forms.append(ascii)
            }
        }
        // Some write even quotes, backslashes and line feeds with numbers.
        for digits in [HexadecimalDigits.lower, HexadecimalDigits.upper] {
            forms.append(
                text.escaping { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C ? unicode(UInt16($0), digits) : nil })
        }
        return forms
    }

    /// As nearly all libraries write it, for what is encoded once more.
    static func usualForms(of text: [UInt8]) -> [[UInt8]] {
        let minimal = minimal(text, escapingSlash: false)
        return [minimal, inASCII(minimal, HexadecimalDigits.lower)]
    }

    /// Every character as `\uXXXX`.
    static func completeForms(of text: [UInt8]) -> [[UInt8]] {
        [HexadecimalDigits.lower, HexadecimalDigits.upper].map { digits in
            String(decoding: text, as: UTF8.self).utf16.flatMap { unicode($0, digits) }
        }
    }

    /// Only what JSON does not allow as it is.
    static func minimal(_ text: [UInt8], escapingSlash: Bool) -> [UInt8] {
        text.escaping { byte in
            switch byte {
            case 0x22, 0x5C: [0x5C, byte]
            case 0x2F where escapingSlash: [0x5C, byte]
            case 0x08: Array("\\b".utf8)
            case 0x09: Array("\\t".utf8)
            case 0x0A: Array("\\n".utf8)
            case 0x0C: Array("\\f".utf8)
            case 0x0D: Array("\\r".utf8)
            case 0..<0x20: unicode(UInt16(byte), HexadecimalDigits.lower)
            default: nil
            }
        }
    }

    private static func inASCII(_ text: [UInt8], _ digits: [UInt8]) -> [UInt8] {
        guard text.contains(where: { $0 >= 0x7F }) else { return text }
        return String(decoding: text, as: UTF8.self).utf16.flatMap { unit in
            unit < 0x7F ? [UInt8(truncatingIfNeeded: unit)] : unicode(unit, digits)
        }
    }

    private static func unicode(_ unit: UInt16, _ digits: [UInt8]) -> [UInt8] {
        [0x5C, 0x75] + HexadecimalDigits.pair(UInt8(unit >> 8), digits)
            + HexadecimalDigits.pair(UInt8(unit & 0xFF), digits)
    }
}
