import YAMLTree

/// A call of one of CloudFormation's functions, in its short form (`!Sub text`) or its long one (`{"Fn::Sub": text}`).
struct Intrinsic {
    /// `Ref`, `Condition`, or the name after `Fn::`.
    var name: String
    /// What it is given.
    var argument: YAMLNode
    /// The short form, whose `!GetAtt` takes `A.B`.
    var isShort: Bool

    private static let known: Set<String> = [
        "Base64", "Cidr", "FindInMap", "ForEach", "GetAtt", "GetAZs", "If", "ImportValue", "Join", "Length",
        "Select", "Split", "Sub", "ToJsonString", "Transform", "And", "Equals", "Not", "Or",
    ]

    /// Reads a node as a call; nil when it is a plain value.
    init?(_ node: YAMLNode) {
        if let tag = node.tag, tag.hasPrefix("!") {
            let name = String(tag.dropFirst())
            guard name == "Ref" || name == "Condition" || Self.known.contains(name) else { return nil }
            self.init(name: name, argument: node, isShort: true)
            return
        }
        self.init(untagged: node)
    }

    /// Reads a node as a call in its long form, whatever its tag: `!ImportValue` may be given `{"Fn::Sub": text}`.
    init?(untagged node: YAMLNode) {
        guard let pairs = node.mapping?.pairs, pairs.count == 1, let key = pairs[0].key.scalar?.text else {
            return nil
        }
        if key == "Ref" || key == "Condition", pairs[0].value.scalar != nil {
            self.init(name: key, argument: pairs[0].value, isShort: false)
        } else if key.hasPrefix("Fn::") {
            let name = String(key.dropFirst(4))
            self.init(
                name: name.hasPrefix("ForEach") ? "ForEach" : name, argument: pairs[0].value, isShort: false)
        } else {
            return nil
        }
    }

    private init(name: String, argument: YAMLNode, isShort: Bool) {
        self.name = name
        self.argument = argument
        self.isShort = isShort
    }

    /// How people write it, for a message.
    var label: String { name == "Ref" || name == "Condition" ? name : "Fn::\(name)" }
}
