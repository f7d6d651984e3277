import Diagnostics
import YAMLTree

extension TemplateEvaluator {
    /// `Ref`: a pseudo parameter, a parameter, or a resource.
    mutating func reference(
        to name: String, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        if name.hasPrefix("AWS::") { return try pseudoParameter(name, at: range) }
        if template.parameters[name] != nil { return try parameter(name, at: range) }
        if let given = inputs.resourceValues[name] {
            try spend(given.utf8.count, at: range)
            return .text(given)
        }
        guard template.logicalIDs.contains(name) else {
            throw ProjectFailure(
                "the template has no parameter and no resource \(name)", at: range,
                hint: "--resource-value \(name)=VALUE gives it a value")
        }
        return .unknown(UnknownValue("Ref \(name)", option: "--resource-value \(name)=VALUE", at: range))
    }

    /// `Fn::GetAtt`, as a list of two or as `Resource.Attribute`.
    mutating func attribute(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        var name = call.argument.scalar?.text ?? ""
        if let parts = call.argument.sequence {
            var texts: [String] = []
            for part in parts {
                let value = try self.value(part)
                if case .unknown = value.content { return value.content }
                texts.append(value.text ?? "")
            }
            name = texts.contains("") ? "" : texts.joined(separator: ".")
        }
        let parts = name.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
            throw ProjectFailure("Fn::GetAtt takes a resource and its attribute", at: range)
        }
        return try attribute(name, at: range)
    }

    /// The value of `Resource.Attribute`.
    mutating func attribute(
        _ name: String, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        if let given = inputs.resourceValues[name] {
            try spend(given.utf8.count, at: range)
            return .text(given)
        }
        let resource = name.split(separator: ".").first.map(String.init) ?? name
        guard template.logicalIDs.contains(resource) else {
            throw ProjectFailure(
                "the template has no resource \(resource)", at: range,
                hint: "--resource-value \(name)=VALUE gives it a value")
        }
        return .unknown(
            UnknownValue("Fn::GetAtt \(name)", option: "--resource-value \(name)=VALUE", at: range))
    }

    /// `AWS::Region` and its like.
    private mutating func pseudoParameter(
        _ name: String, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        if name == "AWS::NoValue" { return .nothing }
        if let given = inputs.resourceValues[name] ?? inputs.parameters[name] { return .text(given) }
        switch name {
        case "AWS::Region": return .text(inputs.region)
        case "AWS::Partition": return .text(inputs.partition)
        case "AWS::URLSuffix": return .text(inputs.hostSuffix)
        case "AWS::AccountId": return assumed(name, "000000000000")
        case "AWS::StackName": return assumed(name, inputs.stackName)
        case "AWS::StackId", "AWS::NotificationARNs":
            return .unknown(UnknownValue("Ref \(name)", option: "--resource-value \(name)=VALUE", at: range))
        default: throw ProjectFailure("\(name) is no pseudo parameter", at: range)
        }
    }

    private mutating func assumed(_ name: String, _ value: String) -> ProjectValue.Content {
        assumptions[name] = value
        return .text(value)
    }

    /// `Fn::Sub`, with or without variables of its own.
    mutating func substitution(
        _ call: Intrinsic, at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        var variables: [String: ProjectValue] = [:]
        var node = call.argument
        if let parts = call.argument.sequence {
            guard (1...2).contains(parts.count) else {
                throw ProjectFailure("Fn::Sub takes a text, or a list of a text and a map", at: range)
            }
            node = parts[0]
            if parts.count == 2 {
                guard let map = parts[1].mapping else {
                    throw ProjectFailure("the variables of Fn::Sub are a map", at: parts[1].useRange)
                }
                for entry in map.entries {
                    guard let name = entry.key.scalar?.text else { continue }
                    variables[name] = try value(entry.value)
                }
            }
        }
        guard let scalar = node.scalar else {
            throw ProjectFailure("Fn::Sub takes a text, or a list of a text and a map", at: node.useRange)
        }
        return try substitute(scalar, variables, at: node.useRange)
    }

    private mutating func substitute(
        _ scalar: YAMLScalar, _ variables: [String: ProjectValue], at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        var result: [UInt8] = []
        let bytes = Array(scalar.text.utf8)
        var index = 0
        var line = range.start.line + (scalar.style == .literal ? 1 : 0)
        var unknown: UnknownValue?
        while index < bytes.count {
            let byte = bytes[index]
            guard byte == UInt8(ascii: "$"), index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "{"),
                let end = bytes[index...].firstIndex(of: UInt8(ascii: "}"))
            else {
                if byte == 0x0A, scalar.style == .literal { line += 1 }
                result.append(byte)
                index += 1
                continue
            }
            let place = scalar.style == .literal ? range.moved(toLine: line) : range
            let name = String(decoding: bytes[(index + 2)..<end], as: UTF8.self)
            index = end + 1
            if name.hasPrefix("!") {
                result += Array("${\(name.dropFirst())}".utf8)
                continue
            }
            let value = try variable(TextPieces.trimmed(name), variables, at: place)
            switch value {
            case .text(let text):
                try spend(text.utf8.count, at: place)
                result += text.utf8
            case .unknown(let missing): unknown = unknown?.joined(missing) ?? missing
            case .nothing: break
            case .list, .map:
                throw ProjectFailure("Fn::Sub: ${\(name)} is not text", at: place)
            }
        }
        if let unknown { return .unknown(unknown) }
        return .text(String(decoding: result, as: UTF8.self))
    }

    private mutating func variable(
        _ name: String, _ variables: [String: ProjectValue], at range: SourceRange
    ) throws(ProjectFailure) -> ProjectValue.Content {
        if let value = variables[name] { return value.content }
        let isName = !name.isEmpty && (name.hasPrefix("AWS::") || name.utf8.allSatisfy(Self.isNameByte))
        guard isName else {
            throw ProjectFailure(
                "Fn::Sub: ${\(name)} is no reference", at: range,
                hint: "text that is meant as it is, is written ${!\(name)}")
        }
        if name.hasPrefix("AWS::") || template.parameters[name] != nil || !name.contains(".") {
            return try reference(to: name, at: range)
        }
        return try attribute(name, at: range)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || byte == UInt8(ascii: ".")
    }
}

extension SourceRange {
    /// The beginning of another line: inside a block of text only lines are known.
    fileprivate func moved(toLine line: Int) -> SourceRange {
        let position = SourcePosition(line: line, column: 1, offset: start.offset)
        return SourceRange(start: position, end: position)
    }
}
