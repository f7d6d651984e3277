import Testing

@testable import Envelope

@Suite struct EncryptionContextTests {
    @Test func `writes pairs in the order of their names' bytes`() throws {
        let context = try EncryptionContext(["b": "2", "é": "3", "a": "", "B": "1"])
        #expect(context.entries.map { $0.name } == ["B", "a", "b", "é"])
        #expect(
            context.serialized == [0, 4, 0, 1, 0x42, 0, 1, 0x31, 0, 1, 0x61, 0, 0, 0, 1, 0x62, 0, 1, 0x32]
                + [0, 2, 0xC3, 0xA9, 0, 1, 0x33])
        #expect(try EncryptionContext(serialized: context.serialized) == context)
    }

    @Test func `is no bytes at all when there are no pairs`() throws {
        #expect(EncryptionContext().serialized == [])
        #expect(try EncryptionContext(serialized: []) == EncryptionContext())
    }

    @Test(
        arguments: [
            [0], [0, 0], [0, 1], [0, 1, 0, 1, 0x61], [0, 1, 0, 1, 0x61, 0, 1], [0, 1, 0, 1, 0x61, 0, 0, 0],
            [0, 1, 0, 1, 0xFF, 0, 0], [0, 2, 0, 1, 0x61, 0, 0, 0, 1, 0x61, 0, 0],
        ] as [[UInt8]])
    func `refuses bytes that no context has`(bytes: [UInt8]) {
        let error = #expect(throws: EnvelopeError.self) { try EncryptionContext(serialized: bytes) }
        #expect(error?.code == .malformed)
    }

    @Test func `refuses reserved names and too many bytes`() throws {
        #expect(throws: EnvelopeError.self) { try EncryptionContext(["aws-crypto-public-key": "x"]) }
        #expect(throws: EnvelopeError.self) { try EncryptionContext(["aws-crypto-": "x"]) }
        let fits = String(repeating: "x", count: EncryptionContext.byteLimit - 2 - 4 - 1)
        #expect(try EncryptionContext(["a": fits]).serialized.count == EncryptionContext.byteLimit)
        let error = #expect(throws: EnvelopeError.self) { try EncryptionContext(["a": fits + "x"]) }
        #expect(error?.code == .invalidContext)
    }

    @Test func `keeps names apart that only look the same`() throws {
        let entries = [
            EncryptionContext.Entry(name: "\u{E9}", value: "1"),
            EncryptionContext.Entry(name: "e\u{301}", value: "2"),
        ]
        let context = try EncryptionContext(entries: entries)
        #expect(context["\u{E9}"] == "1")
        #expect(context["e\u{301}"] == "2")
    }

    @Test func `a message is only opened when the required pairs are there`() async throws {
        let scratch = try EnvelopeScratch()
        let message = try await scratch.seal([1], keyring: try rawKeyring(), context: ["a": "1", "b": "2"])
        for required in [[:], ["a": "1"], ["b": "2", "a": "1"]] {
            #expect(
                try await scratch.open(message, keyring: try rawKeyring(), requiredContext: required) == [1])
        }
        for (required, word) in [(["a": "2"], "a=1"), (["c": "1"], "no c")] {
            let error = try await scratch.failure(
                opening: message, keyring: try rawKeyring(), requiredContext: required)
            #expect(error?.code == .contextMismatch)
            #expect(error?.description.contains(word) == true)
        }
    }

    @Test func `an error shows no control characters of a hostile message`() async throws {
        let scratch = try EnvelopeScratch()
        let hostile = "\u{1B}[2J\nfake line\u{9B}"
        let message = try await scratch.seal(
            [1], keyring: try rawKeyring(1, name: hostile), context: ["name": hostile])
        let mismatch = try await scratch.failure(
            opening: message, keyring: try rawKeyring(1), requiredContext: ["name": "value"])
        let noKey = try await scratch.failure(opening: message, keyring: try rawKeyring(1))
        for error in [mismatch, noKey] {
            let text = try #require(error).description
            #expect(text.contains("?[2J?fake line?"))
            #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
        }
    }

    @Test func `frame numbers end before the marker of the last frame`() throws {
        var sequence = FrameSequence(next: UInt32.max - 2)
        try sequence.advance()
        let error = #expect(throws: EnvelopeError.self) { try sequence.advance() }
        #expect(error?.code == .limitExceeded)
    }
}
