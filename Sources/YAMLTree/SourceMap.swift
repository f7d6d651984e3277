package import Diagnostics

/// Turns libyaml's marks, which count characters, into lines, columns and byte offsets as editors count them.
///
/// A line ends at a line feed, a carriage return, or both together. (libyaml also ends lines at U+0085, U+2028 and
/// U+2029; editors do not.) Marks are asked for in nearly rising order, so a cursor makes all of them cost linear time.
package struct SourceMap {
    /// Where a line begins.
    private struct LineStart {
        var character: Int
        var offset: Int
    }

    private let text: ArraySlice<UInt8>
    private let isASCII: Bool
    private let lines: [LineStart]
    private var lineCursor = 0
    private var cursor: LineStart

    /// `text` is what is read: for libyaml, without a byte order mark.
    ///
    /// Its indices are the file's byte offsets.
    package init(_ text: ArraySlice<UInt8>) {
        self.text = text
        cursor = LineStart(character: 0, offset: text.startIndex)
        var lines = [cursor]
        var character = 0
        var isASCII = true
        var previous: UInt8 = 0
        for offset in text.indices {
            let byte = text[offset]
            if byte == 0x0A && previous == 0x0D {
                lines[lines.count - 1] = LineStart(character: character + 1, offset: offset + 1)
            } else if byte == 0x0A || byte == 0x0D {
                lines.append(LineStart(character: character + 1, offset: offset + 1))
            }
            if byte >= 0x80 { isASCII = false }
            if byte & 0xC0 != 0x80 { character += 1 }
            previous = byte
        }
        self.lines = lines
        self.isASCII = isASCII
    }

    /// The position of a character, counted from 0.
    mutating func position(ofCharacter index: Int) -> SourcePosition {
        moveLine(to: index)
        let start = lines[lineCursor]
        let offset = offset(ofCharacter: index, lineStart: start)
        return SourcePosition(
            line: lineCursor + 1, column: max(1, index - start.character + 1), offset: offset)
    }

    /// The position of a byte of the file.
    package func position(ofByte offset: Int) -> SourcePosition {
        let offset = min(max(offset, text.startIndex), text.endIndex)
        let line = lastLine { $0.offset <= offset }
        let start = min(lines[line].offset, offset)
        let column = text[start..<offset].count { $0 & 0xC0 != 0x80 } + 1
        return SourcePosition(line: line + 1, column: column, offset: offset)
    }

    private mutating func moveLine(to index: Int) {
        if lines[lineCursor].character <= index {
            for _ in 0..<8 {
                guard lineCursor + 1 < lines.count, lines[lineCursor + 1].character <= index else { return }
                lineCursor += 1
            }
        }
        lineCursor = lastLine { $0.character <= index }
    }

    /// The last line for which the condition holds; it holds for a prefix of the lines.
    private func lastLine(where condition: (LineStart) -> Bool) -> Int {
        var low = 0
        var high = lines.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if condition(lines[middle]) { low = middle } else { high = middle }
        }
        return low
    }

    private mutating func offset(ofCharacter index: Int, lineStart: LineStart) -> Int {
        if isASCII { return min(text.startIndex + index, text.endIndex) }
        if cursor.character > index || cursor.character < lineStart.character { cursor = lineStart }
        while cursor.character < index, cursor.offset < text.endIndex {
            cursor.offset += 1
            while cursor.offset < text.endIndex, text[cursor.offset] & 0xC0 == 0x80 { cursor.offset += 1 }
            cursor.character += 1
        }
        return cursor.offset
    }
}
