/// A value as hexadecimal digits, as `xxd`, `od`, `printf` and URLs write bytes.
enum HexadecimalForms {
    private static let prefixes = ["\\x", "%"]
    private static let separators = [":", " ", "-", ", 0x", ",0x", " 0x"]

    /// In lower and upper case, without separators, and with them if wanted.
    static func forms(of value: [UInt8], separated: Bool) -> [[UInt8]] {
        var forms: [[UInt8]] = []
        for digits in [HexadecimalDigits.lower, HexadecimalDigits.upper] {
            let pairs = value.map { HexadecimalDigits.pair($0, digits) }
            forms.append(Array(pairs.joined()))
            guard separated else { continue }
            for prefix in prefixes { forms.append(Array(pairs.map { Array(prefix.utf8) + $0 }.joined())) }
            for separator in separators {
                forms.append(Array(pairs.joined(separator: Array(separator.utf8))))
            }
            for first in 0..<2 { forms.append(groups(pairs, first)) }
        }
        return forms
    }

    /// As `xxd` groups: a blank after every second byte.
    private static func groups(_ pairs: [[UInt8]], _ first: Int) -> [UInt8] {
        var result: [UInt8] = []
        for (index, pair) in pairs.enumerated() {
            if index > 0, index % 2 == first { result.append(0x20) }
            result += pair
        }
        return result
    }
}
