import Diagnostics
import RetryPattern
import YAMLTree

extension TemplateEvaluator {
    /// The value of a parameter: given, or its default.
    /// - Throws: ``ProjectFailure`` when the value is not one that the parameter allows.
    mutating func parameter(
        _ name: String, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        if let known = parameterValues[name] { return known }
        guard let node = template.parameters[name], let declaration = node.mapping else {
            throw ProjectFailure("the parameter \(name) is not declared with a map", at: range)
        }
        let type = declaration["Type"]?.scalar?.text ?? "String"
        let given = inputs.parameters[name]
        // The default of an SSM type is the name of a parameter, not its value.
        let isIndirect = type.hasPrefix("AWS::SSM::Parameter::Value")
        guard let text = given ?? (isIndirect ? nil : Self.text(declaration["Default"])) else {
            return .unknown(UnknownValue("Ref \(name)", option: "--parameter \(name)=VALUE", at: range))
        }
        let isList = type == "CommaDelimitedList" || type.contains("List<")
        let items = isList ? (text.isEmpty ? [] : TextPieces.commaList(text)) : [text]
        let check = ParameterCheck(name: name, declaration: declaration, range: node.useRange)
        for item in items {
            try check.check(item, isNumber: type.hasSuffix("Number") || type.hasSuffix("<Number>"))
        }
        if Self.text(declaration["NoEcho"]) == "true" { hiddenValues.formUnion(items) }
        try spend(text.utf8.count + items.count, at: range)
        let content: ProjectValue.Content =
            isList
            ? .list(items.map { ProjectValue(content: .text($0), range: range) }) : .text(text)
        parameterValues[name] = content
        return content
    }

    /// Refuses parameters that the template does not have.
    func checkGivenParameters() throws(ProjectFailure) {
        for name in inputs.parameters.keys.sorted()
        where template.parameters[name] == nil && !name.hasPrefix("AWS::") {
            let known = template.parameters.keys.sorted().joined(separator: ", ")
            throw ProjectFailure(
                "--parameter \(name): the template has no such parameter",
                hint: known.isEmpty ? "it has none at all" : "its parameters are \(known)")
        }
    }

    private static func text(_ node: YAMLNode?) -> String? {
        guard let node else { return nil }
        if let scalar = node.scalar, !node.isNull { return canonical(scalar) }
        return node.isNull ? "" : nil
    }
}

/// What a parameter's declaration says about its values.
///
/// No message shows a value: it may be secret.
struct ParameterCheck {
    var name: String
    var declaration: YAMLMapping
    var range: SourceRange

    /// Checks one value, or one item of a list.
    /// - Throws: ``ProjectFailure`` with the constraint.
    func check(_ value: String, isNumber: Bool) throws(ProjectFailure) {
        if isNumber, Double(value) == nil { throw failure("is not a number", nil) }
        if let allowed = declaration["AllowedValues"]?.sequence?.compactMap({ $0.scalar?.text }),
            !allowed.contains(where: { $0 == value || $0.lowercased() == value && Self.isBoolean(value) })
        {
            throw failure("is none of its AllowedValues", allowed.joined(separator: ", "))
        }
        if let pattern = declaration["AllowedPattern"]?.scalar?.text, !Self.matches(value, pattern) {
            throw failure("does not match its AllowedPattern", pattern)
        }
        let length = value.unicodeScalars.count
        if let least = number("MinLength"), Double(length) < least { throw failure("is too short", nil) }
        if let most = number("MaxLength"), Double(length) > most { throw failure("is too long", nil) }
        if let amount = Double(value) {
            if let least = number("MinValue"), amount < least { throw failure("is too small", nil) }
            if let most = number("MaxValue"), amount > most { throw failure("is too large", nil) }
        }
    }

    private func number(_ key: String) -> Double? {
        declaration[key]?.scalar.flatMap { Double($0.text) }
    }

    private static func isBoolean(_ value: String) -> Bool { value == "true" || value == "false" }

    /// Whether all of the value matches; a pattern of a dialect that we cannot read is left to the deployment.
    private static func matches(_ value: String, _ pattern: String) -> Bool {
        guard let compiled = try? RetryPattern("\\A(?:\(pattern))\\z") else { return true }
        return compiled.matches(value)
    }

    private func failure(_ problem: String, _ constraint: String?) -> ProjectFailure {
        let said = declaration["ConstraintDescription"]?.scalar.map { ": \($0.text)" } ?? ""
        return ProjectFailure(
            "the value of the parameter \(name) \(problem)\(said)", at: range,
            hint: constraint.map { "--parameter \(name)=VALUE, where allowed is: \($0)" })
    }
}
