import ShellScript
import Testing

/// A generator whose numbers are the same in every run.
private struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

@Suite struct HostileCommandTests {
    private static let pieces = [
        "(", ")", "$(", "$((", "))", "((", "`", "\"", "'", "\\", "{", "}", "${", "${x:-", "${#", "${!", "[[",
        "]]",
        "<<E", "<<-'E'\n", "\nE\n", "\n", ";", ";;", "&", "&>", "|", "<(", ">&", "<<<", "$", "$'", "#", " ",
        "\t",
        "if ", "then ", "fi ", "for x in ", "do ", "done ", "case x in ", "esac ", "function f ", "f()",
        "x=(",
        "x[", "]=", "x+=", "export ", "read -a ", "echo -e ", "{1..", "..3}", "{a,", "=", "é", "\0", "\r",
        "@(",
        "!", "select ", "let ", "time ", "coproc ", "$RANDOM", "==", "[ ", "set -o pipefail", "\\\n", "$((x=",
    ]

    /// Checks what holds for every text.
    private func check(_ text: String) {
        let scan = ShellScan(of: text)
        let size = text.utf8.count
        let ranges =
            scan.simpleCommands.flatMap { $0.words.map(\.range) } + scan.expansions.map(\.range)
            + scan.bashisms.map(\.range) + scan.joinedLineSigns.map(\.range)
        #expect(ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= size }, "\(text.debugDescription)")
        let offsets =
            scan.unfinished.map(\.offset) + scan.strayClosers.map(\.offset) + scan.assignments.map(\.offset)
        #expect(offsets.allSatisfy { (0...size).contains($0) }, "\(text.debugDescription)")
    }

    @Test func `random texts are read without a trap, and all places lie in the text`() {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<8000 {
            let count = Int.random(in: 0...25, using: &generator)
            let parts = (0..<count).map { _ in Self.pieces.randomElement(using: &generator) ?? "" }
            check(parts.joined(separator: Bool.random(using: &generator) ? " " : ""))
        }
    }

    @Test func `random edits of commands are read without a trap`() {
        var generator = SeededGenerator(seed: 4)
        let samples = BashismTests.samples.map(\.0)
        for _ in 0..<8000 {
            var bytes = Array((samples.randomElement(using: &generator) ?? "").utf8)
            bytes += Array((samples.randomElement(using: &generator) ?? "").utf8)
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                let place = Int.random(in: 0...bytes.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0:
                    bytes.insert(
                        contentsOf: (Self.pieces.randomElement(using: &generator) ?? "").utf8, at: place)
                case 1 where place < bytes.count: bytes.remove(at: place)
                default: bytes.removeSubrange(min(place, bytes.count / 2)..<bytes.count / 2)
                }
            }
            check(String(decoding: bytes, as: UTF8.self))
        }
    }

    @Test(arguments: pieces)
    func `repeating anything costs time in proportion`(piece: String) {
        func seconds(_ count: Int) -> Double {
            let text = String(repeating: piece, count: count)
            let time = ContinuousClock().measure { check(text) }
            return time / .seconds(1)
        }
        // Quadratic cost would take minutes.
        let cost = seconds(20_000)
        #expect(cost < 5)
    }

    @Test func `text too deep or too long to be looked into is left alone`() {
        for (opening, closing) in [("$(", ")"), ("${x:-", "}"), ("\"$(", ")\""), ("$((", "))"), ("<(", ")")] {
            let depth = ShellScan.depthLimit * 100
            let text =
                "echo " + String(repeating: opening, count: depth) + String(repeating: closing, count: depth)
            let scan = ShellScan(of: text)
            #expect(scan.isOpaque)
            #expect(scan.unfinished == [])
            #expect(!scan.isBalanced)
        }
        let long = ShellScan(of: String(repeating: "a ", count: ShellScan.byteLimit / 2 + 1))
        #expect(long.isOpaque)
        #expect(long.simpleCommands.isEmpty)
        let compound =
            String(repeating: "{ (", count: 10_000) + " a" + String(repeating: ") ; }", count: 10_000)
        #expect(ShellScan(of: compound).isBalanced)
    }
}
