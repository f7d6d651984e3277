/// Where secret values stand in a text, and how text looks without them.
struct SecretPlaces {
    /// What stands for a secret within a message, whose length says nothing then.
    private static let blank = "***"
    /// Shorter pieces of a secret are blanked in the source only: in messages they would hit innocent words.
    private static let shortestValue = 4
    /// More lines of secrets than this are blanked in the source only: the cost of a message stays bounded.
    private static let mostValues = 256
    /// What ends a message that was too long.
    private static let ellipsis = Array("…".utf8)

    /// Byte ranges of the text, in order, none touching another.
    private let places: [Range<Int>]
    /// What is written there, line by line and without quotes, by its first bytes; the longest first.
    private let values: [ArraySlice<UInt8>: [[UInt8]]]

    /// The secret places that any of these diagnostics of a text names.
    init(of diagnostics: [Diagnostic], in text: [UInt8]) {
        let given = Set(diagnostics.lazy.flatMap(\.secrets)).compactMap { range -> Range<Int>? in
            let start = min(max(0, range.start.offset), text.count)
            let end = min(max(start, range.end.offset), text.count)
            return start < end ? start..<end : nil
        }
        var places: [Range<Int>] = []
        for range in given.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = places.last, range.lowerBound <= last.upperBound {
                places[places.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                places.append(range)
            }
        }
        self.places = places
        let pieces = Set(places.lazy.flatMap { Self.pieces(of: text[$0]) }.prefix(Self.mostValues))
        values = Dictionary(grouping: pieces.sorted { $0.count > $1.count }) { $0.prefix(Self.shortestValue) }
    }

    /// A stretch of the text as text, with `*` for each character of a secret.
    ///
    /// Costs as much as the stretch is long, however many secrets there are elsewhere.
    func blanked(_ bytes: ArraySlice<UInt8>) -> String {
        var shown: [UInt8] = []
        var position = bytes.startIndex
        var index = firstPlace(endingAfter: position)
        while index < places.count, places[index].lowerBound < bytes.endIndex {
            let place = places[index].clamped(to: position..<bytes.endIndex)
            shown += bytes[position..<place.lowerBound]
            for byte in bytes[place] where !Self.isContinuation(byte) {
                shown.append(Self.isBreak(byte) ? byte : UInt8(ascii: "*"))
            }
            position = place.upperBound
            index += 1
        }
        return String(decoding: shown + bytes[position...], as: UTF8.self)
    }

    /// A message in which secrets that it quotes are blanked.
    func blanked(_ message: String) -> String {
        guard !values.isEmpty else { return message }
        var rest = Array(message.utf8)[...]
        var shown: [UInt8] = []
        while let first = rest.first {
            let length = lengthOfValue(at: rest)
            if length > 0 { shown += Self.blank.utf8 } else { shown.append(first) }
            rest = rest.dropFirst(max(1, length))
        }
        return String(decoding: shown, as: UTF8.self)
    }

    /// Bytes of the secret that a text begins with; 0 when it begins with none.
    private func lengthOfValue(at text: ArraySlice<UInt8>) -> Int {
        let candidates = values[text.prefix(Self.shortestValue)] ?? []
        if let value = candidates.first(where: { text.starts(with: $0) }) { return value.count }
        // The beginning of a secret at the end of a message that was cut short is secret too.
        let cut = text.dropLast(Self.ellipsis.count)
        guard text.suffix(Self.ellipsis.count) == Self.ellipsis[...], cut.count >= Self.shortestValue
        else { return 0 }
        return candidates.contains { $0.starts(with: cut) } ? cut.count : 0
    }

    /// A diagnostic whose words quote no secret.
    func blanked(_ diagnostic: Diagnostic) -> Diagnostic {
        guard !values.isEmpty else { return diagnostic }
        var diagnostic = diagnostic
        diagnostic.message = blanked(diagnostic.message)
        diagnostic.mend = diagnostic.mend.map(blanked)
        for index in diagnostic.notes.indices {
            diagnostic.notes[index].message = blanked(diagnostic.notes[index].message)
        }
        return diagnostic
    }

    /// The index of the first place that is not wholly before an offset.
    private func firstPlace(endingAfter offset: Int) -> Int {
        var low = 0
        var high = places.count
        while low < high {
            let middle = low + (high - low) / 2
            if places[middle].upperBound > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private static func pieces(of secret: ArraySlice<UInt8>) -> [[UInt8]] {
        secret.split(maxSplits: mostValues, whereSeparator: isBreak).compactMap { line in
            let piece = trimmed(line)
            return piece.count >= shortestValue ? Array(piece) : nil
        }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        func isAround(_ byte: UInt8) -> Bool {
            byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") || byte == UInt8(ascii: "\"")
                || byte == UInt8(ascii: "'")
        }
        var piece = line.drop(while: isAround)
        while let last = piece.last, isAround(last) { piece.removeLast() }
        return piece
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }

    private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
