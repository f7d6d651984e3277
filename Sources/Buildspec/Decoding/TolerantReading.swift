import Diagnostics
import YAMLTree

/// Reads a text in spite of faults of syntax, to find as many of its problems as possible at once.
///
/// A list item whose colons or first character YAML misreads is passed over: what is wrong with it, and how to mend it, is known for sure. Any
/// other fault ends the reading, and only what stands before it is looked at.
struct TolerantReading {
    /// What could be read.
    let document: YAMLDocument
    /// The text that `document` was read from: as long as the one given, with passed-over commands blanked.
    let text: [UInt8]
    /// The faults, in the order of their places.
    let faults: [Diagnostic]
    /// The line that ended the reading; nil when all of the text was read.
    private let lastLine: Int?

    /// Commands that are passed over before the reading ends.
    private static let repairs = 20

    /// Reads a text.
    ///
    /// - Throws: `YAMLError` when the text is not UTF-8, or over one of the limits.
    init(of original: [UInt8]) throws(YAMLError) {
        var text = original
        var faults: [Diagnostic] = []
        while true {
            let document: YAMLDocument
            let fault: YAMLError?
            do {
                (document, fault) = try YAMLDocument.reading(text)
            } catch {
                guard !faults.isEmpty else { throw error }
                faults.append(error.diagnostic)
                self.init(document: .empty, text: text, faults: faults, lastLine: 0)
                return
            }
            guard let fault else {
                self.init(document: document, text: text, faults: faults, lastLine: nil)
                return
            }
            let line = fault.range.start.line
            var diagnostic = fault.diagnostic
            let command = Self.command(around: fault.range.start.offset, in: text)
            if let command, let written = Self.quoted(text[command]) {
                diagnostic.mend = "quote the text: `- \(written)`"
            }
            if command == nil, let deeper = Self.deeperLine(before: fault.range.start, in: text) {
                diagnostic.notes.append(
                    Diagnostic.Note(
                        "this line is indented deeper than line \(line), which does not fit to it", at: deeper
                    ))
            }
            faults.append(diagnostic)
            guard let command, faults.count < Self.repairs else {
                self.init(document: document, text: text, faults: faults, lastLine: line)
                return
            }
            for index in command { text[index] = UInt8(ascii: "x") }
        }
    }

    private init(document: YAMLDocument, text: [UInt8], faults: [Diagnostic], lastLine: Int?) {
        self.document = document
        self.text = text
        self.faults = faults
        self.lastLine = lastLine
    }

    /// The faults together with what decoding found, less what may only look wrong because the text was cut off.
    func merged(with decoded: [Diagnostic]) -> [Diagnostic] {
        let certain: Set<DiagnosticCode> = [
            .duplicateKey, .invalidPhaseName, .commandNotText, .invalidMapKey, .unknownKey, .misplacedKey,
            .nullListItem, .obsoleteKey, .exclusiveKeys, .invalidOnFailure, .invalidBoolean, .valueNotAllowed,
            .invalidSecretReference, .numberOutOfRange, .reservedName, .invalidVariableName,
            .secretInPlainText,
        ]
        let kept = decoded.filter { diagnostic in
            guard let lastLine else { return true }
            guard let code = DiagnosticCode(rawValue: diagnostic.code), certain.contains(code) else {
                return false
            }
            return code == .secretInPlainText || diagnostic.range.map { $0.start.line < lastLine } ?? false
        }
        return (faults + kept).enumerated().sorted { left, right in
            let leftOffset = left.element.range?.start.offset ?? .max
            let rightOffset = right.element.range?.start.offset ?? .max
            return (leftOffset, left.offset) < (rightOffset, right.offset)
        }.map(\.element)
    }

    /// The first of the lines above a key that are indented deeper than it, when they have no parent that fits: most likely
    /// it is that line's indentation that is wrong.
    private static func deeperLine(before place: SourcePosition, in text: [UInt8]) -> SourceRange? {
        var lineStart = place.offset
        while lineStart > 0, text[lineStart - 1] != 0x0A { lineStart -= 1 }
        guard text[lineStart..<min(place.offset, text.count)].allSatisfy({ $0 == 0x20 }) else { return nil }
        let indentation = place.offset - lineStart
        var found: (offset: Int, line: Int, column: Int)?
        var line = place.line
        while lineStart > 0, place.line - line < 1_000 {
            var start = lineStart - 1
            while start > 0, text[start - 1] != 0x0A { start -= 1 }
            line -= 1
            let first = text[start..<(lineStart - 1)].firstIndex { $0 != 0x20 && $0 != 0x0D }
            lineStart = start
            guard let first, text[first] != UInt8(ascii: "#") else { continue }
            if first - start <= indentation { break }
            found = (first, line, first - start + 1)
        }
        guard let found else { return nil }
        let start = SourcePosition(line: found.line, column: found.column, offset: found.offset)
        return SourceRange(
            start: start,
            end: SourcePosition(line: found.line, column: found.column + 1, offset: found.offset + 1))
    }

    /// The text of the list item on one line at a place, when its first character explains the fault, or a colon and a
    /// blank in it.
    private static func command(around offset: Int, in text: [UInt8]) -> Range<Int>? {
        var start = min(offset, text.count)
        while start > 0, text[start - 1] != 0x0A, text[start - 1] != 0x0D { start -= 1 }
        var end = start
        while end < text.count, text[end] != 0x0A, text[end] != 0x0D { end += 1 }
        let line = text[start..<end]
        guard let dash = line.firstIndex(where: { $0 != 0x20 }), text[dash] == UInt8(ascii: "-"),
            dash + 1 < end,
            text[dash + 1] == 0x20, let first = text[(dash + 1)..<end].firstIndex(where: { $0 != 0x20 })
        else { return nil }
        // Blocks and flow collections have faults of their own kinds.
        guard !"|>{[#".utf8.contains(text[first]) else { return nil }
        let item = text[first..<end]
        let isExplained =
            "&*!%@`".utf8.contains(text[first])
            || zip(item, item.dropFirst()).contains { $0 == UInt8(ascii: ":") && ($1 == 0x20 || $1 == 0x27) }
        let last = item.lastIndex { $0 != 0x20 && $0 != 0x09 }
        guard isExplained, let last else { return nil }
        return first..<(last + 1)
    }

    /// The text in single quotes, when it is of a length to read.
    private static func quoted(_ text: ArraySlice<UInt8>) -> String? {
        guard text.count <= 400 else { return nil }
        let written = SecretShape.masked(String(decoding: text, as: UTF8.self))
        return "'" + written.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
            + "'"
    }
}
