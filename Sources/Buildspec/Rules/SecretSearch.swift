import Diagnostics

/// Finds where secret values stand in a text, so that no excerpt and no message shows them.
///
/// Secret is what has the form of a credential, the value of what is named like one, and the same value elsewhere. This looks
/// at the bytes alone: it works for texts of any structure or none, in comments and in commands.
struct SecretSearch {
    /// The places, in no order.
    private(set) var places: [Range<Int>] = []

    private let text: [UInt8]
    private static let mostPlaces = 200
    /// Values that are looked for elsewhere; each costs a walk through the text.
    private static let mostValues = 50
    private static let shortestValue = 6

    /// Searches a text.
    ///
    /// - Parameters:
    ///   - text: the text.
    ///   - values: values that are known to be secret.
    init(_ text: [UInt8], values: [String]) {
        self.text = text
        places = text.withUnsafeBufferPointer { SecretShape.all(in: $0, limit: Self.mostPlaces).map(\.bytes) }
        places += namedValues()
        let found = places.map { Array(text[$0]) } + values.map { Array($0.utf8) }
        let distinct = Set(found.filter { $0.count >= Self.shortestValue })
        // Large texts are not walked through for each of many values.
        let limit = text.count > 1 << 20 ? 5 : Self.mostValues
        for value in distinct.prefix(limit) { places += occurrences(of: value) }
    }

    /// The values of what is named like a secret: `NAME: value`, `NAME=value`, quoted or not.
    private func namedValues() -> [Range<Int>] {
        var found: [Range<Int>] = []
        for index in text.indices where text[index] == UInt8(ascii: ":") || text[index] == UInt8(ascii: "=") {
            guard found.count < Self.mostPlaces, let name = name(before: index),
                SecretShape.isPromised(byName: name),
                let value = value(after: index)
            else { continue }
            if SecretShape.isPlausible(String(decoding: text[value], as: UTF8.self)) { found.append(value) }
        }
        return found
    }

    private func name(before index: Int) -> String? {
        var end = index
        if end > 0, isQuote(text[end - 1]) { end -= 1 }
        var start = end
        while start > 0, end - start < 64, isOfName(text[start - 1]) { start -= 1 }
        return end - start < 4 ? nil : String(decoding: text[start..<end], as: UTF8.self)
    }

    private func value(after index: Int) -> Range<Int>? {
        let isPair = text[index] == UInt8(ascii: ":")
        var start = index + 1
        if isPair, start < text.count, !isBlank(text[start]) { return nil }
        while start < text.count, isBlank(text[start]) { start += 1 }
        // An anchor or a tag before the value.
        while isPair, start < text.count, "&!".utf8.contains(text[start]) {
            while start < text.count, text[start] > 0x20 { start += 1 }
            while start < text.count, isBlank(text[start]) { start += 1 }
        }
        guard start < text.count else { return nil }
        let quote: UInt8? = isQuote(text[start]) ? text[start] : nil
        if quote != nil { start += 1 }
        var end = start
        while end < text.count, end - start < 4096, !isEnd(end, quote, isPair: isPair) { end += 1 }
        while end > start, isBlank(text[end - 1]) { end -= 1 }
        return start < end ? start..<end : nil
    }

    private func isEnd(_ index: Int, _ quote: UInt8?, isPair: Bool) -> Bool {
        let byte = text[index]
        if byte == 0x0A || byte == 0x0D { return true }
        if let quote { return byte == quote }
        if isPair {
            return byte == UInt8(ascii: "#") && isBlank(text[index - 1]) || ",}]".utf8.contains(byte)
        }
        return isBlank(byte) || ",}]\"';&|)`".utf8.contains(byte)
    }

    private func occurrences(of value: [UInt8]) -> [Range<Int>] {
        var found: [Range<Int>] = []
        var index = 0
        while found.count < Self.mostPlaces, let start = text[index...].firstIndex(of: value[0]) {
            if text[start...].starts(with: value) {
                found.append(start..<(start + value.count))
                index = start + value.count
            } else {
                index = start + 1
            }
        }
        return found
    }

    private func isOfName(_ byte: UInt8) -> Bool {
        VariableNames.isNameByte(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }

    private func isQuote(_ byte: UInt8) -> Bool { byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") }

    private func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}

extension SecretSearch {
    /// Diagnostics of a text that know where its secrets are.
    static func marking(
        _ diagnostics: [Diagnostic], of text: [UInt8], _ buildspec: Buildspec?
    ) -> [Diagnostic] {
        guard !diagnostics.isEmpty else { return diagnostics }
        let search = SecretSearch(text, values: buildspec?.plainSecrets ?? [])
        guard !search.places.isEmpty else { return diagnostics }
        // Only offsets matter to those who blank them.
        let ranges = search.places.map { place in
            SourceRange(
                start: SourcePosition(line: 1, column: 1, offset: place.lowerBound),
                end: SourcePosition(line: 1, column: 1, offset: place.upperBound))
        }
        return diagnostics.map { diagnostic in
            var diagnostic = diagnostic
            diagnostic.secrets = ranges
            return diagnostic
        }
    }
}
