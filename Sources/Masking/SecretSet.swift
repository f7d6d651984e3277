/// The secrets of one build, ready to be looked for.
///
/// AWS access key ids, `(AKIA|ASIA)[A-Z0-9]{16}`, are always part of the set. Looking for a set takes the same time
/// whether it holds one secret or thousands; memory is at most 4 MiB plus about 25 bytes for each byte of all
/// patterns. Copies share their storage.
package struct SecretSet: Sendable {
    /// What became of a secret that was offered.
    package enum Registration: Sendable, Hashable {
        /// Every occurrence will be masked.
        case masked
        /// There is nothing to mask, at most white space.
        case empty
        /// Not masked: shorter than ``SecretSet/minimumByteCount`` without the white space around it; warn whoever chose it.
        case tooShort(byteCount: Int)
        /// Not masked: longer than ``SecretSet/maximumByteCount``, or one secret too many for 256 MiB of patterns;
        /// refuse to go on with it.
        case tooLong(byteCount: Int)
    }

    /// Values shorter than this many bytes are reported and not masked.
    package static var minimumByteCount: Int { SecretPatterns.minimumByteCount }

    /// Values longer than this many bytes are reported and not masked.
    package static var maximumByteCount: Int { SecretPatterns.maximumByteCount }

    /// Keeps state numbers far from their upper bit.
    private static let totalByteLimit = 1 << 28

    private var patterns: Set<[UInt8]> = []
    private var totalByteCount = 0
    private(set) var automaton: PatternAutomaton

    /// A set that holds nothing but the pattern of access key ids.
    package init() {
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
        let added = Set(SecretPatterns.patterns(ofCore: core)).subtracting(patterns)
        let addedByteCount = added.reduce(0) { $0 + $1.count }
        guard totalByteCount + addedByteCount <= Self.totalByteLimit else {
            return .tooLong(byteCount: value.count)
        }
        patterns.formUnion(added)
        totalByteCount += addedByteCount
        return .masked
    }

    private mutating func rebuild() {
        automaton = PatternAutomaton(patterns: patterns, markers: AccessKeyShape.markers)
    }
}
