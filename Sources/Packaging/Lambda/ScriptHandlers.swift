/// A handler that is a function in a text.
protocol ScriptHandler {
    /// Where the function can be, the likeliest first.
    var files: [String] { get }
    /// What is wrong with the text, for a sentence that begins with the file's name; nil when the function is
    /// there.
    func problem(in text: String) -> String?
    /// Whether a file cannot be looked into.
    func isOpaque(_ file: String) -> Bool
    /// What a compiled file's name begins and ends with, whatever stands between; nil where there are none.
    var compiled: (start: String, end: String)? { get }
}

extension ScriptHandler {
    func isOpaque(_ file: String) -> Bool { false }
    var compiled: (start: String, end: String)? { nil }
}

/// `package/module.function`, with slashes or dots between packages.
struct PythonHandler: ScriptHandler {
    private let module: String
    private let function: String

    init?(_ handler: String) {
        guard let dot = handler.lastIndex(of: "."), dot > handler.startIndex else { return nil }
        module = String(handler[..<dot]).replacing(".", with: "/")
        function = String(handler[handler.index(after: dot)...])
        guard !function.isEmpty, !module.hasPrefix("/") else { return nil }
    }

    var files: [String] {
        ["\(module)/__init__.py", "\(module).py", "\(module).pyc", "\(module).so"]
    }

    func isOpaque(_ file: String) -> Bool { !file.hasSuffix(".py") }

    /// `module.cpython-313-x86_64-linux-gnu.so`, `module.abi3.so`.
    var compiled: (start: String, end: String)? { (module + ".", ".so") }

    func problem(in text: String) -> String? {
        // What is made while the module runs may have any name.
        let makers = ["globals()[", "setattr(sys.modules", "\ndef __getattr__("]
        if makers.contains(where: ("\n" + text).contains) { return nil }
        let joined = text.replacing("\\\r\n", with: " ").replacing("\\\n", with: " ")
        return problem(in: codeLines(of: joined))
    }

    /// The lines without those inside of texts in three quotes, such as docstrings; all, where such a text never ends.
    private func codeLines(of text: String) -> [Substring] {
        let lines = text.split(whereSeparator: \.isNewline)
        var open: String?
        let code = lines.filter { line in
            let isInside = open != nil
            Self.pass(line, &open)
            return !isInside
        }
        return open == nil ? code : lines
    }

    /// Follows the three quotes of a line; `open` is the kind that is open before and after it.
    private static func pass(_ line: Substring, _ open: inout String?) {
        var rest = line
        while !rest.isEmpty {
            if let quotes = open {
                guard let end = rest.firstRange(of: quotes) else { return }
                rest = rest[end.upperBound...]
                open = nil
                continue
            }
            guard let next = rest.firstIndex(where: { "\"'#".contains($0) }) else { return }
            rest = rest[next...]
            if rest.first == "#" { return }
            let quote = String(rest.prefix(1))
            if rest.hasPrefix(quote + quote + quote) {
                open = quote + quote + quote
                rest = rest.dropFirst(3)
            } else {
                // A text on one line.
                rest = rest.dropFirst()
                while let character = rest.popFirst(), String(character) != quote {
                    if character == "\\" { rest = rest.dropFirst() }
                }
            }
        }
    }

    private func problem(in lines: [Substring]) -> String? {
        var blocks: [(indent: Int, isModule: Bool)] = []
        var isImporting = false
        for line in lines {
            var code = line.drop { $0 == " " || $0 == "\t" }
            guard let first = code.first, first != "#" else { continue }
            let indent = line.count - code.count
            var words = code.words
            if isImporting || words.first == "from" || words.first == "import" {
                // An import holds no text, so that this begins a comment.
                code = code.prefix { $0 != "#" }
                words = code.words
                if binds(words, isContinued: isImporting) || code.contains("import *") { return nil }
                isImporting = !code.contains(")") && (isImporting || code.contains("("))
                continue
            }
            while let last = blocks.last, last.indent >= indent { blocks.removeLast() }
            let isModule = blocks.allSatisfy(\.isModule)
            if isModule, code.split(separator: ";").contains(where: { defines($0.words, $0) }) { return nil }
            let opens = [
                "if", "else", "elif", "try", "except", "finally", "with", "for", "while", "match", "case",
            ]
            let isOpening = opens.contains(words.first ?? "")
            if isModule, isOpening, definesInLine(code) { return nil }
            blocks.append((indent, isOpening))
        }
        return "has no \(function) at its top level"
    }

    /// Whether a line that opens a block has the name in itself: `try: handler = …`, `if handler := …:`.
    private func definesInLine(_ code: Substring) -> Bool {
        let parts = code.split(separator: ":", omittingEmptySubsequences: false)
        return parts.indices.dropFirst().contains { index in
            let isNamed = parts[index].hasPrefix("=") && parts[index - 1].words.last == function
            return isNamed || defines(parts[index].words, parts[index].drop { $0 == " " })
        }
    }

    private func defines(_ words: [String], _ code: Substring) -> Bool {
        switch words.first {
        case "def", "class": return words.dropFirst().first == function
        case "async": return words.dropFirst(2).first == function
        default:
            // `handler = …`, `first, handler = …`, `handler: Handler = …`, `app = handler = …`.
            return Self.targets(code).contains { target in
                target.prefix { $0 != ":" }.split(separator: ",").contains { name in
                    name.drop { " \t([*".contains($0) }.prefix { !" \t)]".contains($0) } == function[...]
                }
            }
        }
    }

