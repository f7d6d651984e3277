/// Names and values that are bound to a message: not secret, but no one can change them unnoticed.
///
/// The pairs are kept in the order of their names' UTF-8 bytes, the order in which the message format and the raw AES
/// keyring write them. Names are compared byte by byte, not by what they look like.
package struct EncryptionContext: Sendable, Hashable {
    /// One pair.
    package struct Entry: Sendable, Hashable {
        /// The name; unique in a context.
        package var name: String
        /// The value; may be empty.
        package var value: String
    }

    /// The name under which a signed message carries its author's public key.
    static let publicKeyName = "aws-crypto-public-key"

    /// Names that begin so belong to the message format.
    static let reservedPrefix = "aws-crypto-"

    /// Most bytes a context has when it is written down.
    package static let byteLimit = 65_535

    /// All pairs, ordered by name.
    package private(set) var entries: [Entry]

    /// Binds nothing.
    package init() {
        entries = []
    }

    /// Binds pairs of the caller.
    /// - Throws: ``EnvelopeError/Code/invalidContext`` for a name that begins with `aws-crypto-`, and for pairs which
    ///   need more than ``byteLimit`` bytes.
    package init(_ pairs: [String: String]) throws(EnvelopeError) {
        for name in pairs.keys where name.hasPrefix(Self.reservedPrefix) {
            throw .invalidContext("the name \(name) is reserved for the message format")
        }
        try self.init(entries: pairs.map { Entry(name: $0.key, value: $0.value) })
    }

    /// Takes pairs in any order, reserved names included.
    init(entries: [Entry]) throws(EnvelopeError) {
        let ordered = entries.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        for (left, right) in zip(ordered, ordered.dropFirst())
        where left.name.utf8.elementsEqual(right.name.utf8) {
            throw .invalidContext("the name \(left.name) occurs twice")
        }
        self.entries = ordered
        guard serializedByteCount <= Self.byteLimit else {
            throw .invalidContext("it needs \(serializedByteCount) bytes, the limit is \(Self.byteLimit)")
        }
    }

    /// The pairs for an API that wants a map, such as KMS.
    package var pairs: [String: String] {
        Dictionary(entries.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// The pairs that the caller bound, without those of the message format.
    package var callerPairs: [String: String] {
        pairs.filter { !$0.key.hasPrefix(Self.reservedPrefix) }
    }

    /// The value of a name.
    package subscript(name: String) -> String? {
        entries.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
    }

    /// The same pairs and one more of the message format.
    func adding(_ name: String, _ value: String) throws(EnvelopeError) -> EncryptionContext {
        try EncryptionContext(entries: entries + [Entry(name: name, value: value)])
    }

    /// Checks that each of the given pairs is here.
    func require(_ expected: [String: String]) throws(EnvelopeError) {
        for (name, value) in expected.sorted(by: { $0.key < $1.key }) {
            guard let found = self[name] else {
                throw .contextMismatch("\(name)=\(value) is required, the message has no \(name)")
            }
            guard found.utf8.elementsEqual(value.utf8) else {
                throw .contextMismatch("\(name)=\(value) is required, the message says \(name)=\(found)")
            }
        }
    }
}
