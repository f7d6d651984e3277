import Diagnostics

/// Builds a tree from libyaml's events and keeps it within the limits while it grows.
struct YAMLTreeBuilder: ~Copyable {
    /// A value that an alias can stand for.
    private struct Anchored {
        var node: YAMLNode
        /// What is in it, its own aliases expanded.
        var size: Size
        /// Levels of collections in it; 0 for a scalar.
        var height: Int
    }

    /// How much a value holds, aliases expanded.
    private struct Size {
        var nodes = 0
        var bytes = 0
    }

    /// A node, and the levels of collections in it.
    private typealias Built = (node: YAMLNode, height: Int)

    private var reader: YAMLEventReader
    private var source: SourceMap
    private let base: Int
    private let limits: YAMLLimits
    /// Bytes of scalars that are taken.
    private let scalarBytes: Int
    private var anchors: [String: Anchored] = [:]
    private var open: Set<String> = []
    private var aliases = 0
    private var total = Size()
    /// Whether a fault of syntax ends the tree where it is instead of refusing the text.
    private let isTolerant: Bool
    /// The fault that ended the tree.
    private(set) var failure: YAMLError?
    /// Whether anything had an anchor, or a map a merge key.
    private(set) var sharesValues = false

    init(_ text: ArraySlice<UInt8>, limits: YAMLLimits, isTolerant: Bool = false) throws(YAMLError) {
        self.isTolerant = isTolerant
        source = SourceMap(text)
        base = text.startIndex
        self.limits = limits
        scalarBytes = limits.expandedBytes.addingReportingOverflow(text.count).partialValue
        do {
            reader = try YAMLEventReader(text)
        } catch {
            throw Self.error(error, in: &source, base: text.startIndex)
        }
    }

    /// The outermost node of the first document; nil when there is no document.
    mutating func document() throws(YAMLError) -> YAMLNode? {
        while true {
            let event = try next()
            switch event.kind {
            case .streamStart: continue
            case .documentStart:
                let root = try node(try next(), depth: 1).node
                return root
            default: return nil
            }
        }
    }

    /// Where anything follows the first document, which `document()` has just read.
    ///
    /// A fault there is none of ours: the Go library does not look at it either.
    mutating func unreadText() -> SourceRange? {
        do {
            while true {
                let event = try reader.next()
                switch event.kind {
                case .documentEnd: continue
                case .streamEnd: return nil
                default: return range(event)
                }
            }
        } catch {
            return Self.error(error, in: &source, base: base).range
        }
    }

    private mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> Built {
        switch event.kind {
        case .alias(let name):
            return try alias(name, event, depth: depth)
        case .scalar(let scalar, let properties):
            let size = Size(nodes: 1, bytes: scalar.text.utf8.count)
            try count(size, at: event)
            let node = YAMLNode(.scalar(scalar), tag: properties.tag, at: range(event))
            if let anchor = properties.anchor {
                sharesValues = true
                anchors[anchor] = Anchored(node: node, size: size, height: 0)
            }
            return (node, 0)
        case .sequenceStart(let properties):
            return try collection(event, properties, depth: depth) { (builder) throws(YAMLError) in
                try builder.sequence(depth: depth)
            }
        case .mappingStart(let properties):
            return try collection(event, properties, depth: depth) { (builder) throws(YAMLError) in
                try builder.mapping(depth: depth)
            }
        default:
            // libyaml's grammar has an event that opens a value wherever one is asked for.
            throw YAMLError(.syntax, "did not find expected node content", at: range(event))
        }
    }

    /// What a collection holds, its height, and where it ends.
    private typealias Contents = (content: YAMLNode.Content, height: Int, end: SourcePosition?)

    private mutating func collection(
        _ event: YAMLEvent, _ properties: YAMLEvent.Properties, depth: Int,
        contents: (inout YAMLTreeBuilder) throws(YAMLError) -> Contents
    ) throws(YAMLError) -> Built {
        guard depth <= limits.depth else { throw tooDeep(event) }
        let before = total
        try count(Size(nodes: 1), at: event)
        if let anchor = properties.anchor {
            sharesValues = true
            anchors[anchor] = nil
            open.insert(anchor)
        }
        let start = range(event)
        let (content, height, end) = try contents(&self)
        let node = YAMLNode(
            content, tag: properties.tag, at: SourceRange(start: start.start, end: end ?? start.end))
        if let anchor = properties.anchor {
            open.remove(anchor)
            let size = Size(nodes: total.nodes - before.nodes, bytes: total.bytes - before.bytes)
            anchors[anchor] = Anchored(node: node, size: size, height: height)
        }
        return (node, height)
    }

