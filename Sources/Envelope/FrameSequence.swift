/// The numbers of frames: from 1, each once, at most 2³² − 1.
struct FrameSequence {
    /// Stands in place of a number to say that the last frame follows.
    static let finalMarker = UInt32.max

    private(set) var next: UInt32

    init(next: UInt32 = 1) {
        self.next = next
    }

    /// Goes on after a frame that is not the last.
    mutating func advance() throws(EnvelopeError) {
        // The marker itself is never the number of an ordinary frame.
        guard next < Self.finalMarker - 1 else {
            throw .limitExceeded(
                "a message has at most \(Self.finalMarker - 1) frames; use larger ones", .frame(next))
        }
        next += 1
    }
}
