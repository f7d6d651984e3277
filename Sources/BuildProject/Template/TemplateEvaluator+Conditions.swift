import Diagnostics
import YAMLTree

extension TemplateEvaluator {
    /// The value of a condition of the template.
    /// - Throws: ``ProjectFailure`` when there is none of that name, or it depends on itself.
    mutating func condition(named name: String, at range: SourceRange) throws(ProjectFailure) -> Truth {
        switch conditions[name] {
        case .known(let truth): return truth
        case .underway: throw ProjectFailure("the condition \(name) depends on itself", at: range)
        case nil: break
        }
        guard let node = template.conditions[name] else {
            throw ProjectFailure("the template has no condition \(name)", at: range)
        }
        conditions[name] = .underway
        let truth = try truth(node)
        conditions[name] = .known(truth)
        return truth
    }

    /// The value of a node that stands where a condition is expected.
    private mutating func truth(_ node: YAMLNode) throws(ProjectFailure) -> Truth {
        guard let call = Intrinsic(node) else {
            throw ProjectFailure(
                "a condition is one of Fn::Equals, Fn::And, Fn::Or, Fn::Not and Condition", at: node.useRange)
        }
        return try truth(call, at: node.useRange)
    }

    /// The value of a condition function.
    mutating func truth(_ call: Intrinsic, at range: SourceRange) throws(ProjectFailure) -> Truth {
        switch call.name {
        case "Condition":
            guard let name = call.argument.scalar?.text else {
                throw ProjectFailure("Condition takes a name", at: range)
            }
            return try enter(range) { (evaluator) throws(ProjectFailure) in
                try evaluator.condition(named: name, at: range)
            }
        case "Equals": return try equality(call)
        case "Not":
            let parts = try arguments(call, 1...1)
            switch try enter(range, { (evaluator) throws(ProjectFailure) in try evaluator.truth(parts[0]) }) {
            case .yes: return .no
            case .no: return .yes
            case .unknown(let unknown): return .unknown(unknown)
            }
        case "And", "Or": return try combination(call, range)
        default:
            throw ProjectFailure("\(call.label) is no condition", at: range)
        }
    }

    private mutating func equality(_ call: Intrinsic) throws(ProjectFailure) -> Truth {
        let parts = try arguments(call, 2...2)
        let left = try value(parts[0])
        let right = try value(parts[1])
        if let unknown = left.unknown ?? right.unknown { return .unknown(unknown) }
        return ProjectJSON.text(left) == ProjectJSON.text(right) ? .yes : .no
    }

    /// `Fn::And` and `Fn::Or`: a part that decides, decides, whatever is unknown about the others.
    private mutating func combination(
        _ call: Intrinsic, _ range: SourceRange
    ) throws(ProjectFailure) -> Truth {
        let isAnd = call.name == "And"
        var unknown: UnknownValue?
        for part in try arguments(call, 1...10) {
            switch try enter(range, { (evaluator) throws(ProjectFailure) in try evaluator.truth(part) }) {
            case .yes: if !isAnd { return .yes }
            case .no: if isAnd { return .no }
            case .unknown(let part): unknown = unknown ?? part
            }
        }
        if let unknown { return .unknown(unknown) }
        return isAnd ? .yes : .no
    }
}
