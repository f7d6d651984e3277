import Buildspec
import Diagnostics
import Testing

/// A generator whose sequence depends on its seed alone (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

@Suite struct HostileTextTests {
    /// Decodes and prints, and checks what must hold for any text.
    private func check(_ text: [UInt8]) {
        let decoded = Buildspec.decode(text)
        let hasError = decoded.diagnostics.contains { $0.severity == .error }
        #expect((decoded.buildspec == nil) == hasError)
        for diagnostic in decoded.diagnostics {
            guard let range = diagnostic.range else { continue }
            #expect(
                range.start.offset <= text.count && range.start <= range.end && range.end.offset <= text.count
            )
        }
        let checked = CheckedBuildspec(text).diagnostics
        #expect(checked.contains { $0.severity == .error } == hasError)
        for range in checked.compactMap(\.range) {
            #expect(range.start <= range.end && range.end.offset <= text.count)
        }
        let printed = DiagnosticRenderer(fileName: "x", text: text).render(checked)
        #expect(!printed.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" || $0.value == 0x7F })
    }

    @Test(arguments: 0..<8)
    func `never fails on random bytes`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<250 {
            let length = Int.random(in: 0..<200, using: &random)
            check((0..<length).map { _ in UInt8.random(in: 0...255, using: &random) })
        }
    }

    @Test(arguments: 0..<8)
    func `never fails on random YAML punctuation`(_ seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let pieces = [
            "version: 0.2\n", "phases:", "build:", "commands:", "\n", "\n  ", "\n    ", "- ", ": ", "? ",
            "&a ", "*a", "<<: ",
            "[", "]", "{", "}", ", ", "'", "\"", "|", ">", "#", "!", "%", "---\n", "...\n", "\t", "é", "🚀",
            "~", "x", "\r\n",
        ]
        for _ in 0..<250 {
            let count = Int.random(in: 0..<60, using: &random)
            let text = (0..<count).map { _ in pieces.randomElement(using: &random) ?? "" }.joined()
            check(Array(text.utf8))
        }
    }

    @Test(arguments: BehaviourCase.all)
    func `never fails on a damaged file`(_ sample: BehaviourCase) {
        var random = SeededGenerator(seed: UInt64(sample.text.count))
        for _ in 0..<60 {
            var text = sample.text
            for _ in 0..<Int.random(in: 1...4, using: &random) where !text.isEmpty {
                let place = Int.random(in: 0..<text.count, using: &random)
                switch Int.random(in: 0..<4, using: &random) {
                case 0: text[place] = UInt8.random(in: 0...255, using: &random)
                case 1: text.remove(at: place)
                case 2: text.insert(UInt8.random(in: 9...126, using: &random), at: place)
                default: text.removeSubrange(place..<min(text.count, place + 9))
                }
            }
            check(text)
        }
    }

    @Test func `decodes a file of the largest size in time in proportion to it`() throws {
        let head = "version: 0.2\nphases:\n  build:\n    commands:\n"
        let count = ((1 << 20) - head.utf8.count) / 8
        let text = Array((head + String(repeating: "    - a\n", count: count)).utf8)
        let clock = ContinuousClock()
        var commands = 0
        // Far more than is ever needed, far less than a quadratic decoder takes.
        let time = clock.measure {
            commands = Buildspec.decode(text).buildspec?.phases.first?.commands.count ?? 0
        }
        #expect(commands == count)
        #expect(time < .seconds(20))
    }

    @Test(arguments: [
        "cache: {action: LONG}", "run-as: {LONG: a}", "LONG: a", "phases: {LONG: a}",
        "phases: {build: {commands: [LONG: a]}}", "phases: {build: {on-failure: LONG}}",
        "env: {secrets-manager: {A: \":LONG\"}}",
    ])
    func `quotes only so much of the text`(_ template: String) {
        let long = String(repeating: "x", count: 900)
        let text = "version: 0.2\n" + template.replacing("LONG", with: long)
        let diagnostics = Buildspec.decode(Array(text.utf8)).diagnostics
        #expect(!diagnostics.isEmpty)
        for diagnostic in diagnostics {
            #expect(diagnostic.message.count <= 601)
            #expect((diagnostic.mend ?? "").count <= 601)
        }
    }

    @Test func `lists a bounded number of problems`() {
        let text =
            "version: 0.2\nphases:\n  build:\n    commands:\n"
            + String(repeating: "    - a: b\n", count: 5_000)
        let diagnostics = Buildspec.decode(Array(text.utf8)).diagnostics
        #expect(diagnostics.count == 201)
        #expect(diagnostics.last?.message == "4800 further problems are not listed")
    }
}
