/// Looks for a match of an expression in a text that arrives in pieces, such as the output of a phase.
///
/// The text is UTF-8; a byte that belongs to no character counts as U+FFFD, as in Go. `^` and `$` without the
/// flag `m` are the beginning and the end of the whole text. Time is linear in the text, for whatever
/// expression; memory is bounded by the size of the expression and some megabytes, and nothing of the text is
/// kept.
package struct RetryPatternMatcher: Sendable {
    /// Whether a match has been seen.
    ///
    /// A match that depends on what comes next, as with `$` and `\b`, is seen only then.
    package private(set) var hasMatched = false

    private let program: PatternProgram
    private var stepper: MatchStepper
    private var table: StateTable
    private var decoder = ScalarDecoder()
    /// The row of the current state.
    private var row: UInt32 = 0
    private var hasEnded = false

    /// Begins a text.
    package init(_ pattern: RetryPattern) {
        program = pattern.program
        stepper = MatchStepper(pattern.program)
        table = StateTable(classCount: pattern.program.classCount)
        if let state = stepper.initialState() {
            row = table.row(of: state).row
        } else {
            hasMatched = true
        }
    }

    /// Instructions of the expression visited so far.
    ///
    /// This is what matching costs beyond one look-up for each character: at most a small multiple of the
    /// size of the expression for a character, and nothing once the states that a text needs are known.
    package var visitedInstructionCount: Int { stepper.visits }

    /// The size of the expression, in instructions.
    package var instructionCount: Int { program.code.count }

    /// About how many bytes the states take that are known now.
    package var tableByteCount: Int { table.byteCount }

    /// Takes the next bytes of the text; after its end, or after a match, they are ignored.
    package mutating func feed(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { feed($0) }
    }

    /// Takes the next bytes of the text; after its end, or after a match, they are ignored.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer) {
        var index = 0
        while index < bytes.count, !hasMatched, !hasEnded {
            if decoder.heldCount == 0 {
                (index, row) = followKnown(bytes, from: index)
                guard index < bytes.count else { return }
            }
            let output = decoder.feed(bytes[index])
            index += 1
            for _ in 0..<output.replacements { take(ScalarDecoder.replacement) }
            if let scalar = output.scalar { take(scalar) }
        }
    }

    /// Ends the text.
    ///
    /// - Returns: whether the expression matches anywhere in it.
    package mutating func finish() -> Bool {
        guard !hasEnded else { return hasMatched }
        for _ in 0..<decoder.heldCount { take(ScalarDecoder.replacement) }
        hasEnded = true
        if !hasMatched { hasMatched = stepper.matches(endingIn: table.state(at: row)) }
        return hasMatched
    }

    /// Follows the transitions that are known, as long as the text is ASCII.
    private func followKnown(_ bytes: UnsafeRawBufferPointer, from start: Int) -> (index: Int, row: UInt32) {
        let transitions = table.transitions.span
        let classes = program.classesOfASCII.span
        var index = start
        var row = row
        while index < bytes.count {
            let byte = Int(bytes[index])
            guard byte < 0x80 else { break }
            let next = transitions[Int(row &+ classes[byte])]
            guard next > StateTable.matched else { break }
            row = next
            index += 1
        }
        return (index, row)
    }

    /// Takes one character.
    private mutating func take(_ scalar: UInt32) {
        guard !hasMatched else { return }
        let classNumber =
            scalar < 0x80 ? program.classesOfASCII[Int(scalar)] : program.classNumber(of: scalar)
        let known = table.transitions[Int(row) + Int(classNumber)]
        if known == StateTable.matched {
            hasMatched = true
        } else if known != StateTable.unknown {
            row = known
        } else {
            discover(classNumber)
        }
    }

    /// Finds a transition that was not known.
    private mutating func discover(_ classNumber: UInt32) {
        guard let state = stepper.state(after: table.state(at: row), taking: classNumber) else {
            table.connect(row, classNumber, to: StateTable.matched)
            hasMatched = true
            return
        }
        let (next, isCleared) = table.row(of: state)
        if !isCleared { table.connect(row, classNumber, to: next) }
        row = next
    }
}
