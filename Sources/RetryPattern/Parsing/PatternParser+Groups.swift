extension PatternParser {
    /// How many groups may be open at a time.
    ///
    /// Go has no limit for groups without capture; here it bounds the memory that hostile text can ask for.
    private static let maximumOpenGroups = 100_000

    /// Begins a group.
    mutating func openGroup(captures: Bool, at offset: Int) throws(InvalidPattern) {
        guard outerGroups.count < Self.maximumOpenGroups else { throw whole(.nestingDepth, at: offset) }
        let start = builder.code.count
        outerGroups.append(group)
        group = Group(
            offset: offset, captures: captures, outerFlags: flags, start: start, branchStart: start)
    }

    /// Ends a group at its `)`.
    mutating func parseGroupEnd() throws(InvalidPattern) {
        let closed = group
        let shape = try closeGroup()
        guard let outer = outerGroups.popLast() else { return }
        position += 1
        group = outer
        flags = closed.outerFlags
        let node = closed.captures ? shape.wrapped() : shape
        try check(node)
        push(Atom(start: closed.start, shape: node))
    }

    /// Ends the last branch of a group, and lets the others lead to its end.
    mutating func closeGroup() throws(InvalidPattern) -> NodeShape {
        try closeNodes()
        for jump in group.jumps { builder.land(jump) }
        let shape = group.branches.joined
        try check(shape)
        return shape
    }

    /// Ends a branch at `|`.
    mutating func closeBranch() throws(InvalidPattern) {
        try closeNodes()
        do throws(CodeBuilder.TooLarge) {
            group.jumps.append(try builder.closeBranch(from: group.branchStart))
        } catch {
            throw tooLarge
        }
        group.branchStart = builder.code.count
    }

    private mutating func closeNodes() throws(InvalidPattern) {
        if let atom = group.atom { group.nodes.append(atom.shape) }
        let shape = group.nodes.joined
        try check(shape)
        group.branches.append(shape)
        group.nodes = NodeShape.Row(.concatenation)
        group.atom = nil
    }

    /// Refuses a tree that is too high.
    func check(_ shape: NodeShape) throws(InvalidPattern) {
        guard shape.height <= NodeShape.maximumHeight else {
            throw whole(.nestingDepth, at: min(position, scalars.count))
        }
    }

    /// Reads what begins with `(?`: a named group, a group without capture, flags.
    mutating func parsePerlGroup() throws(InvalidPattern) {
        let start = position
        if let nameStart = nameStart() { return try parseNamedGroup(nameStart) }
        position += 2
        var changed = flags
        var value = true
        var sawFlag = false
        reading: while let scalar = take() {
            switch scalar {
            case "i": changed.foldsCase = value
            case "m": changed.matchesLines = value
            case "s": changed.dotTakesNewline = value
            case "U": break
            case "-":
                guard value else { break reading }
                (value, sawFlag) = (false, false)
                continue
            case ":", ")":
                guard value || sawFlag else { break reading }
                if scalar == ":" { try openGroup(captures: false, at: start) }
                flags = changed
                return
            default: break reading
            }
            sawFlag = true
        }
        throw mistake(.invalidPerlSyntax, from: start)
    }

    /// Where the name begins in `(?P<name>` and `(?<name>`; Go wants more text behind the `<`.
    private func nameStart() -> Int? {
        if peek(2) == "P", peek(3) == "<", peek(4) != nil { return position + 4 }
        if peek(2) == "<", peek(3) != nil { return position + 3 }
        return nil
    }

    private mutating func parseNamedGroup(_ nameStart: Int) throws(InvalidPattern) {
        let start = position
        guard let end = find(">", from: nameStart) else {
            throw mistake(.invalidNamedCapture, from: start, to: scalars.count)
        }
        guard end > nameStart, scalars[nameStart..<end].allSatisfy({ $0.isWordCharacter }) else {
            throw mistake(.invalidNamedCapture, from: start, to: end + 1)
        }
        try openGroup(captures: true, at: start)
        position = end + 1
    }
}

extension Unicode.Scalar {
    /// Whether it is an ASCII letter or digit.
    var isASCIIAlphanumeric: Bool {
        switch self {
        case "0"..."9", "A"..."Z", "a"..."z": true
        default: false
        }
    }

    /// Whether it is a letter, a digit or `_`, all of ASCII.
    var isWordCharacter: Bool { isASCIIAlphanumeric || self == "_" }
}
