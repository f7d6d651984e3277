import Buildspec
import Diagnostics
import Testing
import YAMLTree

/// A valid file with one key damaged so that CodeBuild would read it differently.
struct Mutant: Sendable, CustomTestStringConvertible {
    /// What was done to the key.
    let damage: String
    /// The key's path.
    let path: String
    /// Lines on which the damage may be told of.
    let lines: ClosedRange<Int>
    /// The damaged text.
    let text: [UInt8]

    var testDescription: String { "\(damage) \(path)" }
}

/// Makes mutants of the keys that the tables know.
struct MutantMaker {
    private let text: [UInt8]
    private(set) var mutants: [Mutant] = []

    init(_ text: [UInt8]) throws {
        self.text = text
        guard let root = try YAMLDocument(parsing: text).root?.mapping else { return }
        visit(root, TopLevelKey.self, path: "")
    }

    private mutating func visit<Key: SectionKey>(_ mapping: YAMLMapping, _: Key.Type, path: String) {
        for pair in mapping.pairs {
            guard let name = pair.key.scalar?.text, let key = Key(rawValue: name), !pair.value.isAlias else {
                continue
            }
            let place = path.isEmpty ? name : path + "/" + name
            misspell(pair, in: Key.self, place)
            retype(pair, key.definition.shape, place)
            misplace(pair, in: Key.self, place)
            switch key.definition.shape {
            case .section(let inner): pair.value.mapping.map { visit($0, inner, path: place) }
            case .namedSections(let inner):
                for entry in pair.value.mapping?.pairs ?? [] {
                    entry.value.mapping.map { visit($0, inner, path: place + "/*") }
                }
            case .sections(let inner):
                for item in pair.value.sequence ?? [] {
                    item.mapping.map { visit($0, inner, path: place + "[]") }
                }
            default: continue
            }
        }
    }

    private mutating func misspell<Key: SectionKey>(_ pair: YAMLPair, in _: Key.Type, _ path: String) {
        guard let name = pair.key.scalar?.text else { return }
        var letters = Array(name)
        let middle = letters.count / 2
        letters.swapAt(middle - 1, middle)
        let spellings: Set = [
            String(name.dropLast()), String(name.dropFirst()), name + "s", name + "x", name.uppercased(),
            String(letters),
            String(name.map { $0 == "-" ? "_" : $0 == "_" ? "-" : $0 }),
            name.prefix(1).uppercased() + name.dropFirst(),
            String(name.filter { $0 != "-" && $0 != "_" }),
        ]
        for spelling in spellings.sorted() where Key(rawValue: spelling) == nil {
            add("misspelt as \(spelling)", path, pair, replacing: pair.key.range, by: spelling)
        }
    }

    /// Values of kinds that the key does not take, and no value.
    private mutating func retype(_ pair: YAMLPair, _ shape: ValueShape, _ path: String) {
        let values: [String] =
            switch shape {
            case .text, .pattern: ["[a, b]", "{a: b}", ""]
            case .boolean, .integer: ["[a, b]", "{a: b}", "maybe", ""]
            case .choice: ["[a, b]", "{a: b}", "other"]
            case .texts: ["{a: b}", "[{a: b}]", "[[a]]", ""]
            case .namedTexts: ["[a, b]", "text", "{A: [b]}", "{A: {b: c}}", ""]
            case .namedTextLists: ["[a, b]", "text", "{A: {b: c}}", ""]
            case .section: ["[a, b]", "text", ""]
            case .namedSections: ["[a, b]", "text", "{a: [b]}", "{a: text}", ""]
            case .sections: ["{a: b}", "text", "[a]", ""]
            }
        for value in values {
            add("given `\(value)`", path, pair, replacing: valueRange(of: pair), by: " " + value)
        }
    }

    /// The same key at the top level, or one level too deep in its neighbour's place.
    private mutating func misplace<Key: SectionKey>(_ pair: YAMLPair, in _: Key.Type, _ path: String) {
        let start = pair.key.range.start
        let end = max(pair.value.range.end.offset, pair.key.range.end.offset)
        guard path.contains("/"), !path.contains("[]"), isBlock(pair) else { return }
        guard TopLevelKey(rawValue: pair.key.scalar?.text ?? "") == nil else { return }
        var lines = String(decoding: text[start.offset..<end], as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false)
        for index in lines.indices.dropFirst() {
            let indentation = lines[index].prefix { $0 == " " }.count
            lines[index] = lines[index].dropFirst(min(indentation, start.column - 1))
        }
        var damaged = Array(text[..<(start.offset)]) + Array("x-moved: 1".utf8) + text[end...]
        if damaged.last != 0x0A { damaged.append(0x0A) }
        let line = damaged.count { $0 == 0x0A } + 1
        damaged += lines.joined(separator: "\n").utf8
        mutants.append(
            Mutant(
                damage: "moved to the top level", path: path, lines: line...(line + lines.count),
                text: damaged))
    }

    private func isBlock(_ pair: YAMLPair) -> Bool {
        var index = pair.key.range.start.offset
        while index > 0, text[index - 1] == 0x20 { index -= 1 }
        return index == 0 || text[index - 1] == 0x0A
    }

    private func valueRange(of pair: YAMLPair) -> Range<Int> {
        let colon =
            text[pair.key.range.end.offset...].firstIndex(of: UInt8(ascii: ":")) ?? pair.key.range.end.offset
        var end = max(pair.value.range.end.offset, colon + 1)
        // A block scalar's end is the beginning of the next line.
        while end > colon + 1, text[end - 1] == 0x0A || text[end - 1] == 0x20 { end -= 1 }
        return (colon + 1)..<end
    }

    private mutating func add(
        _ damage: String, _ path: String, _ pair: YAMLPair, replacing bytes: Range<Int>, by new: String
    ) {
        var damaged = text
        damaged.replaceSubrange(bytes, with: new.utf8)
        let line = pair.key.range.start.line
        mutants.append(Mutant(damage: damage, path: path, lines: line...line, text: damaged))
    }

    private mutating func add(
        _ damage: String, _ path: String, _ pair: YAMLPair, replacing range: SourceRange, by new: String
    ) {
        add(damage, path, pair, replacing: range.start.offset..<range.end.offset, by: new)
    }
}
