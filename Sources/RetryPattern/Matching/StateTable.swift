/// A deterministic automaton that grows: the states met so far, with the transitions that are known.
///
/// Its size is bounded: when it is full, everything is forgotten and found again where it is needed.
struct StateTable: Sendable {
    /// A transition that nobody has taken yet.
    static let unknown: UInt32 = 0
    /// The transition to where the expression has matched.
    static let matched: UInt32 = 1

    /// A row of transitions for each state, and before them one that is not used.
    ///
    /// A transition is the place where the next row begins; it can be neither of the two above.
    private(set) var transitions: [UInt32]

    private let rowLength: Int
    private var states: [MatchState] = []
    private var rows: [MatchState: UInt32] = [:]
    /// About how many bytes rows and states take.
    private(set) var byteCount = 0

    private static let maximumByteCount = 4 << 20

    init(classCount: Int) {
        rowLength = max(2, classCount)
        transitions = [UInt32](repeating: Self.unknown, count: rowLength)
    }

    /// The state whose row begins at a place.
    func state(at row: UInt32) -> MatchState {
        states[Int(row) / rowLength - 1]
    }

    /// The row of a state, which is new or not; when the table is full, all other rows become invalid.
    ///
    /// - Returns: where the row begins, and whether all others were forgotten.
    mutating func row(of state: MatchState) -> (row: UInt32, isCleared: Bool) {
        if let row = rows[state] { return (row, false) }
        let cost = rowLength * 4 + state.waiting.count * 4 + 128
        let isFull = byteCount + cost > Self.maximumByteCount && !states.isEmpty
        if isFull { self = StateTable(classCount: rowLength) }
        byteCount += cost
        let row = UInt32(truncatingIfNeeded: transitions.count)
        transitions.append(contentsOf: repeatElement(Self.unknown, count: rowLength))
        states.append(state)
        rows[state] = row
        return (row, isFull)
    }

    /// Remembers a transition.
    mutating func connect(_ row: UInt32, _ classNumber: UInt32, to next: UInt32) {
        transitions[Int(row) + Int(classNumber)] = next
    }
}
