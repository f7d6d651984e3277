import Glibc

/// The name of a file in an archive: path components joined by `/`, as bytes, because Linux names need not be
/// UTF-8.
package struct EntryName: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The bytes, without NUL, as found on disk.
    package let bytes: [UInt8]

    /// Makes a name from bytes.
    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Makes a name from text.
    package init(_ text: String) {
        self.bytes = Array(text.utf8)
    }

    /// Whether it is UTF-8.
    var isUTF8: Bool {
        isPlainASCII || text != nil
    }

    /// Whether it is ASCII, which most names are.
    var isPlainASCII: Bool {
        bytes.withUnsafeBufferPointer { bytes in
            var all: UInt8 = 0
            for byte in bytes { all |= byte }
            return all < 0x80
        }
    }

    /// The name as text, or nil when it is not UTF-8.
    package var text: String? {
        String(validating: bytes, as: UTF8.self)
    }

    /// The last component.
    package var lastComponent: ArraySlice<UInt8> {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return bytes[...] }
        return bytes[(slash + 1)...]
    }

    /// Whether another name's bytes begin this one.
    func starts(with other: EntryName) -> Bool {
        guard bytes.count >= other.bytes.count else { return false }
        return bytes.withUnsafeBytes { mine in
            other.bytes.withUnsafeBytes { others in
                guard let start = mine.baseAddress, let other = others.baseAddress else { return true }
                return memcmp(start, other, others.count) == 0
            }
        }
    }

    /// The name for people: broken UTF-8 is replaced, control characters are escaped.
    package var description: String {
        printable(bytes)
    }

    /// Byte order, which for UTF-8 is code point order.
    package static func < (left: EntryName, right: EntryName) -> Bool {
        precedes(left.bytes, right.bytes)
    }
}

/// Byte order of two byte strings.
func precedes(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    left.withUnsafeBytes { leftBytes in
        right.withUnsafeBytes { rightBytes in
            guard let leftStart = leftBytes.baseAddress, let rightStart = rightBytes.baseAddress else {
                return leftBytes.count < rightBytes.count
            }
            let order = memcmp(leftStart, rightStart, min(leftBytes.count, rightBytes.count))
            return order != 0 ? order < 0 : leftBytes.count < rightBytes.count
        }
    }
}

/// Bytes as text that cannot disturb a terminal or a log line.
func printable(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars {
        switch scalar {
        case "\n": text += "\\n"
        case "\r": text += "\\r"
        case "\t": text += "\\t"
        case _ where scalar.properties.generalCategory == .control:
            text += "\\u{" + String(scalar.value, radix: 16) + "}"
        default: text.unicodeScalars.append(scalar)
        }
    }
    return text
}
