import Envelope
import SystemPackage
import Testing

/// Messages that take the place of their content in the same file.
@Suite struct InPlaceTests {
    /// Below, at and above frames and blocks, and so many frames that the message runs ahead of its content.
    private static let sizes = [
        (0, 16), (1, 16), (16, 16), (17, 16), (40_000, 16), (3_000_000, 100), (3_000_000, 4096),
        (1 << 20, 1 << 20), ((5 << 20) + 1, 1 << 20), (3_000_000, 65_536),
    ]

    @Test(arguments: sizes, [AlgorithmSuite.committing, .committingSigned])
    func `opens what was sealed where it was`(size: (Int, Int), suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        let content = sampleBytes(size.0)
        try scratch.write(content, to: "file")
        let file = try FileDescriptor.open(scratch.path("file"), .readWrite)
        let sealed = try await file.closeAfterwards {
            try await Envelope.sealInPlace(
                file, keyring: try rawKeyring(), suite: suite, frameByteCount: size.1)
        }
        let message = try scratch.read("file")
        #expect(sealed.contentByteCount == Int64(size.0))
        #expect(sealed.messageByteCount == Int64(message.count))
        #expect(try await scratch.open(message, keyring: try rawKeyring()) == content)
    }

    @Test(arguments: [AlgorithmSuite.committing, .committingSigned])
    func `shows every byte of the message while it is made`(suite: AlgorithmSuite) async throws {
        let scratch = try EnvelopeScratch()
        try scratch.write(sampleBytes(3_000_000), to: "file")
        let file = try FileDescriptor.open(scratch.path("file"), .readWrite)
        var seen: [UInt8] = []
        _ = try await file.closeAfterwards {
            try await Envelope.sealInPlace(file, keyring: try rawKeyring(), suite: suite) { seen += $0 }
        }
        #expect(try scratch.read("file") == seen)
    }

    @Test func `leaves nothing of the content in the file`() async throws {
        let scratch = try EnvelopeScratch()
        let line = Array("a line that nobody is to read\n".utf8)
        try scratch.write((0..<50_000).flatMap { _ in line }, to: "file")
        let file = try FileDescriptor.open(scratch.path("file"), .readWrite)
        _ = try await file.closeAfterwards {
            try await Envelope.sealInPlace(file, keyring: try rawKeyring())
        }
        let text = String(decoding: try scratch.read("file"), as: UTF8.self)
        #expect(!text.contains("nobody is to read"))
    }
}

extension FileDescriptor {
    fileprivate func closeAfterwards<Result>(_ body: () async throws -> Result) async throws -> Result {
        defer { try? close() }
        return try await body()
    }
}
