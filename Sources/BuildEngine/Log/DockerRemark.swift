import Glibc

/// Notices that a build asked for a Docker daemon that is not there, so that the mend can be told once at the end.
struct DockerRemark: Sendable {
    /// What clients of Docker say, old and new.
    private static let phrases = [
        "Cannot connect to the Docker daemon", "failed to connect to the docker API",
    ].map { (bytes: Array($0.utf8), rare: Array($0.utf8).firstIndex(of: rareLetter) ?? 0) }
    private static let rareLetter = UInt8(ascii: "k")
    private static let overlap = 64

    /// Whether a client has complained.
    private(set) var isNeeded = false
    private var tail: [UInt8] = []

    /// Looks at output as it comes.
    mutating func feed(_ bytes: [UInt8]) {
        guard !isNeeded else { return }
        isNeeded = Self.complains(bytes) || Self.complains(tail + bytes.prefix(Self.overlap))
        tail = Array((tail + bytes.suffix(Self.overlap)).suffix(Self.overlap))
    }

    /// What to do about it.
    static let text =
        "the build asked for Docker, which is there in privileged mode only: --image IMAGE --privileged"

    /// Looks for a letter of theirs that dumps of bytes do not have or seldom have, and compares around it.
    private static func complains(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { text in
            guard let start = text.baseAddress else { return false }
            var offset = 0
            while let found = memchr(start + offset, Int32(rareLetter), text.count - offset) {
                let place = UnsafeRawPointer(found) - start
                if phrases.contains(where: { isThere($0.bytes, in: text, at: place - $0.rare) }) {
                    return true
                }
                offset = place + 1
            }
            return false
        }
    }

    private static func isThere(_ phrase: [UInt8], in text: UnsafeRawBufferPointer, at place: Int) -> Bool {
        guard place >= 0, place + phrase.count <= text.count, let start = text.baseAddress else {
            return false
        }
        return memcmp(start + place, phrase, phrase.count) == 0
    }
}
