/// What `echo` of dash, and `echo -e` and `printf %b` of bash, print of a text with backslashes: the lines of a key in
/// JSON, one by one.
enum EchoEscapes {
    /// Longer values with an end in them, `\c`, are looked for up to there.
    private static let shortestStart = 8

    /// The texts that differ from this one.
    static func forms(of text: [UInt8]) -> [[UInt8]] {
        guard text.contains(UInt8(ascii: "\\")) else { return [] }
        var forms: [[UInt8]] = []
        // dash; bash's printf %b; its echo -e, which knows \0101 but not \101.
        for (isBash, hasPlainOctal) in [(false, true), (true, true), (true, false)] {
            guard let form = printed(text, isBash: isBash, hasPlainOctal: hasPlainOctal), form != text,
                !forms.contains(form)
            else { continue }
            forms.append(form)
        }
        return forms
    }

    private static func printed(_ text: [UInt8], isBash: Bool, hasPlainOctal: Bool) -> [UInt8]? {
        let names: [Unicode.Scalar: UInt8] = [
            "a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "e": 0x1B, "\\": 0x5C,
        ]
        var result: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "\\"), let next = rest.first else {
                result.append(byte)
                continue
            }
            if let plain = names[Unicode.Scalar(next)] {
                result.append(plain)
                rest.removeFirst()
            } else if next == UInt8(ascii: "c") {
                return result.count >= shortestStart ? result : nil
            } else if isBash, next == UInt8(ascii: "E") {
                result.append(0x1B)
                rest.removeFirst()
            } else if isBash, next == UInt8(ascii: "x"), let (value, count) = number(rest.dropFirst(), 16, 2)
            {
                result.append(value)
                rest.removeFirst(1 + count)
            } else if next == UInt8(ascii: "0") {
                let (value, count) = number(rest.dropFirst(), 8, 3) ?? (0, 0)
                result.append(value)
                rest.removeFirst(1 + count)
            } else if hasPlainOctal, let (value, count) = number(rest, 8, 3) {
                result.append(value)
                rest.removeFirst(count)
            } else {
                result.append(byte)
            }
        }
        return result
    }

    /// A number at the beginning, and how many digits it has; nil when there are none.
    private static func number(
        _ text: ArraySlice<UInt8>, _ radix: Int, _ limit: Int
    ) -> (value: UInt8, count: Int)? {
        let digits = text.prefix(limit).prefix { Character(Unicode.Scalar($0)).hexDigitValue ?? 16 < radix }
        guard let value = Int(String(decoding: digits, as: UTF8.self), radix: radix) else { return nil }
        return (UInt8(truncatingIfNeeded: value), digits.count)
    }
}
