/// A handler that is a function in a text.
protocol ScriptHandler {
    /// Where the function can be, the likeliest first.
    var files: [String] { get }
    /// What is wrong with the text, for a sentence that begins with the file's name; nil when the function is
    /// there.
    func problem(in text: String) -> String?
    /// Whether a file cannot be looked into.
    func isOpaque(_ file: String) -> Bool
}

extension ScriptHandler {
    func isOpaque(_ file: String) -> Bool { false }
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

    func problem(in text: String) -> String? {
        var blocks: [(indent: Int, isModule: Bool)] = []
        var isImporting = false
        for line in text.split(whereSeparator: \.isNewline) {
            let code = line.drop { $0 == " " || $0 == "\t" }
            guard let first = code.first, first != "#" else { continue }
            let indent = line.count - code.count
            let words = code.words
            if isImporting || words.first == "from" || words.first == "import" {
                if words.contains(function) || code.contains("import *") { return nil }
                isImporting = !code.contains(")") && (isImporting || code.contains("("))
                continue
            }
            while let last = blocks.last, last.indent >= indent { blocks.removeLast() }
            let isModule = blocks.allSatisfy(\.isModule)
            if isModule, defines(words, code) { return nil }
            let opens = [
                "if", "else", "elif", "try", "except", "finally", "with", "for", "while", "match", "case",
            ]
            blocks.append((indent, opens.contains(words.first ?? "")))
        }
        return "has no \(function) at its top level"
    }

    private func defines(_ words: [String], _ code: Substring) -> Bool {
        switch words.first {
        case "def", "class": return words.dropFirst().first == function
        case "async": return words.dropFirst(2).first == function
        default:
            guard let place = words.firstIndex(of: function) else { return false }
            // `handler = …`, `first, handler = …`, `handler: Handler = …`.
            let before = code.split(separator: "=", maxSplits: 1).first ?? ""
            return code.contains("=") && before.words.count > place && !before.contains("(")
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
        path = String(handler[..<dot])
        export = handler[handler.index(after: dot)...].split(separator: ".").last.map(String.init) ?? ""
        guard !export.isEmpty, !path.hasPrefix("/") else { return nil }
    }

    var files: [String] { ["\(path).js", "\(path).mjs", "\(path).cjs", path] }

    func problem(in text: String) -> String? {
        guard text.contains("export") else { return "exports nothing" }
        // `export * from`, and what bundlers make of it.
        let takesAll =
            text.contains("export *") || text.contains("__exportStar") || text.contains("__reExport")
        let isThere = takesAll || text.words.contains(export)
        return isThere ? nil : "does not export \(export)"
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
                && (index > 0 && ["def", "self", "define_method", "alias"].contains(words[index - 1]))
        }
        return isThere || text.contains("require") && words.contains(method) ? nil : "has no method \(method)"
    }
}

extension StringProtocol {
    /// Runs of letters, digits, `_` and `$`.
    fileprivate var words: [String] {
        split(whereSeparator: { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "$") }).map { String($0) }
    }
}
