/// One step of a compiled expression.
///
/// Jumps are relative, so that code can be moved and copied as it stands.
enum Instruction: Sendable, Hashable {
    /// Takes one character of the set with this number.
    case take(Int32)
    /// Goes on with the next instruction, and also with the one so far away.
    case split(Int32)
    /// Goes on with the instruction so far away.
    case jump(Int32)
    /// Goes on with the next instruction where the assertion holds.
    case assert(Assertion)
    /// The expression has matched.
    case match
}

/// A condition on the place between two characters.
enum Assertion: Sendable, Hashable {
    case textStart
    case textEnd
    case lineStart
    case lineEnd
    case wordBoundary
    case noWordBoundary

    /// Whether it holds between two characters, nil when that depends on a second one that is not known yet.
    func holds(between before: Neighbour, and after: Neighbour?) -> Bool? {
        switch self {
        case .textStart: before == .textEdge
        case .lineStart: before == .textEdge || before == .newline
        case .textEnd: after.map { $0 == .textEdge }
        case .lineEnd: after.map { $0 == .textEdge || $0 == .newline }
        case .wordBoundary: after.map { ($0 == .word) != (before == .word) }
        case .noWordBoundary: after.map { ($0 == .word) == (before == .word) }
        }
    }
}

/// What assertions know of a character beside them.
enum Neighbour: UInt8, Sendable, Hashable {
    case textEdge
    case newline
    case word
    case other
}
