import Diagnostics
import YAMLTree

extension TemplateEvaluator {
    /// What a call gives.
    mutating func content(
        of call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        switch call.name {
        case "Ref": return try reference(to: try name(call), at: range)
        case "GetAtt": return try attribute(call, at: range)
        case "Sub": return try substitution(call, at: range)
        case "Join": return try joined(call, at: range)
        case "Select": return try selected(call, at: range)
        case "Split": return try split(call, at: range)
        case "If": return try chosen(call, at: range)
        case "FindInMap": return try found(call, at: range)
        case "ImportValue": return try imported(call, at: range)
        case "Base64": return try encoded(call)
        case "Length": return try length(call, at: range)
        case "ToJsonString": return try jsonText(call, at: range)
        case "Equals", "And", "Or", "Not", "Condition":
            switch try truth(call, at: range) {
            case .yes: return .text("true")
            case .no: return .text("false")
            case .unknown(let unknown): return .unknown(unknown)
            }
        case "Cidr", "GetAZs", "Transform", "ForEach":
            return .unknown(UnknownValue(call.label, option: nil, at: range))
        default: throw ProjectFailure("\(call.label) is no function of CloudFormation", at: range)
        }
    }

    /// The items of a call's list.
    func arguments(_ call: Intrinsic, _ counts: ClosedRange<Int>) throws(ProjectFailure) -> [YAMLNode] {
        guard let items = call.argument.sequence, counts.contains(items.count) else {
            let count =
                counts.count == 1 ? "\(counts.lowerBound)" : "\(counts.lowerBound) to \(counts.upperBound)"
            throw ProjectFailure("\(call.label) takes a list of \(count) items", at: call.argument.useRange)
        }
        return items
    }

    private func name(_ call: Intrinsic) throws(ProjectFailure) -> String {
        guard let name = call.argument.scalar?.text, !name.isEmpty else {
            throw ProjectFailure("\(call.label) takes a name", at: call.argument.useRange)
        }
        return name
    }

    private mutating func list(
        _ node: YAMLNode
    ) throws(ProjectFailure) -> Result<[ProjectValue], UnknownItem> {
        let value = try self.value(node)
        switch value.content {
        case .list(let items): return .success(items)
        case .unknown(let unknown): return .failure(UnknownItem(unknown: unknown))
        default:
            throw ProjectFailure("expected a list here, found \(value.kindInWords)", at: node.useRange)
        }
    }

    /// What a call is given itself: in its short form that has the call's tag.
    private mutating func argument(of call: Intrinsic) throws(ProjectFailure) -> ProjectValue {
        guard call.isShort else { return try value(call.argument) }
        guard let inner = Intrinsic(untagged: call.argument) else { return try plain(call.argument) }
        let range = call.argument.useRange
        return ProjectValue(content: try content(of: inner, at: range), range: range)
    }

    /// A text that a call is given itself.
    private mutating func encoded(
        _ call: Intrinsic
    ) throws(ProjectFailure) -> ProjectValue.Content {
        let value = try argument(of: call)
        switch value.content {
        case .text(let text):
            let result = Base64Text.encode(text)
            try spend(result.utf8.count, at: value.range)
            return .text(result)
        case .unknown: return value.content
        default: throw ProjectFailure("\(call.label) takes text", at: value.range)
        }
    }

    private mutating func joined(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        let parts = try arguments(call, 2...2)
        guard let delimiter = parts[0].scalar?.text else {
            throw ProjectFailure("the delimiter of Fn::Join is not text", at: parts[0].useRange)
        }
        let items: [ProjectValue]
        switch try list(parts[1]) {
        case .success(let found): items = found
        case .failure(let item): return .unknown(item.unknown)
        }
        var texts: [String] = []
        var unknown: UnknownValue?
        for item in items {
            switch item.content {
            case .text(let text): texts.append(text)
            case .unknown(let missing): unknown = unknown?.joined(missing) ?? missing
            default:
                throw ProjectFailure("Fn::Join joins texts, this is \(item.kindInWords)", at: item.range)
            }
        }
        if let unknown { return .unknown(unknown) }
        try spend(texts.reduce(0) { $0 + $1.utf8.count + delimiter.utf8.count }, at: range)
        return .text(texts.joined(separator: delimiter))
    }

