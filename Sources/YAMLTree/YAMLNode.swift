package import Diagnostics

/// One value of a YAML text: what it holds, and where it was written.
package struct YAMLNode: Sendable {
    /// What a node holds.
    package enum Content: Sendable {
        case scalar(YAMLScalar)
        case sequence([YAMLNode])
        case mapping(YAMLMapping)
    }

    /// What the node holds; aliases are already replaced by what they stand for.
    package let content: Content
    /// The explicit tag, as libyaml resolves it (`!Ref`, `tag:yaml.org,2002:str` for `!!str`).
    package let tag: String?

    private let definition: CompactRange
    private let alias: CompactRange?

    /// Makes a node that was written at a place.
    package init(_ content: Content, tag: String?, at range: SourceRange) {
        self.content = content
        self.tag = tag
        definition = CompactRange(range)
        alias = nil
    }

    private init(_ node: YAMLNode, usedAt range: SourceRange) {
        content = node.content
        tag = node.tag
        definition = node.definition
        alias = CompactRange(range)
    }

    func used(at range: SourceRange) -> YAMLNode {
        YAMLNode(self, usedAt: range)
    }

    /// Where the value itself is written: for an alias the place of the anchored value.
    package var range: SourceRange { definition.range }

    /// Where the value is used: the place of the alias if it came through one, else `range`.
    package var useRange: SourceRange { (alias ?? definition).range }

    /// Whether the value came through an alias.
    package var isAlias: Bool { alias != nil }
}

extension YAMLNode {
    /// The scalar, when the node is one.
    package var scalar: YAMLScalar? {
        guard case .scalar(let scalar) = content else { return nil }
        return scalar
    }

    /// The items, when the node is a list.
    package var sequence: [YAMLNode]? {
        guard case .sequence(let items) = content else { return nil }
        return items
    }

    /// The pairs, when the node is a map.
    package var mapping: YAMLMapping? {
        guard case .mapping(let mapping) = content else { return nil }
        return mapping
    }

    /// Whether YAML reads the node as null: nothing, `~`, or an unquoted `null`.
    package var isNull: Bool {
        guard let scalar else { return false }
        if let tag { return tag == "tag:yaml.org,2002:null" }
        return scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.text)
    }

    /// Whether the node holds nothing: null, `[]` or `{}`.
    package var isEmpty: Bool {
        switch content {
        case .scalar: isNull
        case .sequence(let items): items.isEmpty
        case .mapping(let mapping): mapping.pairs.isEmpty
        }
    }

    /// The kind of value in words for a message: "nothing", "text", "a list", "a map".
    package var kindInWords: String {
        switch content {
        case .scalar: isNull ? "nothing" : "text"
        case .sequence: "a list"
        case .mapping: "a map"
        }
    }
}

/// A scalar as it was written.
package struct YAMLScalar: Sendable, Hashable {
    /// How a scalar was written.
    package enum Style: Sendable, Hashable {
        case plain
        case singleQuoted
        case doubleQuoted
        /// `|`
        case literal
        /// `>`
        case folded

        /// Whether quotes were written around the text.
        package var isQuoted: Bool { self == .singleQuoted || self == .doubleQuoted }
    }

    /// The text, never turned into a number or a boolean: `3.10` stays `3.10`, `NO` stays `NO`.
    ///
    /// Escapes of quoted scalars and the line folding of YAML are already applied.
    package let text: String
    /// How it was written.
    package let style: Style

    /// Makes a scalar.
    package init(text: String, style: Style) {
        self.text = text
        self.style = style
    }
}

/// Half the size of a `SourceRange`, since a large text has hundreds of thousands of nodes.
private struct CompactRange: Sendable {
    private struct Position {
        let line: UInt32
        let column: UInt32
        let offset: UInt32

        init(_ position: SourcePosition) {
            line = UInt32(clamping: position.line)
            column = UInt32(clamping: position.column)
            offset = UInt32(clamping: position.offset)
        }

        var position: SourcePosition {
            SourcePosition(line: Int(line), column: Int(column), offset: Int(offset))
        }
    }

    private let start: Position
    private let end: Position

    init(_ range: SourceRange) {
        start = Position(range.start)
        end = Position(range.end)
    }

    var range: SourceRange { SourceRange(start: start.position, end: end.position) }
}
