/// One line of a text as it is shown, and where in it a range begins and how long it is, in terminal columns.
///
/// Of a long line only the surroundings of the range are shown, so that the cost does not depend on the text's size.
struct SourceExcerpt: Equatable {
    /// The line, ready to be shown.
    let line: String
    /// Columns before the range.
    let indent: Int
    /// Columns of the range within the line; at least 1.
    let length: Int

    /// How many bytes of the line are looked at before and after the beginning of the range.
    private static let reach = 240
    /// Bytes of a byte order mark.
    private static let markLength = 3
    /// How many columns are shown before the range, and from its beginning on.
    private static let columnsBefore = 60
    private static let columnsAfter = 100

    /// Nil when the range does not lie in the text; secret places are shown as `*`.
    init?(of range: SourceRange, in text: [UInt8], hiding secrets: SecretPlaces) {
        let offset = range.start.offset
        guard offset >= 0, offset <= text.count else { return nil }
        let before = Self.before(offset, in: text)
        let after = Self.after(offset, in: text)
        let marked = min(max(range.end.offset, offset), after.endIndex)

        let left = DisplayText(secrets.blanked(before), startColumn: 0)
        var right = DisplayText(secrets.blanked(text[offset..<marked]), startColumn: left.columns)
        let markedColumns = right.columns
        right.append(secrets.blanked(text[marked..<after.endIndex]))

        let isCutLeft = before.startIndex > Self.markLength && !Self.isBreak(text[before.startIndex - 1])
        let head = left.suffix(columns: Self.columnsBefore)
        let cutMark = isCutLeft || head.columns < left.columns ? "…" : ""
        let tail = right.prefix(columns: Self.columnsAfter)
        let isCutRight = after.endIndex < text.count && !Self.isBreak(text[after.endIndex])
        line = cutMark + head.text + tail.text + (isCutRight || tail.columns < right.columns ? "…" : "")
        indent = cutMark.count + head.columns
        length = max(1, min(markedColumns, tail.columns))
    }

    private static func before(_ offset: Int, in text: [UInt8]) -> ArraySlice<UInt8> {
        var start = offset
        while start > 0, offset - start < reach, !isBreak(text[start - 1]) { start -= 1 }
        // A window's edge must not cut a character.
        while start < offset, text[start] & 0xC0 == 0x80 { start += 1 }
        return dropMark(text[start..<offset])
    }

    private static func after(_ offset: Int, in text: [UInt8]) -> ArraySlice<UInt8> {
        var end = offset
        while end < text.count, end - offset < reach, !isBreak(text[end]) { end += 1 }
        while end > offset, end < text.count, text[end] & 0xC0 == 0x80 { end -= 1 }
        return text[offset..<end]
    }

    private static func dropMark(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        line.startIndex == 0 && line.starts(with: [0xEF, 0xBB, 0xBF]) ? line.dropFirst(markLength) : line
    }

    private static func isBreak(_ byte: UInt8) -> Bool { byte == 0x0A || byte == 0x0D }
}
