extension String {
    /// RFC 3986 percent-encoding of the UTF-8 bytes: all but letters, digits and `-._~`; `/` too unless it is kept.
    func percentEncoded(keepingSlash: Bool = false) -> String {
        let hex = Array("0123456789ABCDEF".utf8)
        var result: [UInt8] = []
        result.reserveCapacity(utf8.count)
        for byte in utf8 {
            switch byte {
            case 48...57, 65...90, 97...122, 45, 46, 95, 126:
                result.append(byte)
            case 47 where keepingSlash:
                result.append(byte)
            default:
                result.append(37)
                result.append(hex[Int(byte >> 4)])
                result.append(hex[Int(byte & 15)])
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension Sequence<UInt8> {
    /// Lower-case hexadecimal digits.
    var hexadecimal: String {
        let digits = Array("0123456789abcdef".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
    }
}

extension [UInt8] {
    /// The bytes that hexadecimal digits stand for; nil for any other text.
    init?(hexadecimal text: String) {
        let digits = text.utf8.map { UInt8(hexadecimalDigit: $0) }
        guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
        let known = digits.compactMap(\.self)
        self = stride(from: 0, to: known.count, by: 2).map { known[$0] << 4 | known[$0 + 1] }
    }
}

extension UInt8 {
    fileprivate init?(hexadecimalDigit byte: UInt8) {
        switch byte {
        case 48...57: self = byte - 48
        case 97...102: self = byte - 87
        case 65...70: self = byte - 55
        default: return nil
        }
    }
}

extension String {
    /// The text with `%XX` decoded; anything that is not such a sequence stays, and invalid UTF-8 is replaced.
    var percentDecoded: String {
        var result: [UInt8] = []
        var rest = Array(utf8)[...]
        while let byte = rest.popFirst() {
            if byte == 37, rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                result.append(value)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
