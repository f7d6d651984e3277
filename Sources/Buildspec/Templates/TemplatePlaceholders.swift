import Diagnostics

/// Placeholders of template engines in a text: `{{ }}`, `{% %}`, `<% %>`, and `${ }` that no shell would understand.
///
/// A buildspec is often made from a template. What is wrong with it then is that it is not filled in yet; fifty complaints
/// about single places would hide that.
struct TemplatePlaceholders {
    /// One placeholder.
    struct Placeholder {
        /// The engine's brackets.
        enum Form {
            /// `{{ }}`: Jinja, Handlebars, Go templates, Cookiecutter; also an argument of `docker --format`.
            case braces
            /// `{% %}` or `%{ }`
            case control
            /// `<% %>`: ERB, EJS.
            case percent
            /// `${ }` with something that is no shell parameter, or `$${`, which Terraform makes `${`.
            case foreignDollar
            /// `${ }` that a shell could mean.
            case dollar
        }

        let form: Form
        let line: Int
        let bytes: Range<Int>
    }

    /// All of them, in the order of the text.
    let all: [Placeholder]
    let text: [UInt8]

    /// More than this are not collected.
    private static let limit = 10_000
    /// A placeholder's opening and closing bracket lie on one line and not too far apart.
    private static let longest = 200

    /// Finds the placeholders of a text, in time proportional to its length.
    init(in text: [UInt8]) {
        self.text = text
        var found: [Placeholder] = []
        var line = 1
        var index = 0
        while index + 2 < text.count, found.count < Self.limit {
            let byte = text[index]
            if byte == 0x0A { line += 1 }
            guard let (form, close) = Self.opening(at: index, in: text),
                let end = Self.end(of: close, after: index, in: text)
            else {
                index += 1
                continue
            }
            let isForeign = form == .dollar && Self.isForeign(text[(index + 2)..<(end - 1)])
            found.append(Placeholder(form: isForeign ? .foreignDollar : form, line: line, bytes: index..<end))
            index = end
        }
        all = found
    }

    /// The text of a placeholder, for a message.
    func text(of placeholder: Placeholder) -> String {
        String(SecretShape.masked(String(decoding: text[placeholder.bytes], as: UTF8.self)).prefix(40))
    }

    /// Whether `{{ }}` holds the name of a variable, as Jinja and Cookiecutter have it: no `.Field` of Go's templates, and not
    /// on a line with an option for those.
    func isVariable(_ placeholder: Placeholder) -> Bool {
        let inner = text[placeholder.bytes].dropFirst(2).dropLast(2)
        let name = inner.drop { $0 == 0x20 }.prefix {
            VariableNames.isNameByte($0) || $0 == UInt8(ascii: ".")
        }
        let rest = inner[name.endIndex...].drop { $0 == 0x20 }
        guard let first = name.first, VariableNames.isNameByte(first),
            rest.isEmpty || rest.first == UInt8(ascii: "|")
        else { return false }
        let words = ["json", "end", "else", "range", "if", "with", "len", "index", "printf", "println"]
        guard !words.contains(String(decoding: name, as: UTF8.self)) else { return false }
        let start = text[..<placeholder.bytes.lowerBound].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let before = String(decoding: text[start..<placeholder.bytes.lowerBound].suffix(500), as: UTF8.self)
        return !["format", " -f ", "template", "sed ", "jq ", "awk "].contains { before.contains($0) }
    }

    /// The byte after the bracket that ends a placeholder; nil when it does not end on its line.
    private static func end(of close: [UInt8], after start: Int, in text: [UInt8]) -> Int? {
        let limit = min(text.count, start + longest)
        var index = start + 2
        while index + close.count <= limit {
            if text[index] == 0x0A { return nil }
            if text[index] == close[0], close.count == 1 || text[index + 1] == close[1] {
                return index + close.count
            }
            index += 1
        }
        return nil
    }

    private static func opening(at index: Int, in text: [UInt8]) -> (Placeholder.Form, close: [UInt8])? {
        let brace = UInt8(ascii: "{")
        let percent = UInt8(ascii: "%")
        switch (text[index], text[index + 1]) {
        case (brace, brace): return (.braces, Array("}}".utf8))
        case (brace, percent): return (.control, Array("%}".utf8))
        case (percent, brace):
            return isTerraformControl(text[(index + 2)...]) ? (.control, Array("}".utf8)) : nil
        case (UInt8(ascii: "<"), percent): return (.percent, Array("%>".utf8))
        case (UInt8(ascii: "$"), UInt8(ascii: "$")):
            return text[index + 2] == brace ? (.foreignDollar, Array("}".utf8)) : nil
        case (UInt8(ascii: "$"), brace): return (.dollar, Array("}".utf8))
        default: return nil
        }
    }

    /// `%{ if …}` and its like; `curl -w '%{http_code}'` is none.
    private static func isTerraformControl(_ text: ArraySlice<UInt8>) -> Bool {
        let rest = text.drop { $0 == 0x20 || $0 == UInt8(ascii: "~") }
        return ["if ", "else", "endif", "for ", "endfor"].contains { rest.starts(with: $0.utf8) }
    }

    /// Whether what stands in `${ }` is no shell parameter: `module.a`, `AWS::Region`, `f(x)`, `a + b`.
    private static func isForeign(_ inner: ArraySlice<UInt8>) -> Bool {
        let rest = inner.drop { $0 == UInt8(ascii: "#") || $0 == UInt8(ascii: "!") }
        let afterName = rest.drop { VariableNames.isNameByte($0) }
        guard let next = afterName.first else { return false }
        if next == UInt8(ascii: ":") { return afterName.dropFirst().first == next }
        return next == UInt8(ascii: ".") || next == UInt8(ascii: "(") || next == 0x20
    }
}