    private mutating func selected(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        let parts = try arguments(call, 2...2)
        let position = try value(parts[0])
        if case .unknown = position.content { return position.content }
        guard let text = position.text, let index = Int(text), index >= 0 else {
            throw ProjectFailure("the index of Fn::Select is not a number", at: parts[0].useRange)
        }
        switch try list(parts[1]) {
        case .failure(let item): return .unknown(item.unknown)
        case .success(let items):
            guard index < items.count else {
                throw ProjectFailure(
                    "Fn::Select asks for item \(index) of a list of \(items.count)", at: range)
            }
            return items[index].content
        }
    }

    private mutating func split(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        let parts = try arguments(call, 2...2)
        guard let delimiter = parts[0].scalar?.text, !delimiter.isEmpty else {
            throw ProjectFailure("the delimiter of Fn::Split is not text", at: parts[0].useRange)
        }
        let value = try self.value(parts[1])
        guard let text = value.text else {
            if case .unknown = value.content { return value.content }
            throw ProjectFailure("Fn::Split splits a text, this is \(value.kindInWords)", at: value.range)
        }
        let items = TextPieces.split(text, at: delimiter)
        try spend(text.utf8.count + items.count, at: range)
        return .list(items.map { ProjectValue(content: .text($0), range: range) })
    }

    private mutating func chosen(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        let parts = try arguments(call, 3...3)
        guard let name = parts[0].scalar?.text else {
            throw ProjectFailure("Fn::If takes the name of a condition", at: parts[0].useRange)
        }
        switch try condition(named: name, at: parts[0].useRange) {
        case .yes: return try value(parts[1]).content
        case .no: return try value(parts[2]).content
        case .unknown(let unknown):
            return .unknown(UnknownValue(unknown.expression, option: unknown.option, at: range))
        }
    }

    private mutating func found(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        let parts = try arguments(call, 3...4)
        var keys: [String] = []
        for part in parts.prefix(3) {
            let value = try self.value(part)
            if case .unknown = value.content { return value.content }
            guard let text = value.text else {
                throw ProjectFailure("Fn::FindInMap takes texts", at: part.useRange)
            }
            keys.append(text)
        }
        guard let map = template.mappings[keys[0]] else {
            throw ProjectFailure("the template has no mapping \(keys[0])", at: parts[0].useRange)
        }
        if let found = map.mapping?[keys[1]]?.mapping?[keys[2]] { return try plain(found).content }
        if parts.count == 4, let fallback = parts[3].mapping?["DefaultValue"] {
            return try value(fallback).content
        }
        throw ProjectFailure("the mapping \(keys[0]) has no \(keys[1]) with a \(keys[2])", at: range)
    }

    private mutating func imported(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        let value = try argument(of: call)
        guard let name = value.text else {
            if case .unknown = value.content { return value.content }
            throw ProjectFailure("Fn::ImportValue takes the name of an export", at: range)
        }
        if let given = inputs.resourceValues[name] { return .text(given) }
        return .unknown(
            UnknownValue("Fn::ImportValue \(name)", option: "--resource-value \(name)=VALUE", at: range))
    }

    private mutating func length(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        let value = try argument(of: call)
        switch value.content {
        case .list(let items): return .text(String(items.count))
        case .unknown: return value.content
        default: throw ProjectFailure("Fn::Length takes a list", at: range)
        }
    }

    private mutating func jsonText(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        let value = try argument(of: call)
        if let unknown = value.unknown { return .unknown(unknown) }
        let text = ProjectJSON.text(value)
        try spend(text.utf8.count, at: range)
        return .text(text)
    }
}

/// A list, or an item of it, that nobody has given.
private struct UnknownItem: Error {
    var unknown: UnknownValue
}
