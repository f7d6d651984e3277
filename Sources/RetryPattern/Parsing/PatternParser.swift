/// Reads an expression as Go's `regexp/syntax` does, mistakes included, and writes its code.
///
/// Open groups are kept on a stack of our own, so depth costs no recursion.
struct PatternParser {
    /// The flags of `(?ims)`; `U`, like the laziness of an operator, does not matter here.
    struct Flags {
        var foldsCase = false
        var matchesLines = false
        var dotTakesNewline = false
    }

    /// A group that is open, or the whole expression.
    struct Group {
        /// Where its `(` stands.
        var offset = 0
        var captures = false
        /// The flags to go back to behind its `)`.
        var outerFlags = Flags()
        /// Where its code, and that of its last branch, begin.
        var start = 0
        var branchStart = 0
        /// Jumps from the ends of branches to the end of the group.
        var jumps: [Int] = []
        var branches = NodeShape.Row(.alternation)
        /// The nodes of the last branch but for the last one, which an operator may still change.
        var nodes = NodeShape.Row(.concatenation)
        var atom: Atom?
    }

    /// What an operator would apply to.
    struct Atom {
        var start: Int
        var shape: NodeShape
    }

    let scalars: [Unicode.Scalar]
    var position = 0
    var flags = Flags()
    var builder = CodeBuilder()
    /// Open groups but for the innermost.
    var outerGroups: [Group] = []
    var group = Group()
    /// Where the operator stands that ends at `position`.
    var lastRepetition: Int?
    /// Classes by what was written and whether case counts.
    var namedSets: [NamedClass: ScalarSet] = [:]
    /// Whether no `:]` comes any more.
    var isPOSIXEndMissing = false

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    /// Reads the whole expression.
    mutating func parse() throws(InvalidPattern) -> CodeBuilder {
        while let scalar = peek() {
            let operatorStart = position
            let isOperator = try parseOperator(scalar)
            if !isOperator { try parseElement(scalar) }
            lastRepetition = isOperator ? operatorStart : nil
        }
        if let unclosed = outerGroups.isEmpty ? nil : outerGroups.count > 1 ? outerGroups[1] : group {
            throw whole(.missingParenthesis, at: unclosed.offset)
        }
        _ = try closeGroup()
        try emit(.match)
        return builder
    }

    private mutating func parseElement(_ scalar: Unicode.Scalar) throws(InvalidPattern) {
        switch scalar {
        case "(":
            if peek(1) == "?" { return try parsePerlGroup() }
            try openGroup(captures: true, at: position)
            position += 1
        case "|":
            try closeBranch()
            position += 1
        case ")":
            guard !outerGroups.isEmpty else { throw whole(.unexpectedParenthesis, at: position) }
            try parseGroupEnd()
        case "^":
            try addAtom(.assert(flags.matchesLines ? .lineStart : .textStart), length: 1)
        case "$":
            try addAtom(.assert(flags.matchesLines ? .lineEnd : .textEnd), length: 1)
        case ".":
            position += 1
            try addAtom(taking: flags.dotTakesNewline ? .any : .anyButNewline)
        case "[": try addAtom(taking: try parseClass())
        case "\\": try parseBackslash()
        default:
            position += 1
            try addLiteral(scalar.value)
        }
    }
}

// MARK: Atoms

extension PatternParser {
    /// Adds an instruction that `length` scalars were written for.
    mutating func addAtom(_ instruction: Instruction, length: Int) throws(InvalidPattern) {
        let start = builder.code.count
        try emit(instruction)
        position += length
        push(Atom(start: start, shape: NodeShape()))
    }

    mutating func addAtom(taking set: ScalarSet) throws(InvalidPattern) {
        let start = builder.code.count
        do throws(CodeBuilder.TooLarge) {
            try builder.append(taking: set)
        } catch {
            throw tooLarge
        }
        push(Atom(start: start, shape: NodeShape()))
    }

    mutating func addLiteral(_ value: UInt32) throws(InvalidPattern) {
        let set = ScalarSet([value...value])
        try addAtom(taking: flags.foldsCase ? set.folded : set)
    }

    /// Makes an atom the one that an operator would apply to.
    mutating func push(_ atom: Atom) {
        if let previous = group.atom { group.nodes.append(previous.shape) }
        group.atom = atom
    }

    private mutating func emit(_ instruction: Instruction) throws(InvalidPattern) {
        do throws(CodeBuilder.TooLarge) { try builder.append(instruction) } catch { throw tooLarge }
    }
}

// MARK: Reading

extension PatternParser {
    /// The scalar that comes next, or so many after that.
    func peek(_ ahead: Int = 0) -> Unicode.Scalar? {
        position + ahead < scalars.count ? scalars[position + ahead] : nil
    }

    /// Takes the next scalar.
    mutating func take() -> Unicode.Scalar? {
        guard let scalar = peek() else { return nil }
        position += 1
        return scalar
    }

    /// Where a scalar occurs next, from a place on.
    func find(_ scalar: Unicode.Scalar, from start: Int) -> Int? {
        start < scalars.count ? scalars[start...].firstIndex(of: scalar) : nil
    }

    func text(_ range: Range<Int>) -> String {
        var text = String.UnicodeScalarView()
        text.append(contentsOf: scalars[range])
        return String(text)
    }

    /// A mistake in what was written from `start` to `end`, or to what was read last.
    func mistake(_ code: InvalidPattern.Code, from start: Int, to end: Int? = nil) -> InvalidPattern {
        InvalidPattern(code: code, piece: text(start..<(end ?? position)), offset: start)
    }

    /// A mistake for which Go quotes the whole expression.
    func whole(_ code: InvalidPattern.Code, at offset: Int) -> InvalidPattern {
        InvalidPattern(code: code, piece: text(0..<scalars.count), offset: offset)
    }

    var tooLarge: InvalidPattern { whole(.expressionTooLarge, at: min(position, scalars.count)) }
}
