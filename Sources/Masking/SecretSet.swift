/// The secrets of one build, ready to be looked for.
///
/// AWS access key ids, `(AKIA|ASIA)[A-Z0-9]{16}`, are always part of the set. Looking for a set takes the same time
/// whether it holds one secret or thousands; memory is at most 5 MiB plus 12 bytes for each byte of all
/// patterns, which with encoded forms are about 100 times the secret. Copies share their storage.
package struct SecretSet: Sendable {
    /// What became of a secret that was offered.
    package enum Registration: Sendable, Hashable {
        /// Every occurrence will be masked.
        case masked
        /// The value itself will be masked, but not its encoded forms: it is longer than 64 KiB, or one secret too
        /// many for 8 MiB of patterns.
        case maskedAsIs
        /// There is nothing to mask, at most white space.
        case empty
        /// Not masked: shorter than ``SecretSet/minimumByteCount`` without the white space around it; warn whoever chose it.
        case tooShort(byteCount: Int)
        /// Not masked: longer than ``SecretSet/maximumByteCount``, or one secret too many for 64 MiB of patterns;
        /// refuse to go on with it.
        case tooLong(byteCount: Int)
    }

    /// Values shorter than this many bytes are reported and not masked.
    package static var minimumByteCount: Int { SecretPatterns.minimumByteCount }

    /// Values longer than this many bytes are reported and not masked.
    package static var maximumByteCount: Int { SecretPatterns.maximumByteCount }

    /// Keeps state numbers far from their upper bit, and memory in bounds.
    private static let totalByteLimit = 1 << 26
    private static let encodedByteLimit = 8 << 20

    private let masksEncodedForms: Bool
    private var patterns: Set<BytePattern> = []
    private var totalByteCount = 0
    private(set) var automaton: PatternAutomaton

    /// A set that holds nothing but the pattern of access key ids.
    /// - Parameter encoded: Whether the encoded forms of secrets are looked for too: base64, once and twice, hexadecimal,
    ///   and as quoted in URLs, JSON, XML and shells.
    package init(encoded: Bool = true) {
        masksEncodedForms = encoded
        automaton = PatternAutomaton(patterns: [], markers: AccessKeyShape.markers)
    }

    /// Adds one secret.
    ///
    /// To add many, offer them together: the search table is made anew each time.
    package mutating func register(_ secret: SecretText) -> Registration {
        let before = patterns.count
        let result = collect(secret)
        if patterns.count != before { rebuild() }
        return result
    }

    /// Adds secrets and answers for each in the same order.
    package mutating func register(_ secrets: [SecretText]) -> [Registration] {
        let before = patterns.count
        let results = secrets.map { collect($0) }
        if patterns.count != before { rebuild() }
        return results
    }

    /// Replaces every secret in a text by `***`, for lines of our own, errors and records.
    package func masked(_ text: String) -> String {
        var masker = StreamMasker(secrets: self)
        var output: [UInt8] = []
        masker.feed(Array(text.utf8), into: &output)
        masker.finish(into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    private mutating func collect(_ secret: SecretText) -> Registration {
        let value = secret.reveal().utf8
        guard value.count <= Self.maximumByteCount else { return .tooLong(byteCount: value.count) }
        let core = SecretPatterns.core(of: value)
        guard !core.isEmpty else { return .empty }
        guard core.count >= Self.minimumByteCount else { return .tooShort(byteCount: core.count) }
        guard add(SecretPatterns.patterns(ofCore: core), Self.totalByteLimit) else {
            return .tooLong(byteCount: value.count)
        }
        guard masksEncodedForms else { return .masked }
        let isComplete = core.count <= EncodedForms.longestValue
        return isComplete && add(SecretPatterns.encodedPatterns(ofCore: core), Self.encodedByteLimit)
            ? .masked : .maskedAsIs
    }

    /// Adds patterns unless they are too many.
    private mutating func add(_ found: [[UInt8]], _ limit: Int) -> Bool {
        var added: [BytePattern] = []
        var byteCount = totalByteCount
        for pattern in found.map({ BytePattern(bytes: $0) }) where patterns.insert(pattern).inserted {
            added.append(pattern)
            byteCount += pattern.bytes.count
        }
        guard byteCount <= limit else {
            patterns.subtract(added)
            return false
        }
        totalByteCount = byteCount
        return true
    }

    private mutating func rebuild() {
        automaton = PatternAutomaton(patterns: patterns.map(\.bytes), markers: AccessKeyShape.markers)
    }
}

/// Bytes that are hashed in one go.
private struct BytePattern: Hashable {
    var bytes: [UInt8]

    func hash(into hasher: inout Hasher) {
        bytes.withUnsafeBytes { hasher.combine(bytes: $0) }
    }
}
