import Diagnostics
import YAMLTree

/// Evaluates the expressions of a template, as far as the template and the command line tell their values.
///
/// What they do not tell becomes ``UnknownValue``; what no deployment could evaluate is thrown.
struct TemplateEvaluator {
    let template: Template
    let inputs: TemplateInputs
    /// Conditions that are known, or are being evaluated.
    var conditions: [String: ConditionState] = [:]
    /// Parameters that are known.
    var parameterValues: [String: ProjectValue.Content] = [:]
    /// Values that a parameter marks as secret with `NoEcho`.
    var hiddenValues: Set<String> = []
    /// Pseudo parameters that nobody gave, and the values that were taken for them.
    var assumptions: [String: String] = [:]

    /// Bytes of text and items of lists that may still be made.
    private var budget = 4 << 20
    private var depth = 0
    private var evaluates = true
    private static let deepest = 200

    enum ConditionState {
        case underway
        case known(Truth)
    }

    /// A condition's value; unknown when it depends on a value nobody gave.
    enum Truth {
        case yes
        case no
        case unknown(UnknownValue)
    }

    init(_ template: Template, _ inputs: TemplateInputs) {
        self.template = template
        self.inputs = inputs
    }

    /// The value of a node.
    /// - Throws: ``ProjectFailure`` where a deployment would fail too, and for expressions that grow without bounds.
    mutating func value(_ node: YAMLNode) throws(ProjectFailure) -> ProjectValue {
        try enter(node.useRange) { (evaluator) throws(ProjectFailure) in
            guard evaluator.evaluates, let call = Intrinsic(node) else { return try evaluator.plain(node) }
            return ProjectValue(
                content: try evaluator.content(of: call, at: node.useRange), range: node.useRange)
        }
    }

    /// One level deeper; a chain of references recurses as nested expressions do.
    mutating func enter<Value>(
        _ range: SourceRange, _ body: (inout Self) throws(ProjectFailure) -> Value
    ) throws(ProjectFailure) -> Value {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.deepest else {
            throw ProjectFailure(
                "expressions are nested deeper than \(Self.deepest) levels", at: range,
                hint: "nest less deeply")
        }
        return try body(&self)
    }

    /// A node that is no call, with the calls in it evaluated.
    mutating func plain(_ node: YAMLNode) throws(ProjectFailure) -> ProjectValue {
        switch node.content {
        case .scalar(let scalar):
            if node.isNull { return ProjectValue(content: .nothing, range: node.useRange) }
            try spend(scalar.text.utf8.count, at: node.useRange)
            return ProjectValue(content: .text(Self.canonical(scalar)), range: node.useRange)
        case .sequence(let items):
            var values: [ProjectValue] = []
            for item in items {
                let value = try value(item)
                if !value.isNothing { values.append(value) }
            }
            try spend(values.count, at: node.useRange)
            return ProjectValue(content: .list(values), range: node.useRange)
        case .mapping(let mapping):
            var entries: [ProjectValue.Entry] = []
            for pair in mapping.entries {
                guard let name = pair.key.scalar?.text else {
                    throw ProjectFailure("a key is not text", at: pair.key.useRange)
                }
                let value = try value(pair.value)
                if value.isNothing { continue }
                entries.append(.init(name: name, range: pair.key.useRange, value: value))
            }
            try spend(entries.count, at: node.useRange)
            return ProjectValue(content: .map(entries), range: node.useRange)
        }
    }

    /// A node in which nothing is evaluated, as in the API's JSON.
    mutating func literal(_ node: YAMLNode) throws(ProjectFailure) -> ProjectValue {
        evaluates = false
        defer { evaluates = true }
        return try value(node)
    }

    /// Counts what is made.
    mutating func spend(_ amount: Int, at range: SourceRange) throws(ProjectFailure) {
        budget -= amount
        guard budget >= 0 else {
            throw ProjectFailure(
                "the project's values are larger than 4 MiB when they are put together", at: range,
                hint: "look for expressions that repeat themselves")
        }
    }

    /// A boolean is the same however YAML spells it.
    static func canonical(_ scalar: YAMLScalar) -> String {
        guard scalar.style == .plain else { return scalar.text }
        switch scalar.text {
        case "True", "TRUE": return "true"
        case "False", "FALSE": return "false"
        default: return scalar.text
        }
    }
}
