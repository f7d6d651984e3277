/// Replaces secrets in a stream of bytes by `***`, whatever the sizes of the pieces in which it arrives.
///
/// Occurrences that share a byte become one `***`; occurrences that only touch become one each. Held back is only what
/// may be the beginning of a secret, at most as many bytes as the longest pattern has, and the line breaks within;
/// a prompt without a line end comes out at once unless it could go on to be a secret. A stream without a line end needs
/// no more memory than any other.
package struct StreamMasker: Sendable {
    /// The secrets that are looked for.
    package private(set) var secrets: SecretSet

    var state = PatternAutomaton.root
    var accessKeys = AccessKeyShape()
    var wrapped: WrappedCursor?
    /// Position in the whole stream of the next byte to be read.
    var position = 0
    /// How the stream ended so far, for lines that began before the piece which is read.
    var recent: [UInt8] = []
    /// Everything before this position has been written, or hidden.
    private var written = 0
    /// Where the last `***` that was written stops hiding.
    private var hiddenEnd = 0
    /// Found, ordered and disjoint, not yet written.
    private var pending: [Range<Int>] = []
    /// The bytes before `position` that may still be the beginning of a secret or are not yet written.
    private var window: [UInt8] = []

    /// Longer pieces are read in parts, so that what is found in one takes little memory.
    private static let longestPart = 64 << 10

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
        var start = 0
        while start < bytes.count {
            let end = min(start + Self.longestPart, bytes.count)
            let chunk = StreamChunk(
                bytes: UnsafeRawBufferPointer(rebasing: bytes[start..<end]), start: position)
            scan(chunk)
            release(upTo: safeEnd, from: chunk, into: &output)
            keep(chunk)
            start = end
        }
    }

    /// Appends everything held back, for instance when a command has ended.
    ///
    /// What was the beginning of a secret is then visible; should the stream go on and complete that secret, the rest of
    /// it is masked all the same.
    package mutating func flush(into output: inout [UInt8]) {
        let nothing = StreamChunk(bytes: UnsafeRawBufferPointer(start: nil, count: 0), start: position)
        release(upTo: position, from: nothing, into: &output)
        keep(nothing)
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
struct StreamChunk {
    var bytes: UnsafeRawBufferPointer
    var start: Int
}

extension StreamMasker {
    /// No secret that is found later can begin before this position.
    private var safeEnd: Int {
        let plain = position - max(secrets.automaton.depth(state), accessKeys.span)
        guard let wrapped else { return plain }
        return min(plain, wrapped.start(of: secrets.automaton.depth(wrapped.state), endingAt: position))
    }

    /// Hides what was read from `start` on, together with the earlier occurrences that share a byte with it.
    mutating func hide(from start: Int) {
        var start = start
        while let last = pending.last, last.upperBound > start {
            start = min(start, last.lowerBound)
            pending.removeLast()
        }
        pending.append(start..<position)
    }

    /// Writes up to `end`: plain bytes, and `***` for each occurrence that begins at or before `end`.
    private mutating func release(upTo end: Int, from chunk: StreamChunk, into output: inout [UInt8]) {
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

    private mutating func copy(upTo end: Int, from chunk: StreamChunk, into output: inout [UInt8]) {
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

    /// Keeps of window and chunk only what a later match may reach back to, and how the stream ended.
    private mutating func keep(_ chunk: StreamChunk) {
        let wanted = position - safeEnd
        if wanted <= chunk.bytes.count {
            window = Array(chunk.bytes.suffix(wanted))
        } else {
            window.removeFirst(window.count + chunk.bytes.count - wanted)
            window.append(contentsOf: chunk.bytes)
        }
        recent = Array((recent + chunk.bytes.suffix(Self.recentCount)).suffix(Self.recentCount))
    }

    /// Reads the window again with a new automaton: what it holds is all that a new secret can have begun in.
    private mutating func rescan() {
        (state, accessKeys, wrapped, pending) = (PatternAutomaton.root, AccessKeyShape(), nil, [])
        let (held, known) = (window, recent)
        // What came before the window is gone: a line that it ends may have been a wrapped one.
        recent = [UInt8](repeating: UInt8(ascii: "0"), count: Self.recentCount)
        position -= held.count
        held.withUnsafeBytes { scan(StreamChunk(bytes: $0, start: position)) }
        recent = known
    }
}
