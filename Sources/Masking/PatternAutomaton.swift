/// An Aho–Corasick automaton over bytes: finds every occurrence of many patterns in one pass.
///
/// States are numbered in breadth-first order, so the children of a state have consecutive numbers and a state's
/// failure link has a smaller number than the state. The first states, where a search spends nearly all of its time,
/// have complete rows in a table of at most 4 MiB; deeper states keep only their own edges and fall back along failure
/// links, which costs at most one extra step for each byte read. Bytes which no pattern contains share a column.
struct PatternAutomaton: Sendable {
    /// The state in which no pattern has begun.
    static let root: UInt32 = 0

    /// Set in a transition to a state that ends a pattern or a marker.
    static let eventFlag: UInt32 = 1 << 31

    private static let tableByteLimit = 4 << 20

    /// The column of each byte value.
    private(set) var columns = [UInt8](repeating: 0, count: 256)
    /// Whether a byte value begins a pattern.
    private(set) var begins = [Bool](repeating: false, count: 256)
    /// Complete transitions of the states below ``rowCount``, ``columnCount`` in each row.
    private(set) var rows: [UInt32] = []
    private(set) var columnCount = 1
    private(set) var rowCount = 0

    private var label: [UInt8] = []
    private var firstChild: [UInt32] = []
    private var failure: [UInt32] = []
    private var depths: [UInt32] = []
    private var longest: [UInt32] = []
    private var markerEnds: [Bool] = []

    /// Builds the automaton; empty patterns are left out.
    init(patterns: some Collection<[UInt8]>, markers: [[UInt8]]) {
        let words = Set(patterns).union(markers).filter { !$0.isEmpty }
            .sorted { $0.lexicographicallyPrecedes($1) }
        assignColumns(words)
        growTrie(words, patterns: Set(patterns), markers: Set(markers))
        rowCount = min(label.count, max(1, Self.tableByteLimit / (columnCount * 4)))
        rows = [UInt32](repeating: Self.root, count: rowCount * columnCount)
        for state in 0..<label.count { link(UInt32(state)) }
    }

    /// Bytes of the longest pattern beginning that the text read so far ends with.
    func depth(_ state: UInt32) -> Int { Int(depths[Int(state)]) }

    /// Bytes of the longest pattern that ends in this state; 0 when none does.
    func matchLength(_ state: UInt32) -> Int { Int(longest[Int(state)]) }

    /// Whether a marker ends in this state.
    func endsMarker(_ state: UInt32) -> Bool { markerEnds[Int(state)] }

    /// The transition of a state that has no row, with ``eventFlag`` where it applies.
    func sparseStep(_ state: UInt32, _ byte: UInt8) -> UInt32 {
        var state = Int(state)
        while state >= rowCount {
            let children = Int(firstChild[state])..<Int(firstChild[state + 1])
            if let child = children.first(where: { label[$0] == byte }) { return flagged(UInt32(child)) }
            state = Int(failure[state])
        }
        return rows[state * columnCount + Int(columns[Int(byte)])]
    }
}

// MARK: Building

extension PatternAutomaton {
    private mutating func assignColumns(_ words: [[UInt8]]) {
        var present = [Bool](repeating: false, count: 256)
        for word in words {
            for byte in word { present[Int(byte)] = true }
            begins[Int(word[0])] = true
        }
        // Column 0 is for bytes that no pattern contains; there may be none of those.
        var next = present.allSatisfy { $0 } ? 0 : 1
        for byte in 0..<256 where present[byte] {
            columns[byte] = UInt8(truncatingIfNeeded: next)
            next += 1
        }
        columnCount = max(1, next)
    }

    /// A state while the trie grows: the sorted words that begin with its text.
    private struct Sprout {
        var words: Range<Int>
        var depth: Int
    }

    private mutating func growTrie(_ words: [[UInt8]], patterns: Set<[UInt8]>, markers: Set<[UInt8]>) {
        var sprouts = [Sprout(words: 0..<words.count, depth: 0)]
        addState(label: 0, depth: 0)
        var state = 0
        while state < sprouts.count {
            let sprout = sprouts[state]
            firstChild.append(UInt32(sprouts.count))
            var start = sprout.words.lowerBound
            if start < sprout.words.upperBound, words[start].count == sprout.depth, sprout.depth > 0 {
                if patterns.contains(words[start]) { longest[state] = UInt32(sprout.depth) }
                markerEnds[state] = markers.contains(words[start])
                start += 1
            }
            while start < sprout.words.upperBound {
                let byte = words[start][sprout.depth]
                var end = start + 1
                while end < sprout.words.upperBound, words[end][sprout.depth] == byte { end += 1 }
                sprouts.append(Sprout(words: start..<end, depth: sprout.depth + 1))
                addState(label: byte, depth: sprout.depth + 1)
                start = end
            }
            state += 1
        }
        firstChild.append(UInt32(sprouts.count))
    }

    private mutating func addState(label byte: UInt8, depth: Int) {
        label.append(byte)
        depths.append(UInt32(depth))
        failure.append(Self.root)
        longest.append(0)
        markerEnds.append(false)
    }

    /// Completes a state: its row, and the failure links of its children with what those end.
    private mutating func link(_ state: UInt32) {
        let index = Int(state)
        let fallback = failure[index]
        let children = Int(firstChild[index])..<Int(firstChild[index + 1])
        for child in children where index != 0 {
            let target = step(fallback, label[child]) & ~Self.eventFlag
            failure[child] = target
            if longest[child] == 0 { longest[child] = longest[Int(target)] }
            markerEnds[child] = markerEnds[child] || markerEnds[Int(target)]
        }
        guard index < rowCount else { return }
        for column in 0..<columnCount where index != 0 {
            rows[index * columnCount + column] = rows[Int(fallback) * columnCount + column]
        }
        for child in children {
            rows[index * columnCount + Int(columns[Int(label[child])])] = flagged(UInt32(child))
        }
    }

    /// One transition of any state, with ``eventFlag`` where it applies.
    func step(_ state: UInt32, _ byte: UInt8) -> UInt32 {
        Int(state) < rowCount
            ? rows[Int(state) * columnCount + Int(columns[Int(byte)])] : sparseStep(state, byte)
    }

    private func flagged(_ state: UInt32) -> UInt32 {
        let index = Int(state)
        return state | (longest[index] != 0 || markerEnds[index] ? Self.eventFlag : 0)
    }
}