    private mutating func sequence(depth: Int) throws(YAMLError) -> Contents {
        var items: [YAMLNode] = []
        var height = 0
        while let event = try nextIfAny() {
            if case .sequenceEnd = event.kind {
                return (.sequence(items), height + 1, end(of: event, after: items.last))
            }
            let item = try node(event, depth: depth + 1)
            height = max(height, item.height)
            items.append(item.node)
            if failure != nil { break }
        }
        return (.sequence(items), height + 1, items.last?.useRange.end)
    }

    private mutating func mapping(depth: Int) throws(YAMLError) -> Contents {
        var pairs: [YAMLPair] = []
        var height = 0
        while let event = try nextIfAny() {
            if case .mappingEnd = event.kind {
                return (.mapping(YAMLMapping(pairs)), height + 1, end(of: event, after: pairs.last?.value))
            }
            let key = try node(event, depth: depth + 1)
            guard failure == nil, let event = try nextIfAny() else { break }
            let value = try node(event, depth: depth + 1)
            height = max(height, key.height, value.height)
            let pair = YAMLPair(key: key.node, value: value.node)
            if pair.isMerge {
                sharesValues = true
                try checkMerge(pair)
            }
            pairs.append(pair)
            if failure != nil { break }
        }
        return (.mapping(YAMLMapping(pairs)), height + 1, pairs.last?.value.useRange.end)
    }

    /// A flow collection ends with its bracket.
    ///
    /// A block collection ends with its last value: libyaml only notices the end at the next thing that is
    /// written, which may be many lines on.
    private mutating func end(of event: YAMLEvent, after last: YAMLNode?) -> SourcePosition? {
        event.end > event.start ? range(event).end : last?.useRange.end
    }

    private mutating func alias(_ name: String, _ event: YAMLEvent, depth: Int) throws(YAMLError) -> Built {
        guard !open.contains(name) else {
            throw YAMLError(.recursiveAnchor, "anchor '\(name)' value contains itself", at: range(event))
        }
        guard let anchored = anchors[name] else {
            throw YAMLError(.unknownAnchor, "unknown anchor '\(name)' referenced", at: range(event))
        }
        aliases += 1
        guard aliases <= limits.aliases else {
            throw YAMLError(.tooManyAliases, "more than \(limits.aliases) aliases", at: range(event))
        }
        guard depth - 1 + anchored.height <= limits.depth else { throw tooDeep(event) }
        try count(anchored.size, at: event)
        return (anchored.node.used(at: range(event)), anchored.height)
    }

    private mutating func checkMerge(_ pair: YAMLPair) throws(YAMLError) {
        let sources = pair.value.sequence ?? [pair.value]
        for source in sources where source.mapping == nil {
            throw YAMLError(
                .invalidMerge, "map merge requires map or sequence of maps as the value", at: source.useRange)
        }
    }

    private mutating func count(_ more: Size, at event: YAMLEvent) throws(YAMLError) {
        total.nodes += more.nodes
        total.bytes += more.bytes
        guard total.bytes <= scalarBytes else {
            throw YAMLError(
                .tooManyNodes, "more than \(scalarBytes) bytes of text, aliases expanded",
                at: range(event))
        }
        guard total.nodes <= limits.nodes else {
            throw YAMLError(
                .tooManyNodes, "more than \(limits.nodes) values, aliases expanded", at: range(event))
        }
    }

    private mutating func tooDeep(_ event: YAMLEvent) -> YAMLError {
        YAMLError(.tooDeep, "nesting is deeper than the limit of \(limits.depth) levels", at: range(event))
    }

    private mutating func next() throws(YAMLError) -> YAMLEvent {
        do {
            return try reader.next()
        } catch {
            throw Self.error(error, in: &source, base: base)
        }
    }

    /// The next event; nil at a fault of syntax, which is kept, when the tree may end there.
    private mutating func nextIfAny() throws(YAMLError) -> YAMLEvent? {
        do {
            return try next()
        } catch {
            guard isTolerant, error.code == .syntax else { throw error }
            failure = error
            return nil
        }
    }

    private mutating func range(_ event: YAMLEvent) -> SourceRange {
        let start = source.position(ofCharacter: event.start)
        return SourceRange(start: start, end: source.position(ofCharacter: event.end))
    }

    private static func error(
        _ failure: YAMLEventFailure, in source: inout SourceMap, base: Int
    ) -> YAMLError {
        let position: SourcePosition
        switch failure.place {
        case .character(let index): position = source.position(ofCharacter: index)
        case .byte(let offset): position = source.position(ofByte: base + offset)
        }
        var context: Diagnostic.Note?
        if let text = failure.context, let character = failure.contextCharacter {
            let start = source.position(ofCharacter: character)
            context = Diagnostic.Note(text, at: SourceRange(start: start, end: start))
        }
        let isControl = failure.problem.hasPrefix("control characters")
        let code: YAMLError.Code = !failure.isReader ? .syntax : isControl ? .controlCharacter : .encoding
        return YAMLError(
            code, failure.problem, at: SourceRange(start: position, end: position), context: context)
    }
}
