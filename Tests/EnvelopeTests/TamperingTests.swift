import Envelope
import Testing

/// A sealed message in its parts.
struct SealedSample {
    var header: ArraySlice<UInt8>
    var frames: [ArraySlice<UInt8>]
    var footer: ArraySlice<UInt8>

    /// Three frames of 16, 16 and 8 bytes.
    init(_ message: [UInt8], suite: AlgorithmSuite) {
        let footerCount = suite.isSigned ? 105 : 0
        let footerStart = message.count - footerCount
        let finalStart = footerStart - (8 + 12 + 4 + 8 + 16)
        let headerEnd = finalStart - 2 * 48
        header = message[..<headerEnd]
        frames = [
            message[headerEnd..<(headerEnd + 48)], message[(headerEnd + 48)..<finalStart],
            message[finalStart..<footerStart],
        ]
        footer = message[footerStart...]
    }
}

@Suite struct TamperingTests {
    private static let suites: [AlgorithmSuite] = [.committing, .committingSigned]

    private func sample(_ scratch: EnvelopeScratch, _ suite: AlgorithmSuite) async throws -> [UInt8] {
        try await scratch.seal(sampleBytes(40), keyring: try rawKeyring(), context: ["k": "v"], suite: suite)
    }

    @Test(arguments: suites)
    func `refuses a flipped bit at every offset and leaves the destination alone`(
        suite: AlgorithmSuite
    ) async throws {
        let scratch = try EnvelopeScratch()
        let message = try await sample(scratch, suite)
        let keyring = try rawKeyring()
        try scratch.write([1, 2, 3], to: "opened")
        for offset in message.indices {
            var changed = message
            changed[offset] ^= 1 << UInt8(offset % 8)
            let error = try await scratch.failure(opening: changed, keyring: keyring)
            #expect(error != nil, "offset \(offset)")
            #expect(try scratch.read("opened") == [1, 2, 3], "offset \(offset)")
        }
        #expect(scratch.names == ["content", "message", "opened"])
    }

    @Test(arguments: suites)
    func `says that a message is cut off, at every offset`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        let message = try await sample(scratch, suite)
        let keyring = try rawKeyring()
        for count in message.indices {
            let error = try await scratch.failure(opening: Array(message[..<count]), keyring: keyring)
            #expect(error?.code == .truncated, "offset \(count)")
            #expect(!scratch.exists("opened"))
        }
        #expect(scratch.names == ["content", "message"])
    }

    @Test(arguments: suites)
    func `names the part that was changed`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        let message = try await sample(scratch, suite)
        let keyring = try rawKeyring()
        let parts = SealedSample(message, suite: suite)
        var expected: [(Int, MessagePart)] = [
            (parts.header.endIndex - 1, .header), (parts.header.endIndex - 20, .header), (5, .header),
        ]
        for (index, frame) in parts.frames.enumerated() {
            expected.append((frame.endIndex - 20, .frame(UInt32(index + 1))))
        }
        if suite.isSigned { expected.append((parts.footer.endIndex - 1, .footer)) }
        for (offset, part) in expected {
            var changed = message
            changed[offset] ^= 0x10
            let error = try await scratch.failure(opening: changed, keyring: keyring)
            #expect(error?.code == .tampered, "\(part)")
            #expect(error?.part == part)
            #expect(error?.path == scratch.path("message"))
        }
    }

    @Test(arguments: suites)
    func `refuses frames that are swapped, doubled, left out or moved to another message`(
        suite: AlgorithmSuite
    ) async throws {
        let scratch = try EnvelopeScratch()
        let keyring = try rawKeyring()
        let parts = SealedSample(try await sample(scratch, suite), suite: suite)
        let other = SealedSample(try await sample(scratch, suite), suite: suite)
        let (first, second, last) = (parts.frames[0], parts.frames[1], parts.frames[2])
        for frames in [
            [second, first, last], [first, first, second, last], [first, last], [last], [second, last],
            [first, other.frames[1], last], [other.frames[0], second, last],
        ] {
            let message = Array(parts.header + frames.joined() + parts.footer)
            let error = try await scratch.failure(opening: message, keyring: keyring)
            #expect(error?.code == .tampered)
        }
        let otherHeader = Array(other.header + parts.frames.joined() + parts.footer)
        #expect(try await scratch.failure(opening: otherHeader, keyring: keyring)?.part == .frame(1))
    }

    @Test func `refuses the signature of another message`() async throws {
        let scratch = try EnvelopeScratch()
        let suite = AlgorithmSuite.committingSigned
        let parts = SealedSample(try await sample(scratch, suite), suite: suite)
        let other = SealedSample(try await sample(scratch, suite), suite: suite)
        let message = Array(parts.header + parts.frames.joined() + other.footer)
        let error = try await scratch.failure(opening: message, keyring: try rawKeyring())
        #expect(error?.code == .tampered)
        #expect(error?.part == .footer)
        #expect(!scratch.exists("opened"))
    }

    @Test(arguments: suites)
    func `refuses bytes after the end`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        let message = try await sample(scratch, suite)
        for tail in [[0], message] as [[UInt8]] {
            let error = try await scratch.failure(opening: message + tail, keyring: try rawKeyring())
            #expect(error?.code == .trailingBytes)
            #expect(!scratch.exists("opened"))
        }
    }

    @Test func `does not believe length fields`() async throws {
        let scratch = try EnvelopeScratch()
        let parts = SealedSample(try await sample(scratch, .committing), suite: .committing)
        var last = Array(parts.frames[2])
        last.replaceSubrange(20..<24, with: [0x7F, 0xFF, 0xFF, 0xFF])
        let message = Array(parts.header) + parts.frames[0] + parts.frames[1] + last
        #expect(try await scratch.failure(opening: message, keyring: try rawKeyring())?.code == .tampered)
    }

    @Test(
        arguments: [
            ([], .truncated), (Array("PK\u{3}\u{4} zip".utf8), .malformed), ([2, 4], .truncated),
            ([2, 0, 0, 0], .unsupported), ([1, 0x80, 0x05, 0x78], .unsupported),
            ([2, 1, 0x78], .unsupported),
            ([1, 0x81], .malformed), ([1, 0x80, 3, 0x78], .refusedByPolicy), ([3], .malformed),
        ] as [([UInt8], EnvelopeError.Code)])
    func `says what is no message`(bytes: [UInt8], code: EnvelopeError.Code) async throws {
        let scratch = try EnvelopeScratch()
        let error = try await scratch.failure(opening: bytes, keyring: try rawKeyring())
        #expect(error?.code == code)
        #expect(error?.part == .header)
    }

    @Test func `never traps on random bytes behind a good beginning`() async throws {
        let scratch = try EnvelopeScratch()
        let message = try await sample(scratch, .committing)
        let noise = sampleBytes(4000)
        for start in 0..<300 {
            let keep = start % 140
            let bytes = Array(message[..<keep]) + noise[start...].prefix(700)
            #expect(
                try await scratch.failure(opening: bytes, keyring: try rawKeyring(), policy: .legacy) != nil)
        }
    }
}
