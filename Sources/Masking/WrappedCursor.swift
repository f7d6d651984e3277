/// Follows a secret across a line break that a tool put into it, as `base64` does after 76 characters.
///
/// It reads the same automaton as the search itself, but not the line breaks. It begins at the end of a line that looks
/// wrapped, and ends when what it has read since the break stands alone: then the search has it too.
struct WrappedCursor: Sendable {
    /// A line counts as wrapped when it ends with at least so many characters of base64 or hexadecimal digits.
    static let shortestLine = 32

    /// What the text without the breaks ends with.
    private(set) var state: UInt32
    /// The positions of the breaks that were left out, CR and LF each for itself, in order.
    private var breaks: [Int]

    /// Begins at a line break.
    init(state: UInt32, breakAt position: Int) {
        self.state = state
        breaks = [position]
    }

    /// Takes one more line break.
    /// - Returns: Whether the text may still be a wrapped one: its lines are not too short.
    mutating func skip(breakAt position: Int, _ automaton: PatternAutomaton) -> Bool {
        guard let last = breaks.last else { return false }
        let isPair = position == last + 1 && (breaks.count < 2 || breaks[breaks.count - 2] != last - 1)
        guard isPair || position - last > Self.shortestLine else { return false }
        let start = self.start(of: automaton.depth(state), endingAt: position)
        breaks.removeAll { $0 < start }
        breaks.append(position)
        return true
    }

    /// Takes the byte before `end`, no line break.
    /// - Returns: Whether it still spans a break.
    mutating func advance(
        _ byte: UInt8, endingAt end: Int, _ automaton: PatternAutomaton
    ) -> (
        spans: Bool, isEvent: Bool
    ) {
        let next = automaton.step(state, byte)
        state = next & ~PatternAutomaton.eventFlag
        let spans = (breaks.last ?? -1) >= end - automaton.depth(state)
        return (spans, next & PatternAutomaton.eventFlag != 0)
    }

    /// Where the last `length` bytes begin that are no line breaks.
    func start(of length: Int, endingAt end: Int) -> Int {
        var start = end - length
        for position in breaks.reversed() where position >= start { start -= 1 }
        return start
    }
}
