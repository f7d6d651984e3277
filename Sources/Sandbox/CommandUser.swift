import Synchronization

/// The Linux user that a command runs as (behaviour reference, section 1.3, run-as).
///
/// The environment stays as it is, `HOME` included.
package struct CommandUser: Sendable, Hashable {
    /// A name or a number that the sandbox's `/etc/passwd` knows.
    package var name: String
    /// The number of its group.
    package var group: String

    /// Whether the text can name a user: nothing that a shell would take apart.
    static func isName(_ text: String) -> Bool {
        guard let first = text.utf8.first, first != UInt8(ascii: "-"), text.utf8.count <= 256 else {
            return false
        }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }
    }
}

/// What the search for a user came to.
package enum UserSearch: Sendable, Hashable {
    /// Commands can run as this user; nil when that is who runs them anyway.
    case found(CommandUser?)
    /// Nobody has that name.
    case unknown
    /// The user is there, but the sandbox cannot become it; why, in one line.
    case unusable(String)
}

/// The end of what a program has said.
final class CollectedOutput: Sendable {
    private let bytes = Mutex<[UInt8]>([])

    func append(_ more: [UInt8]) {
        bytes.withLock { $0 = Array(($0 + more).suffix(1024)) }
    }

    var lastLine: String? {
        String(decoding: bytes.withLock { $0 }, as: UTF8.self)
            .split(whereSeparator: \.isNewline).last.map(String.init)
    }
}
