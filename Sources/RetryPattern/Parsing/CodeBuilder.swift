/// The code of an expression while it is read.
///
/// What has been read last is at the end and in one piece, so operators wrap and copy it in place; there is
/// no tree.
struct CodeBuilder {
    /// A limit was exceeded.
    struct TooLarge: Error {}

    private(set) var code: [Instruction] = []
    private(set) var sets: [ScalarSet] = []
    private var numbers: [ScalarSet: Int32] = [:]
    /// Ranges in all classes, also in those that occurred before.
    private var rangeCount = 0

    private static let maximumRangeCount = 1 << 19

    /// Counts ranges that are about to be worked on.
    mutating func charge(ranges: Int) throws(TooLarge) {
        rangeCount += ranges
        guard rangeCount <= Self.maximumRangeCount else { throw TooLarge() }
    }

    /// Appends one instruction.
    mutating func append(_ instruction: Instruction) throws(TooLarge) {
        try reserve(1)
        code.append(instruction)
    }

    /// Appends what takes one character of a set.
    mutating func append(taking set: ScalarSet) throws(TooLarge) {
        if let number = numbers[set] { return try append(.take(number)) }
        let number = Int32(truncatingIfNeeded: sets.count)
        sets.append(set)
        numbers[set] = number
        try append(.take(number))
    }

    /// Ends a branch that began at `start` and is not the last one of its group.
    ///
    /// - Returns: the place of the jump to the end of the group, for `land`.
    mutating func closeBranch(from start: Int) throws(TooLarge) -> Int {
        try reserve(2)
        code.insert(.split(distance(code.count - start + 2)), at: start)
        code.append(.jump(0))
        return code.count - 1
    }

    /// Lets a jump lead to what comes next.
    mutating func land(_ jump: Int) {
        code[jump] = .jump(distance(code.count - jump))
    }

    /// Repeats what began at `start` from `minimum` to `maximum` times, nil for any number of times.
    mutating func repeatCode(from start: Int, minimum: Int, maximum: Int?) throws(TooLarge) {
        if minimum == 1, maximum == 1 { return }
        let piece = Array(code[start...])
        // What matches nothing but the empty text does so however often.
        guard !piece.isEmpty else { return }
        let copies = max(minimum, maximum ?? 1)
        try reserve(copies * (piece.count + 1) + 1 - piece.count)
        guard copies > 0 else { return code.removeSubrange(start...) }
        let back = distance(-piece.count)
        if minimum == 0 {
            code.removeSubrange(start...)
        } else {
            for _ in 1..<minimum { code.append(contentsOf: piece) }
        }
        guard let maximum else {
            if minimum > 0 {
                code.append(.split(back))
            } else {
                code.append(.split(distance(piece.count + 2)))
                code.append(contentsOf: piece)
                code.append(.jump(back - 1))
            }
            return
        }
        let optional = maximum - minimum
        for done in 0..<max(0, optional) {
            code.append(.split(distance((optional - done) * (piece.count + 1))))
            code.append(contentsOf: piece)
        }
    }

    private func reserve(_ count: Int) throws(TooLarge) {
        guard code.count + count <= RetryPattern.maximumInstructionCount else { throw TooLarge() }
    }

    private func distance(_ count: Int) -> Int32 { Int32(truncatingIfNeeded: count) }
}
