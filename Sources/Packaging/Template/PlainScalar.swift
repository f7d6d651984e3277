/// What an unquoted YAML scalar means by the rules of YAML 1.1, as the AWS CLI's parser applies them.
enum PlainScalar: Sendable, Hashable {
    case null
    case boolean(Bool)
    case integer(Int)
    /// A number that JSON writes as it stands here.
    case number(String)
    /// A date, an infinity, or what is no number: JSON has none of them and takes the text.
    case beyondJSON
    /// Anything else.
    case text

    init(_ text: String) {
        switch text {
        case "", "~", "null", "Null", "NULL": self = .null
        case "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON": self = .boolean(true)
        case "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF": self = .boolean(false)
        case ".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF", "-.inf", "-.Inf", "-.INF", ".nan", ".NaN",
            ".NAN":
            self = .beyondJSON
        default: self = Self.numeric(text) ?? (Self.isDateLike(text) ? .beyondJSON : .text)
        }
    }

    /// What a scalar means behind one of YAML's own tags, quoted or not; nil where it is not what the tag says.
    ///
    /// - Parameters:
    ///   - text: the scalar.
    ///   - tag: `int`, `float`, `bool` or `null`.
    init?(_ text: String, tagged tag: String) {
        let meaning: PlainScalar?
        switch tag {
        case "null": meaning = .null
        case "bool":
            switch PlainScalar(text.lowercased()) {
            case .boolean(let value): meaning = .boolean(value)
            default: meaning = nil
            }
        case "int": meaning = Self.integer(text)
        case "float": meaning = Self.taggedFloat(text.lowercased())
        default: meaning = nil
        }
        guard let meaning else { return nil }
        self = meaning
    }

    /// The meaning as an unquoted scalar of YAML 1.1; nil for what is only known by its text.
    var yaml: String? {
        switch self {
        case .null: return "null"
        case .boolean(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        // A number without a point would be text.
        case .number(let text):
            return text.contains(".") || text.allSatisfy { $0.isNumber || $0 == "-" }
                ? text : text.replacing("e", with: ".0e")
        case .beyondJSON, .text: return nil
        }
    }

    private static func taggedFloat(_ text: String) -> PlainScalar? {
        if let meaning = float(text) { return meaning }
        if PlainScalar(text) == .beyondJSON { return .beyondJSON }
        guard let value = Double(text.filter { $0 != "_" }) else { return nil }
        return value.isFinite ? .number("\(value)") : .beyondJSON
    }

    /// Whether a text is a date, or much like one: four digits, a hyphen, a digit.
    private static func isDateLike(_ text: String) -> Bool {
        let start = Array(text.utf8.prefix(6))
        return start.count == 6 && start[4] == UInt8(ascii: "-")
            && [0, 1, 2, 3, 5].allSatisfy { (48...57).contains(start[$0]) }
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
            value = sexagesimal(digits)
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
    private static func sexagesimal(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var total = 0
        for (index, part) in parts.enumerated() {
            let part = index == 0 ? part.filter { $0 != "_" } : String(part)
            guard isDigits(part), let number = Int(part),
                index == 0 ? number > 0 : number < 60 && part.utf8.count <= 2
            else { return nil }
            let (product, overflow) = total.multipliedReportingOverflow(by: 60)
            guard !overflow, product <= Int.max - number else { return nil }
            total = product + number
        }
        return total
    }

    /// Digits, a point and perhaps digits; the first may only be missing where there is no sign.
    ///
    /// An exponent has one.
    private static func float(_ text: String) -> PlainScalar? {
        let isNegative = text.hasPrefix("-")
        let isSigned = isNegative || text.hasPrefix("+")
        let halves = (isSigned ? text.dropFirst() : text[...])
            .split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        let mantissa = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        guard mantissa.count == 2, isDigits(mantissa[1].filter { $0 != "_" }) || mantissa[1].isEmpty else {
            return nil
        }
        let isWhole = mantissa[0].isEmpty
        guard let first = (isWhole ? mantissa[1] : mantissa[0]).first, first.isNumber, !(isWhole && isSigned)
        else { return nil }
        if halves.count == 2 {
            guard halves[1].hasPrefix("+") || halves[1].hasPrefix("-"), isDigits(halves[1].dropFirst()) else {
                return nil
            }
        } else if mantissa[0].contains(":") {
            return sexagesimalFloat(halves[0]).map { .number("\(isNegative ? -$0 : $0)") }
        }
        guard isWhole || isDigits(mantissa[0].filter { $0 != "_" }),
            let value = Double(text.filter { $0 != "_" })
        else { return nil }
        return value.isFinite ? .number("\(value)") : .beyondJSON
    }

    /// `1:30.5` is 90.5.
    private static func sexagesimalFloat(_ text: Substring) -> Double? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        var total = 0.0
        var base = 1.0
        for (index, part) in parts.enumerated().reversed() {
            let isLast = index == parts.count - 1
            let digits = (isLast ? part.prefix { $0 != "." } : part).filter { index > 0 || $0 != "_" }
            guard isDigits(digits), let number = Double(isLast ? part.filter { $0 != "_" } : digits),
                index == 0 || (number < 60 && digits.utf8.count <= 2)
            else { return nil }
            total += number * base
            base *= 60
        }
        return total
    }

    private static func isDigits(_ text: some StringProtocol) -> Bool {
        !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
    }
}
