/// Text as a terminal shows it: what each character looks like, and how many columns it takes.
package struct DisplayText {
    /// One character, or what stands for it.
    private struct Cell {
        var text: String
        var width: Int
    }

    private static let tabStop = 4

    private var cells: [Cell] = []
    private let startColumn: Int

    /// `startColumn` is where the text begins in its line, counted from 0; tabs depend on it.
    init(_ text: String, startColumn: Int) {
        self.startColumn = startColumn
        append(text)
    }

    private init(cells: [Cell], startColumn: Int) {
        self.cells = cells
        self.startColumn = startColumn
    }

    /// Columns that the text takes.
    var columns: Int { cells.reduce(0) { $0 + $1.width } }

    /// What is printed.
    var text: String { cells.map(\.text).joined() }

    /// Appends text behind what is there.
    mutating func append(_ text: String) {
        var column = startColumn + columns
        for scalar in text.unicodeScalars {
            let cell: Cell
            if scalar == "\t" {
                let width = Self.tabStop - column % Self.tabStop
                cell = Cell(text: String(repeating: " ", count: width), width: width)
            } else if Self.isHarmful(scalar) {
                let shown = Self.number(of: scalar)
                cell = Cell(text: shown, width: shown.utf8.count)
            } else {
                cell = Cell(text: String(Character(scalar)), width: Self.width(of: scalar))
            }
            column += cell.width
            cells.append(cell)
        }
    }

    /// The end of the text that fits into so many columns.
    func suffix(columns limit: Int) -> DisplayText {
        var used = 0
        let kept = cells.reversed().prefix { cell in
            used += cell.width
            return used <= limit
        }
        return DisplayText(cells: kept.reversed(), startColumn: startColumn)
    }

    /// The beginning of the text that fits into so many columns.
    func prefix(columns limit: Int) -> DisplayText {
        var used = 0
        let kept = cells.prefix { cell in
            used += cell.width
            return used <= limit
        }
        return DisplayText(cells: Array(kept), startColumn: startColumn)
    }

    /// A text on one line without anything that a terminal would obey.
    package static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { isHarmful($0) || $0 == "\t" }) else { return text }
        return text.unicodeScalars.map { scalar in
            if scalar == "\t" { return " " }
            if scalar == "\n" { return "\\n" }
            return isHarmful(scalar) ? number(of: scalar) : String(Character(scalar))
        }.joined()
    }

    private static func number(of scalar: Unicode.Scalar) -> String {
        "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
    }

    /// Control characters, line separators, and characters that change the order in which text is shown.
    static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0: scalar != "\t"
        case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2060...0x206F, 0xFEFF, 0xE0000...0xE007F: true
        default: false
        }
    }

    /// Columns of a scalar: 0 for combining ones, 2 for East Asian wide ones and emoji (Unicode Standard Annex 11), else 1.
    private static func width(of scalar: Unicode.Scalar) -> Int {
        if scalar.value < 0x300 { return 1 }
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: return 0
        default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
        }
    }

    private static let wide: [ClosedRange<UInt32>] = [
        0x1100...0x115F, 0x231A...0x231B, 0x2329...0x232A, 0x23E9...0x23EC, 0x25FD...0x25FE, 0x2614...0x2615,
        0x26A1...0x26A1, 0x2705...0x2705, 0x274C...0x274C, 0x2753...0x2757, 0x2795...0x2797, 0x2B50...0x2B50,
        0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xA000...0xA4CF, 0xA960...0xA97F,
        0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6,
        0x16FE0...0x18AFF,
        0x1B000...0x1B2FF, 0x1F004...0x1F004, 0x1F0CF...0x1F0CF, 0x1F18E...0x1F18E, 0x1F191...0x1F19A,
        0x1F200...0x1F320, 0x1F32D...0x1F335, 0x1F337...0x1F37C, 0x1F37E...0x1F393, 0x1F3A0...0x1F3CA,
        0x1F3CF...0x1F3D3, 0x1F3E0...0x1F3F0, 0x1F3F8...0x1F43E, 0x1F440...0x1F440, 0x1F442...0x1F4FC,
        0x1F4FF...0x1F53D, 0x1F54B...0x1F54E, 0x1F550...0x1F567, 0x1F57A...0x1F57A, 0x1F595...0x1F596,
        0x1F5A4...0x1F5A4, 0x1F5FB...0x1F64F, 0x1F680...0x1F6C5, 0x1F6CC...0x1F6CC, 0x1F6D0...0x1F6D2,
        0x1F6D5...0x1F6DF, 0x1F6EB...0x1F6EC, 0x1F6F4...0x1F6FC, 0x1F7E0...0x1F7EB, 0x1F90C...0x1F9FF,
        0x1FA70...0x1FAFF, 0x20000...0x3FFFD,
    ]
}
