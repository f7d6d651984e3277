/// All that the text read so far means for what may come: the instructions that wait.
struct MatchState: Sendable, Hashable {
    /// Instructions that take a character, and assertions that need to know the next one; sorted.
    var waiting: [UInt32] = []
    /// The character before this place; `other` when nothing here asks for it.
    var before = Neighbour.other
    var hasAssertions = false
}

/// Finds the state that follows a state, by way of all instructions at once.
struct MatchStepper: Sendable {
    private let program: PatternProgram
    /// In which round each instruction was last visited.
    private var rounds: [Int]
    private var round = 0
    private var open: [Int] = []
    private var waiting: [UInt32] = []
    private var hasAssertions = false
    private var matched = false
    /// Instructions visited so far, which is what matching costs beyond one look-up for each character.
    private(set) var visits = 0

    init(_ program: PatternProgram) {
        self.program = program
        rounds = [Int](repeating: 0, count: program.code.count)
    }

    /// The state at the beginning of a text, nil when the expression matches there whatever comes.
    mutating func initialState() -> MatchState? {
        beginRound()
        enter(0, before: .textEdge, after: nil)
        return matched ? nil : takeState(before: .textEdge)
    }

    /// The state behind a character, nil when the expression has matched.
    mutating func state(after state: MatchState, taking classNumber: UInt32) -> MatchState? {
        let neighbour = program.neighbour(classNumber)
        let takers = resolved(state, after: neighbour)
        guard !matched else { return nil }
        beginRound()
        for place in takers {
            visits += 1
            guard case .take(let set) = program.code[Int(place)],
                program.set(set, contains: classNumber)
            else { continue }
            enter(Int(place) + 1, before: neighbour, after: nil)
        }
        // A match may begin at every place.
        enter(0, before: neighbour, after: nil)
        return matched ? nil : takeState(before: neighbour)
    }

    /// Whether the expression matches when the text ends in a state.
    mutating func matches(endingIn state: MatchState) -> Bool {
        _ = resolved(state, after: .textEdge)
        return matched
    }

    /// The instructions that take a character once it is known what kind of character it is.
    private mutating func resolved(_ state: MatchState, after: Neighbour) -> [UInt32] {
        matched = false
        guard state.hasAssertions else { return state.waiting }
        beginRound()
        for place in state.waiting { enter(Int(place), before: state.before, after: after) }
        return waiting
    }

    private mutating func beginRound() {
        round += 1
        waiting.removeAll(keepingCapacity: true)
        (hasAssertions, matched) = (false, false)
    }

    private mutating func takeState(before: Neighbour) -> MatchState {
        MatchState(
            waiting: waiting.sorted(), before: hasAssertions ? before : .other, hasAssertions: hasAssertions)
    }

    /// Collects what waits behind an instruction between two characters.
    private mutating func enter(_ start: Int, before: Neighbour, after: Neighbour?) {
        open.append(start)
        while let place = open.popLast() {
            guard rounds[place] != round else { continue }
            rounds[place] = round
            visits += 1
            switch program.code[place] {
            case .take: waiting.append(UInt32(truncatingIfNeeded: place))
            case .jump(let distance): open.append(place + Int(distance))
            case .split(let distance):
                open.append(place + Int(distance))
                open.append(place + 1)
            case .assert(let assertion):
                switch assertion.holds(between: before, and: after) {
                case true?: open.append(place + 1)
                case false?: break
                case nil:
                    waiting.append(UInt32(truncatingIfNeeded: place))
                    hasAssertions = true
                }
            case .match: matched = true
            }
        }
    }
}
