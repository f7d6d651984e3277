/// What an unquoted YAML scalar means by the rules of YAML 1.1, as the AWS CLI's parser applies them.
enum PlainScalar: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int)
    /// A number that JSON writes as it stands here.
    case number(String)
    /// Anything else, dates included: JSON has no dates.
    case text

    init(_ text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": self = .boolean(true)
        case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": self = .boolean(false)
        default: self = Self.numeric(text) ?? .text
        }
    }

    private static func numeric(_ text: String) -> PlainScalar? {
        guard let first = text.utf8.first, text.utf8.count < 400,
            first == UInt8(ascii: "-") || first == UInt8(ascii: "+") || first == UInt8(ascii: ".")
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first)
        else { return nil }
        return integer(text) ?? float(text)
    }

    private static func integer(_ text: String) -> PlainScalar? {
        let isNegative = text.hasPrefix("-")
        let digits = isNegative || text.hasPrefix("+") ? text.dropFirst() : text[...]
        guard digits.utf8.first != UInt8(ascii: "_") else { return nil }
        let plain = digits.filter { $0 != "_" }
        let value: Int?
        if plain.hasPrefix("0b") {
            value = Int(plain.dropFirst(2), radix: 2)
        } else if plain.hasPrefix("0x") {
            value = Int(plain.dropFirst(2), radix: 16)
        } else if plain == "0" {
            value = 0
        } else if plain.hasPrefix("0") {
            value = Int(plain, radix: 8)
        } else if plain.contains(":") {
            value = sexagesimal(plain)
        } else if plain.allSatisfy({ $0.isASCII && $0.isNumber }), !plain.isEmpty {
            guard let value = Int(plain) else { return .number((isNegative ? "-" : "") + plain) }
            return .integer(isNegative ? -value : value)
        } else {
            value = nil
        }
        guard let value else { return nil }
        return .integer(isNegative ? -value : value)
    }

    /// `1:30` is 90.
    private static func sexagesimal(_ text: String) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var total = 0
        for (index, part) in parts.enumerated() {
            guard part.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(part),
                index == 0 ? number > 0 : number < 60 && part.utf8.count <= 2
            else { return nil }
            let (product, overflow) = total.multipliedReportingOverflow(by: 60)
            guard !overflow, product <= Int.max - number else { return nil }
            total = product + number
        }
        return total
    }

    private static func float(_ text: String) -> PlainScalar? {
        let plain = text.filter { $0 != "_" }
        let halves = plain.split(separator: "e", maxSplits: 1, omittingEmptySubsequences: false)
        let mantissa = halves.count == 2 ? halves[0] : plain[...]
        guard mantissa.contains("."), !mantissa.hasSuffix("-."),
            mantissa.utf8.allSatisfy({ (48...57).contains($0) || $0 == 46 || $0 == 43 || $0 == 45 }),
            mantissa.contains(where: \.isNumber), let value = Double(plain), value.isFinite
        else { return nil }
        // YAML 1.1 wants a sign in the exponent.
        if halves.count == 2, !(halves[1].hasPrefix("+") || halves[1].hasPrefix("-")) { return nil }
        return .number("\(value)")
    }
}
