/// Replaces secrets in a stream of bytes by `***`, whatever the sizes of the pieces in which it arrives.
///
/// Occurrences that share a byte become one `***`; occurrences that only touch become one each. Held back is only what
/// may be the beginning of a secret, at most as many bytes as the longest pattern has; a prompt without a line end
/// comes out at once unless it could go on to be a secret. There are no lines here: a stream without a line end needs
/// no more memory than any other.
package struct StreamMasker: Sendable {
    /// The secrets that are looked for.
    package private(set) var secrets: SecretSet

    private var state = PatternAutomaton.root
    private var accessKeys = AccessKeyShape()
    /// Position in the whole stream of the next byte to be read.
    private var position = 0
    /// Everything before this position has been written, or hidden.
    private var written = 0
    /// Where the last `***` that was written stops hiding.
    private var hiddenEnd = 0
    /// Found, ordered and disjoint, not yet written.
    private var pending: [Range<Int>] = []
    /// The bytes before `position` that may still be the beginning of a secret or are not yet written.
    private var window: [UInt8] = []

    /// Begins a stream.
    package init(secrets: SecretSet) {
        self.secrets = secrets
    }

    /// Adds secrets that are found from now on, also when they began in bytes which are still held back.
    package mutating func register(_ added: [SecretText]) -> [SecretSet.Registration] {
        let results = secrets.register(added)
        rescan()
        return results
    }

    /// Looks for another set of secrets from now on, also in bytes which are still held back.
    ///
    /// For several streams of one build: add to the set once, then give it to each.
    package mutating func use(_ secrets: SecretSet) {
        self.secrets = secrets
        rescan()
    }

    /// Takes the next bytes of the stream and appends to `output` what is certain not to be secret.
    package mutating func feed(_ bytes: [UInt8], into output: inout [UInt8]) {
        bytes.withUnsafeBytes { feed($0, into: &output) }
    }

    /// Takes the next bytes of the stream and appends to `output` what is certain not to be secret.
    package mutating func feed(_ bytes: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let chunk = Chunk(bytes: bytes, start: position)
        scan(chunk, into: &output)
        release(upTo: safeEnd, from: chunk, into: &output)
        keepWindow(of: chunk)
    }

    /// Appends everything held back, for instance when a command has ended.
    ///
    /// What was the beginning of a secret is then visible; should the stream go on and complete that secret, the rest of
    /// it is masked all the same.
    package mutating func flush(into output: inout [UInt8]) {
        let nothing = Chunk(bytes: UnsafeRawBufferPointer(start: nil, count: 0), start: position)
        release(upTo: position, from: nothing, into: &output)
        keepWindow(of: nothing)
    }

    /// Ends the stream: appends everything held back and forgets what was read.
    ///
    /// The masker can then begin another stream.
    package mutating func finish(into output: inout [UInt8]) {
        flush(into: &output)
        self = StreamMasker(secrets: secrets)
    }
}

/// A piece of the stream with its place in it.
private struct Chunk {
    var bytes: UnsafeRawBufferPointer
    var start: Int
}

extension StreamMasker {
    /// No secret that is found later can begin before this position.
    private var safeEnd: Int {
        position - max(secrets.automaton.depth(state), accessKeys.span)
    }

    private mutating func scan(_ chunk: Chunk, into output: inout [UInt8]) {
        let automaton = secrets.automaton
        let (rows, columns, begins) = (automaton.rows.span, automaton.columns.span, automaton.begins.span)
        let (rowCount, columnCount) = (UInt32(automaton.rowCount), automaton.columnCount)
        let bytes = chunk.bytes
        var current = state
        var index = 0
        while index < bytes.count {
            if current == PatternAutomaton.root && accessKeys.isIdle {
                while index < bytes.count, !begins[Int(bytes[index])] { index += 1 }
                guard index < bytes.count else { break }
            }
            let byte = bytes[index]
            let next =
                current < rowCount
                ? rows[Int(current) * columnCount + Int(columns[Int(byte)])]
                : automaton.sparseStep(current, byte)
            current = next & ~PatternAutomaton.eventFlag
            index += 1
            if next & PatternAutomaton.eventFlag != 0 || !accessKeys.isIdle {
                (state, position) = (current, chunk.start + index)
                note(byte)
                release(upTo: safeEnd, from: chunk, into: &output)
            }
        }
        (state, position) = (current, chunk.start + bytes.count)
    }

    /// Records what ends at `position`, just after `byte`.
    private mutating func note(_ byte: UInt8) {
        if !accessKeys.isIdle, accessKeys.advance(byte) { hide(AccessKeyShape.byteCount) }
        let length = secrets.automaton.matchLength(state)
        if length > 0 { hide(length) }
        if secrets.automaton.endsMarker(state) { accessKeys.begin() }
    }

    /// Hides the last `length` bytes, together with the earlier occurrences that share a byte with them.
    private mutating func hide(_ length: Int) {
        var start = position - length
        while let last = pending.last, last.upperBound > start {
            start = min(start, last.lowerBound)
            pending.removeLast()
        }
        pending.append(start..<position)
    }

    /// Writes up to `end`: plain bytes, and `***` for each occurrence that begins at or before `end`.
    private mutating func release(upTo end: Int, from chunk: Chunk, into output: inout [UInt8]) {
        var done = 0
        while done < pending.count, pending[done].lowerBound <= end {
            let occurrence = pending[done]
            let extendsLast = occurrence.lowerBound < hiddenEnd && written == hiddenEnd
            if !extendsLast && occurrence.upperBound > written {
                copy(upTo: occurrence.lowerBound, from: chunk, into: &output)
                output.append(contentsOf: SecretText.mask.utf8)
            }
            written = max(written, occurrence.upperBound)
            hiddenEnd = max(hiddenEnd, occurrence.upperBound)
            done += 1
        }
        if done > 0 { pending.removeFirst(done) }
        copy(upTo: end, from: chunk, into: &output)
    }

    private mutating func copy(upTo end: Int, from chunk: Chunk, into output: inout [UInt8]) {
        guard written < end else { return }
        let windowStart = chunk.start - window.count
        if written < chunk.start {
            output.append(contentsOf: window[(written - windowStart)..<(min(end, chunk.start) - windowStart)])
        }
        if end > chunk.start {
            let from = max(written, chunk.start) - chunk.start
            output.append(
                contentsOf: UnsafeRawBufferPointer(rebasing: chunk.bytes[from..<(end - chunk.start)]))
        }
        written = end
    }

    /// Keeps of window and chunk only what a later match may reach back to.
    private mutating func keepWindow(of chunk: Chunk) {
        let wanted = position - safeEnd
        if wanted <= chunk.bytes.count {
            window = Array(chunk.bytes.suffix(wanted))
        } else {
            window.removeFirst(window.count + chunk.bytes.count - wanted)
            window.append(contentsOf: chunk.bytes)
        }
    }

    /// Reads the window again with a new automaton: what it holds is all that a new secret can have begun in.
    private mutating func rescan() {
        (state, accessKeys, pending) = (PatternAutomaton.root, AccessKeyShape(), [])
        let end = position
        position = end - window.count
        for byte in window {
            position += 1
            let next = secrets.automaton.step(state, byte)
            state = next & ~PatternAutomaton.eventFlag
            note(byte)
        }
    }
}
