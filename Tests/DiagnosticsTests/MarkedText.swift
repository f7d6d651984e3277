import Diagnostics

/// A text in which `«` and `»` mark a range, without the marks.
struct MarkedText {
    var text: [UInt8]
    var range: SourceRange

    init(_ marked: String) {
        var text: [UInt8] = []
        var positions: [SourcePosition] = []
        var line = 1
        var column = 1
        for scalar in marked.unicodeScalars {
            if scalar == "«" || scalar == "»" {
                positions.append(SourcePosition(line: line, column: column, offset: text.count))
                continue
            }
            text += Array(String(scalar).utf8)
            column = scalar == "\n" ? 1 : column + 1
            line += scalar == "\n" ? 1 : 0
        }
        self.text = text
        range = SourceRange(start: positions[0], end: positions[positions.count - 1])
    }
}
