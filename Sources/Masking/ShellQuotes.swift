/// A text as shells and programming languages quote it: `set -x`, `printf %q`, `${x@Q}`, `repr`.
enum ShellQuotes {
    /// All of them, without the quotes around the text.
    static func forms(of text: [UInt8]) -> [[UInt8]] {
        var forms: [[UInt8]] = [
            // Inside '...': sh and bash, dash, YAML.
            replacing(text, "'", "'\\''"), replacing(text, "'", "'\"'\"'"), replacing(text, "'", "''"),
            // Inside "...": sh, with and without history, and CSV.
            backslashed(text, "\"$`\\"), backslashed(text, "\"$`\\!"), replacing(text, "\"", "\"\""),
            // repr of Python and its like.
            ansiC(text, quote: "'", octal: false), ansiC(text, quote: "\"", octal: false),
            ansiC(text, quote: "", octal: false),
            // $'...' of bash, in a UTF-8 locale and in others.
            ansiC(text, quote: "'", octal: true),
            replacing(ansiC(text, quote: "'", octal: true), "\u{1B}", "\\E"),
            inASCII(ansiC(text, quote: "'", octal: true)),
            // 'line'$'\n''line', as coreutils write names.
            replacing(replacing(text, "'", "'\\''"), "\n", "'$'\\n''"),
            changingQuotes(text),
        ]
        for commas in ["", ","] {
            let special = " \t\n!\"$&'()*;<>?[\\]^`{|}" + commas
            for extra in ["", "#", "~", "#~", "=", ":=@%+"] {
                forms.append(backslashed(text, special + extra))
            }
            // At the beginning of a word two more have a meaning.
            if let first = text.first, first == UInt8(ascii: "#") || first == UInt8(ascii: "~") {
                forms.append([0x5C, first] + backslashed(Array(text.dropFirst()), special))
            }
        }
        return forms
    }

    /// What is not plain ASCII between `'$'` and `''`, the rest as in '...'.
    private static func changingQuotes(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        var isSpecial = false
        for byte in text {
            let changes = isSpecial != (byte < 0x20 || byte >= 0x7F)
            if changes { result += Array((isSpecial ? "''" : "'$'").utf8) }
            if changes { isSpecial.toggle() }
            if isSpecial {
                result += byte >= 0x80 ? numbered(byte) : ansiC([byte], quote: "", octal: true)
            } else {
                result += byte == 0x27 ? Array("'\\''".utf8) : [byte]
            }
        }
        return result
    }

    private static func replacing(_ text: [UInt8], _ character: Unicode.Scalar, _ other: String) -> [UInt8] {
        text.escaping { $0 == UInt8(ascii: character) ? Array(other.utf8) : nil }
    }

    private static func backslashed(_ text: [UInt8], _ special: String) -> [UInt8] {
        let special = Set(special.utf8)
        return text.escaping { special.contains($0) ? [0x5C, $0] : nil }
    }

    /// Control characters by name where they have one.
    private static func ansiC(_ text: [UInt8], quote: String, octal: Bool) -> [UInt8] {
        let names: [UInt8: Unicode.Scalar] = [7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r"]
        return text.escaping { byte in
            if byte == 0x5C || quote.utf8.contains(byte) { return [0x5C, byte] }
            if let name = names[byte], octal || name != "a" && name != "b" && name != "v" && name != "f" {
                return [0x5C, UInt8(ascii: name)]
            }
            guard byte < 0x20 && !(octal && byte == 0x1B) || byte == 0x7F else { return nil }
            return octal
                ? numbered(byte) : Array("\\x".utf8) + HexadecimalDigits.pair(byte, HexadecimalDigits.lower)
        }
    }

    private static func inASCII(_ text: [UInt8]) -> [UInt8] {
        replacing(text.escaping { $0 >= 0x80 ? numbered($0) : nil }, "\u{1B}", "\\E")
    }

    private static func numbered(_ byte: UInt8) -> [UInt8] {
        [0x5C, 0x30 + (byte >> 6), 0x30 + (byte >> 3 & 7), 0x30 + (byte & 7)]
    }
}
