import Buildspec
import Testing

@Suite struct ValuePatternTests {
    @Test(arguments: 0..<4)
    func `the pattern of on-failure takes what its parser takes`(_ seed: UInt64) throws {
        let pattern = try Regex(ValuePattern.onFailure).ignoresCase()
        let pieces = [
            "RETRY", "retry", "Retry-", "-", "0", "7", "00", "99", "100", "101", "x", ".*", " ", "ABORT",
            "continue", "\n",
        ]
        let texts = texts(of: pieces, seed: seed)
        for text in texts {
            #expect((text.wholeMatch(of: pattern) != nil) == (OnFailure(parsing: text) != nil), "\(text)")
        }
        #expect(texts.contains { OnFailure(parsing: $0) != nil })
    }

    @Test(arguments: 0..<4)
    func `the pattern of secret references takes what its parser takes`(_ seed: UInt64) throws {
        let pattern = try Regex(ValuePattern.secretReference)
        let pieces = [
            "a", "r", "n", "ar", "arn", "arn:", ":", "::", "b", "arn:aws:secretsmanager:eu:1:secret:db",
            "arn:aws:s:eu:1:secret:db",
            "arn:aws:secretsmanager:eu:1:other:db",
        ]
        let texts = texts(of: pieces, seed: seed)
        for text in texts {
            let reference = try? SecretReference(parsing: text)
            #expect((text.wholeMatch(of: pattern) != nil) == (reference != nil), "\(text)")
        }
        #expect(texts.contains { (try? SecretReference(parsing: $0)) != nil })
    }

    @Test(arguments: [0...0, 0...9, 0...100, 1...10_000, 7...1_203, 95...105, 199...201, 10...99, 456...789])
    func `the digits of a range are matched, and no others`(_ range: ClosedRange<Int>) throws {
        let pattern = try Regex(NumberPattern.digits(of: range))
        for number in 0...20_000 {
            #expect(("\(number)".wholeMatch(of: pattern) != nil) == range.contains(number), "\(number)")
        }
    }

    /// Random texts of a few pieces each, the empty one among them.
    private func texts(of pieces: [String], seed: UInt64) -> [String] {
        var random = SeededGenerator(seed: seed)
        return [""]
            + (0..<2_000).map { _ in
                (0..<Int.random(in: 1...6, using: &random))
                    .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &random)] }.joined()
            }
    }
}
