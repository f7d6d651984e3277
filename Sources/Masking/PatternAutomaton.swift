/// An Aho–Corasick automaton over bytes: finds every occurrence of many patterns in one pass.
///
/// States are numbered in breadth-first order, so the children of a state have consecutive numbers, a state's failure
/// link has a smaller number than the state, and the states of one depth are a range of numbers. The first states, where
/// a search spends nearly all of its time, have complete rows in a table of at most 4 MiB; deeper states keep only
/// their own edges, 12 bytes each, and fall back along failure links, which costs at most one extra step for each
/// byte read. Bytes which no pattern contains share a column.
struct PatternAutomaton: Sendable {
    /// The state in which no pattern has begun.
    static let root: UInt32 = 0

    /// Set in a transition to a state that ends a pattern or a marker.
    static let eventFlag: UInt32 = 1 << 31

    private static let tableByteLimit = 4 << 20

    /// The column of each byte value.
    private(set) var columns = [UInt8](repeating: 0, count: 256)
    /// Complete transitions of the states below ``rowCount``, ``columnCount`` in each row.
    private(set) var rows: [UInt32] = []
    private(set) var columnCount = 1
    private(set) var rowCount = 0
    /// Says where a pattern may begin.
    private(set) var filter: PrefixFilter
    /// The states below this one have read fewer bytes than the filter looks at.
    private(set) var shallowLimit: UInt32 = 0

    /// The states, and one more behind them.
    private var nodes: [Node] = []
    /// The first state of each depth, and the number of states.
    private var depthStarts: [UInt32] = []
    /// The states in which something ends, in order, and what ends there.
    private var eventStates: [UInt32] = []
    private var events: [Event] = []

    /// A state; all that a step needs lies together.
    private struct Node {
        /// Its children are those from this one up to the first of the next state.
        var firstChild: UInt32
        var failure = PatternAutomaton.root
        /// The byte that leads to it.
        var label: UInt8
        var isEvent = false
    }

    /// What ends in a state.
    struct Event: Sendable {
        /// Bytes of the longest pattern that ends; 0 when none does.
        var length: UInt32
        /// Whether a marker ends.
        var isMarker: Bool
    }

    /// Builds the automaton; patterns and markers have at least ``PrefixFilter/byteCount`` bytes, shorter ones are left out.
    init(patterns: some Collection<[UInt8]>, markers: [[UInt8]]) {
        let words = Self.sorted(patterns, markers)
        filter = PrefixFilter(
            words.filter { !$0.isMarker }.map(\.bytes), markers: words.filter(\.isMarker).map(\.bytes),
            followers: AccessKeyShape.characters)
        assignColumns(words)
        var endings = growTrie(words)
        let count = nodes.count - 1
        rowCount = min(count, max(1, Self.tableByteLimit / (columnCount * 4)))
        rows = [UInt32](repeating: Self.root, count: rowCount * columnCount)
        for state in endings.keys { nodes[state].isEvent = true }
        for state in 0..<count { link(UInt32(state), &endings) }
        eventStates = endings.keys.sorted().map { UInt32($0) }
        events = eventStates.compactMap { endings[Int($0)] }
        shallowLimit = depthStarts[min(PrefixFilter.byteCount, depthStarts.count - 1)]
    }

    /// Bytes of the longest pattern beginning that the text read so far ends with.
    func depth(_ state: UInt32) -> Int {
        var (low, high) = (0, depthStarts.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if depthStarts[middle] <= state { low = middle } else { high = middle }
        }
        return low
    }

    /// What ends in a state that was reached with ``eventFlag``.
    func event(_ state: UInt32) -> Event {
        var (low, high) = (0, eventStates.count)
        while low < high {
            let middle = (low + high) / 2
            if eventStates[middle] < state { low = middle + 1 } else { high = middle }
        }
        guard low < eventStates.count, eventStates[low] == state else {
            return Event(length: 0, isMarker: false)
        }
        return events[low]
    }

    /// The transition of a state that has no row, with ``eventFlag`` where it applies.
    func sparseStep(_ state: UInt32, _ byte: UInt8) -> UInt32 {
        nodes.withUnsafeBufferPointer { nodes in
            var state = Int(state)
            while state >= rowCount {
                var child = nodes[state].firstChild
                let end = nodes[state + 1].firstChild
                while child < end {
                    let node = nodes[Int(child)]
                    if node.label == byte { return node.isEvent ? child | Self.eventFlag : child }
                    child += 1
                }
                state = Int(nodes[state].failure)
            }
            return rows[state * columnCount + Int(columns[Int(byte)])]
        }
    }

