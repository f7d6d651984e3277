import Glibc

/// Notices that a build asked for a Docker daemon that is not there, so that the mend can be told once at the end.
struct DockerRemark: Sendable {
    /// What clients of Docker say, old and new.
    private static let phrases = [
        "Cannot connect to the Docker daemon", "failed to connect to the docker API",
    ].map { Array($0.utf8) }
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

    private static func complains(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { text in phrases.contains { contains($0, in: text) } }
    }

    /// Looks for the phrase's first byte, and compares from there.
    private static func contains(_ phrase: [UInt8], in text: UnsafeRawBufferPointer) -> Bool {
        guard let start = text.baseAddress, let first = phrase.first else { return false }
        var offset = 0
        while text.count - offset >= phrase.count,
            let found = memchr(start + offset, Int32(first), text.count - offset)
        {
            let place = UnsafeRawPointer(found) - start
            guard text.count - place >= phrase.count else { return false }
            if memcmp(found, phrase, phrase.count) == 0 { return true }
            offset = place + 1
        }
        return false
    }
}