    /// What stands before each sign of an assignment, as far as nothing is called.
    private static func targets(_ code: Substring) -> [Substring] {
        var targets: [Substring] = []
        var start = code.startIndex
        for index in code.indices where code[index] == "=" {
            let before = index > code.startIndex ? code[code.index(before: index)] : " "
            let next = code.index(after: index)
            guard !"=!<>+-*/%&|^@~:".contains(before), next == code.endIndex || code[next] != "=" else {
                continue
            }
            let target = code[start..<index]
            guard !target.dropFirst().contains("(") || target.drop(while: { $0 == " " }).first == "(" else {
                break
            }
            targets.append(target)
            start = next
        }
        return targets
    }

    /// Whether an import gives a module the function's name: `from x import handler`, `import x as handler`.
    private func binds(_ words: [String], isContinued: Bool) -> Bool {
        let names: ArraySlice<String>
        if !isContinued, words.first == "from" {
            names = words.drop { $0 != "import" }.dropFirst()
        } else {
            names = words.first == "import" ? words.dropFirst() : words[...]
        }
        return names.indices.contains { index in
            names[index] == function && !(index + 1 < names.endIndex && names[index + 1] == "as")
        }
    }
}

/// `directory/file.export`.
struct NodeHandler: ScriptHandler {
    private let path: String
    private let export: String

    init?(_ handler: String) {
        let slash = handler.lastIndex(of: "/").map { handler.index(after: $0) } ?? handler.startIndex
        guard let dot = handler[slash...].firstIndex(of: "."), dot > slash else { return nil }
        // A path of Node's own kind may begin so.
        path = handler.hasPrefix("./") ? String(handler[..<dot].dropFirst(2)) : String(handler[..<dot])
        export = handler[handler.index(after: dot)...].split(separator: ".").last.map(String.init) ?? ""
        guard !export.isEmpty, !path.hasPrefix("/") else { return nil }
    }

    var files: [String] { ["\(path).js", "\(path).mjs", "\(path).cjs", path, "\(path)/index.js"] }

    func problem(in text: String) -> String? {
        guard text.contains("export") else { return "exports nothing" }
        // `export * from`, and what bundlers make of it.
        let takesAll =
            text.contains("export *") || text.contains("__exportStar") || text.contains("__reExport")
        let isThere = text.words.contains(export) || takesAll || exportsUnknown(text)
        return isThere ? nil : "does not export \(export)"
    }

    /// Whether names are exported that do not stand in the text: `module.exports = require(…)`, `exports[name] =`,
    /// `Object.assign(exports, …)`.
    private func exportsUnknown(_ text: String) -> Bool {
        let text = Array(text.utf8)
        let word = Array("exports".utf8)
        func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
        func isQuote(_ byte: UInt8) -> Bool { [0x22, 0x27, 0x60].contains(byte) }
        var rest = text[...]
        while let start = rest.firstRange(of: word) {
            rest = text[start.upperBound...]
            let after = rest.drop(while: isBlank)
            let value = after.dropFirst().drop(while: isBlank).first ?? 0
            switch after.first {
            case UInt8(ascii: "="):
                if value != UInt8(ascii: "{"), value != UInt8(ascii: "=") { return true }
                // What is spread into it may have any name.
                if value == UInt8(ascii: "{"), Self.spreads(after.dropFirst()) { return true }
            case UInt8(ascii: "["):
                if !isQuote(value) { return true }
            case UInt8(ascii: ","), UInt8(ascii: ")"):
                // What `exports` is handed to may add to it; `Object.defineProperty` names what it adds.
                var before = text[..<start.lowerBound]
                if before.hasSuffix("module.") { before = before.dropLast(7) }
                while let last = before.last, isBlank(last) { before.removeLast() }
                if before.last == UInt8(ascii: "("), !before.dropLast().hasSuffix("defineProperty") {
                    return true
                }
            default: break
            }
        }
        return false
    }
}

extension NodeHandler {
    /// Whether the first pair of braces holds `...` at its own level.
    private static func spreads(_ text: ArraySlice<UInt8>) -> Bool {
        var depth = 0
        for index in text.indices {
            switch text[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 { return false }
            case UInt8(ascii: "."):
                if depth == 1, text[index...].starts(with: "...".utf8) { return true }
            default: break
            }
        }
        return false
    }
}

/// `directory/file.method` or `directory/file.Module::Class.method`.
struct RubyHandler: ScriptHandler {
    private let path: String
    private let method: String

    init?(_ handler: String) {
        guard let dot = handler.firstIndex(of: "."), dot > handler.startIndex else { return nil }
        path = String(handler[..<dot])
        method = handler[handler.index(after: dot)...].split(separator: ".").last.map(String.init) ?? ""
        guard !method.isEmpty, !path.hasPrefix("/") else { return nil }
    }

    var files: [String] { ["\(path).rb"] }

    func problem(in text: String) -> String? {
        let words = text.words
        let isThere = words.indices.contains { index in
            words[index] == method
                && (index > 0
                    && ["def", "self", "define_method", "define_singleton_method", "alias", "alias_method"]
                        .contains(words[index - 1]))
        }
        // What another file of the package defines is there too.
        let takesMore = words.contains { $0 == "require_relative" || $0 == "load" }
        return isThere || takesMore || text.contains("require") && words.contains(method)
            ? nil : "has no method \(method)"
    }
}

extension ArraySlice<UInt8> {
    fileprivate func hasSuffix(_ text: String) -> Bool { suffix(text.utf8.count).elementsEqual(text.utf8) }
}

extension StringProtocol {
    /// Runs of letters, digits, `_` and `$`.
    fileprivate var words: [String] {
        split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "$") }).map { String($0) }
    }
}