    /// One transition of any state, with ``eventFlag`` where it applies.
    func step(_ state: UInt32, _ byte: UInt8) -> UInt32 {
        Int(state) < rowCount
            ? rows[Int(state) * columnCount + Int(columns[Int(byte)])] : sparseStep(state, byte)
    }

    private func flagged(_ state: UInt32) -> UInt32 {
        nodes[Int(state)].isEvent ? state | Self.eventFlag : state
    }
}

// MARK: Building

extension PatternAutomaton {
    /// A pattern or a marker.
    private struct Word {
        var bytes: [UInt8]
        var isMarker: Bool
    }

    private static func sorted(_ patterns: some Collection<[UInt8]>, _ markers: [[UInt8]]) -> [Word] {
        let words =
            patterns.map { Word(bytes: $0, isMarker: false) }
            + markers.map { Word(bytes: $0, isMarker: true) }
        return words.filter { $0.bytes.count >= PrefixFilter.byteCount }
            .sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    }

    private mutating func assignColumns(_ words: [Word]) {
        var present = [Bool](repeating: false, count: 256)
        for word in words {
            for byte in word.bytes { present[Int(byte)] = true }
        }
        // Column 0 is for bytes that no pattern contains; there may be none of those.
        var next = present.allSatisfy { $0 } ? 0 : 1
        for byte in 0..<256 where present[byte] {
            columns[byte] = UInt8(truncatingIfNeeded: next)
            next += 1
        }
        columnCount = max(1, next)
    }

    /// Makes the states, depth by depth: a state is a range of the sorted words, those that begin with its text.
    /// - Returns: What the words themselves end.
    private mutating func growTrie(_ words: [Word]) -> [Int: Event] {
        var endings: [Int: Event] = [:]
        var level = [0..<words.count]
        var depth = 0
        addState(label: 0)
        while !level.isEmpty {
            let levelStart = nodes.count - level.count
            depthStarts.append(UInt32(levelStart))
            var deeper: [Range<Int>] = []
            for (offset, range) in level.enumerated() {
                nodes[levelStart + offset].firstChild = UInt32(nodes.count)
                var start = range.lowerBound
                while start < range.upperBound, words[start].bytes.count == depth {
                    var event = endings[levelStart + offset] ?? Event(length: 0, isMarker: false)
                    if words[start].isMarker { event.isMarker = true } else { event.length = UInt32(depth) }
                    endings[levelStart + offset] = event
                    start += 1
                }
                while start < range.upperBound {
                    let byte = words[start].bytes[depth]
                    var end = start + 1
                    while end < range.upperBound, words[end].bytes[depth] == byte { end += 1 }
                    deeper.append(start..<end)
                    addState(label: byte)
                    start = end
                }
            }
            level = deeper
            depth += 1
        }
        depthStarts.append(UInt32(nodes.count))
        nodes.append(Node(firstChild: UInt32(nodes.count), label: 0))
        return endings
    }

    private mutating func addState(label: UInt8) {
        nodes.append(Node(firstChild: 0, label: label))
    }

    /// Completes a state: its row, and the failure links of its children with what those end.
    private mutating func link(_ state: UInt32, _ endings: inout [Int: Event]) {
        let index = Int(state)
        let fallback = nodes[index].failure
        let children = Int(nodes[index].firstChild)..<Int(nodes[index + 1].firstChild)
        for child in children where index != 0 {
            let target = step(fallback, nodes[child].label)
            nodes[child].failure = target & ~Self.eventFlag
            if target & Self.eventFlag != 0 { inherit(child, Int(target & ~Self.eventFlag), &endings) }
        }
        guard index < rowCount else { return }
        for column in 0..<columnCount where index != 0 {
            rows[index * columnCount + column] = rows[Int(fallback) * columnCount + column]
        }
        for child in children {
            rows[index * columnCount + Int(columns[Int(nodes[child].label)])] = flagged(UInt32(child))
        }
    }

    /// What ends in a state's failure link ends in the state too.
    private mutating func inherit(_ state: Int, _ target: Int, _ endings: inout [Int: Event]) {
        guard let shorter = endings[target] else { return }
        var event = endings[state] ?? Event(length: 0, isMarker: false)
        if event.length == 0 { event.length = shorter.length }
        event.isMarker = event.isMarker || shorter.isMarker
        endings[state] = event
        nodes[state].isEvent = true
    }
}
