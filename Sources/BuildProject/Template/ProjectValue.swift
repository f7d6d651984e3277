package import Diagnostics

/// A value of a project definition after its template is evaluated, with the place it was written at.
struct ProjectValue: Sendable {
    /// What it holds.
    indirect enum Content: Sendable {
        case text(String)
        case list([ProjectValue])
        case map([Entry])
        /// `null`, or `AWS::NoValue`: as if it were not written.
        case nothing
        /// Nobody has said what it is; an error only for who needs it.
        case unknown(UnknownValue)
    }

    /// A key with its value.
    struct Entry: Sendable {
        var name: String
        var range: SourceRange
        var value: ProjectValue
    }

    var content: Content
    var range: SourceRange

    /// The text, when it is one.
    var text: String? {
        guard case .text(let text) = content else { return nil }
        return text
    }

    /// Whether it is as if it were not written.
    var isNothing: Bool {
        guard case .nothing = content else { return false }
        return true
    }

    /// The first value in it that nobody has given.
    var unknown: UnknownValue? {
        switch content {
        case .unknown(let unknown): return unknown
        case .text, .nothing: return nil
        case .list(let items):
            for item in items { if let unknown = item.unknown { return unknown } }
            return nil
        case .map(let entries):
            for entry in entries { if let unknown = entry.value.unknown { return unknown } }
            return nil
        }
    }

    /// What it is, in words for a message.
    var kindInWords: String {
        switch content {
        case .text: "text"
        case .list: "a list"
        case .map: "a map"
        case .nothing: "nothing"
        case .unknown: "unknown"
        }
    }
}

/// A value of a template that the template alone does not tell: of a resource, an export, a parameter without a default.
package struct UnknownValue: Sendable, Hashable {
    /// The expression as people write it: `!GetAtt Key.Arn`.
    package var expression: String
    /// The option that would give the value, such as `--resource-value Key.Arn=VALUE`; nil where none can.
    package var option: String?
    /// Where it is written.
    package var range: SourceRange

    /// Names a value that is not there.
    package init(_ expression: String, option: String?, at range: SourceRange) {
        self.expression = expression
        self.option = option
        self.range = range
        count = 1
    }

    /// How many values it stands for.
    private var count: Int

    /// Both values as one, so that a person is asked for all that a text needs at once; the first ten are named.
    func joined(_ other: UnknownValue) -> UnknownValue {
        let isNamed = expression.split(separator: ",").contains {
            TextPieces.trimmed(String($0)) == other.expression
        }
        guard !isNamed, count < 10 else { return self }
        var both = self
        both.count += 1
        both.expression += ", \(other.expression)"
        let options = [option, other.option].compactMap { $0 }
        both.option = options.isEmpty ? nil : options.joined(separator: " ")
        return both
    }
}
