import Testing

@testable import Sandbox

@Suite struct AnswerScannerTests {
    private static let nonce = "5f3a-77"

    /// Scans the pieces; all output, and the answers.
    private func scan(_ pieces: [[UInt8]]) -> (output: String, codes: [Int]) {
        var scanner = AnswerScanner()
        scanner.expect(nonce: Self.nonce)
        var output: [UInt8] = []
        var codes: [Int] = []
        for event in pieces.flatMap({ scanner.scan($0) }) + scanner.finish() {
            switch event {
            case .output(let bytes):
                #expect(!bytes.isEmpty)
                output += bytes
            case .answer(let code):
                codes.append(code)
            }
        }
        return (String(decoding: output, as: UTF8.self), codes)
    }

    @Test(arguments: [
        ("hello\n\u{1e}5f3a-77:0\u{1e}", "hello\n", [0]),
        ("\u{1e}5f3a-77:127\u{1e}", "", [127]),
        ("a\u{1e}5f3a-77:1\u{1e}late output", "alate output", [1]),
        ("\u{1e}\u{1e}\u{1e}5f3a-77:3\u{1e}", "\u{1e}\u{1e}", [3]),
        ("\u{1e}5f3a-\u{1e}5f3a-77:4\u{1e}", "\u{1e}5f3a-", [4]),
        // Only the first answer counts.
        ("\u{1e}5f3a-77:1\u{1e}\u{1e}5f3a-77:0\u{1e}", "\u{1e}5f3a-77:0\u{1e}", [1]),
        // None of these is an answer.
        ("\u{1e}ready:0\u{1e}", "\u{1e}ready:0\u{1e}", []),
        ("\u{1e}5f3a-78:0\u{1e}", "\u{1e}5f3a-78:0\u{1e}", []),
        ("\u{1e}5f3a-77:\u{1e}", "\u{1e}5f3a-77:\u{1e}", []),
        ("\u{1e}5f3a-77:x\u{1e}", "\u{1e}5f3a-77:x\u{1e}", []),
        ("\u{1e}5f3a-77:-1\u{1e}", "\u{1e}5f3a-77:-1\u{1e}", []),
        ("\u{1e}5f3a-77:0000\u{1e}", "\u{1e}5f3a-77:0000\u{1e}", []),
        ("\u{1e}5f3a-77:256\u{1e}", "\u{1e}5f3a-77:256\u{1e}", []),
        ("5f3a-77:0\u{1e}", "5f3a-77:0\u{1e}", []),
        // The stream ends within what might have become an answer.
        ("end\u{1e}5f3a-77:1", "end\u{1e}5f3a-77:1", []),
        ("end\u{1e}", "end\u{1e}", []),
    ])
    func `finds the one awaited answer however the stream is cut`(
        stream: String, output: String, codes: [Int]
    ) {
        let bytes = Array(stream.utf8)
        for cut in 0...bytes.count {
            let found = scan([Array(bytes[..<cut]), Array(bytes[cut...])])
            #expect(found.output == output)
            #expect(found.codes == codes)
        }
        #expect(scan(bytes.map { [$0] }).output == output)
        #expect(scan(bytes.map { [$0] }).codes == codes)
    }

    @Test func `lets everything through when no answer is awaited`() {
        var scanner = AnswerScanner()
        #expect(scanner.scan([0x1e, 0x61]) == [.output([0x1e, 0x61])])
        #expect(scanner.finish().isEmpty)
    }

    @Test func `holds back no more than the beginning of an answer`() {
        var scanner = AnswerScanner()
        scanner.expect(nonce: Self.nonce)
        #expect(scanner.scan(Array("out\u{1e}5f".utf8)) == [.output(Array("out".utf8))])
        #expect(scanner.scan(Array("x".utf8)) == [.output(Array("\u{1e}5fx".utf8))])
        #expect(scanner.scan(Array("more".utf8)) == [.output(Array("more".utf8))])
    }

    @Test func `a held tail counts for the next awaited answer`() {
        var scanner = AnswerScanner()
        scanner.expect(nonce: "first")
        #expect(scanner.scan(Array("\u{1e}".utf8)).isEmpty)
        scanner.expect(nonce: "second")
        #expect(scanner.scan(Array("second:7\u{1e}".utf8)) == [.answer(code: 7)])
    }

    @Test(.timeLimit(.minutes(5)))
    func `needs linear time for output made of separators and false beginnings`() {
        let piece = Array("\u{1e}\u{1e}5f3a-77:\u{1e}5f3a-77:99x".utf8)
        let hostile = Array(repeatElement(piece, count: 40_000).joined())
        let found = scan([hostile, hostile])
        #expect(found.codes.isEmpty)
        #expect(found.output.utf8.count == 2 * hostile.count)
        #expect(scan(hostile.prefix(100_000).map { [$0] }).output.utf8.count == 100_000)
    }
}
