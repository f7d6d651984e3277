import Glibc
import Masking
import Testing

/// Secrets in random encodings at random places of streams that are cut at random places.
///
/// `MASKING_CASES` says how many; a release build does a million in a minute.
@Suite struct RandomEncodingTests {
    private static let caseCount = getenv("MASKING_CASES").flatMap { Int(String(cString: $0)) } ?? 4000
    private static let casesPerSet = 1000

    @Test func `no encoding, place and cut shows a secret, and nothing else is lost`() {
        var leaks: [String] = []
        var done = 0
        var seed: UInt64 = 0
        while done < Self.caseCount, leaks.count < 20 {
            leaks += Self.leaks(seed, min(Self.casesPerSet, Self.caseCount - done))
            seed += 1
            done += Self.casesPerSet
        }
        #expect(leaks.isEmpty, "\(leaks.joined(separator: "\n"))")
    }

    private static func leaks(_ seed: UInt64, _ count: Int) -> [String] {
        var generator = SeededGenerator(seed: seed)
        let secrets = (0..<8).map { _ in secret(&generator) }
        let set = secretSet(secrets)
        var leaks: [String] = []
        for _ in 0..<count {
            guard let secret = secrets.randomElement(using: &generator) else { continue }
            let encoding = RandomEncoding(&generator)
            let text = encoding.text(Array(secret.utf8))
            let other = encoding.text([UInt8](repeating: 0x5A, count: secret.utf8.count))
            let visible = mask(cut(text, &generator), with: set)
            if let leak = MaskingOracle.leak(of: text, beside: other, in: visible, length: 7) {
                leaks.append(
                    "\(seed) \(encoding) \(secret): \(leak) of \(String(decoding: text, as: UTF8.self))")
            }
            if mask([other], with: set) != other {
                leaks.append(
                    "\(seed) \(encoding): lost something of \(String(decoding: other, as: UTF8.self))")
            }
        }
        return leaks
    }

    private static func secret(_ generator: inout SeededGenerator) -> String {
        let alphabets = [
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789", "0123456789abcdef",
            "abcdefgHIJ 0123456789!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "abcüßé€😀xyz+/",
        ].map { Array($0) }
        guard let alphabet = alphabets.randomElement(using: &generator) else { return "" }
        let count = Int.random(in: 0...3, using: &generator) == 0 ? 8...90 : 8...24
        // No blanks at the ends: they are not part of what is hidden.
        let inner = (0..<Int.random(in: count, using: &generator)).compactMap { _ in
            alphabet.randomElement(using: &generator)
        }
        return "q" + String(inner) + "7"
    }

    private static func cut(_ text: [UInt8], _ generator: inout SeededGenerator) -> [[UInt8]] {
        let longest = [1, 7, 80, 400].randomElement(using: &generator) ?? 1
        var pieces: [[UInt8]] = []
        var rest = text[...]
        while !rest.isEmpty {
            let count = Int.random(in: 0...longest, using: &generator)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}

/// One way to write a secret into a log, with all that stands around it.
private struct RandomEncoding: CustomStringConvertible {
    enum Kind: CaseIterable {
        case plain, base64, doubled, hexadecimal, url, json
    }

    let kind: Kind
    let before: [UInt8]
    let after: [UInt8]
    let outside: [UInt8]
    let isUpper: Bool
    let separator: String
    /// Characters in a line of base64 or hexadecimal digits; 0 for one line.
    let width: Int
    let lineBreak: [UInt8]
    let isURLSafe: Bool
    let kept: Set<UInt8>

    init(_ generator: inout SeededGenerator) {
        let filler = Array("The quick (brown) fox, jumps: over 12 lazy dogs\n".utf8)
        func text(_ limit: Int, _ generator: inout SeededGenerator) -> [UInt8] {
            (0..<Int.random(in: 0...limit, using: &generator)).compactMap { _ in
                filler.randomElement(using: &generator)
            }
        }
        kind = Kind.allCases.randomElement(using: &generator) ?? .plain
        before = text(100, &generator)
        after = text(60, &generator)
        outside = text(40, &generator) + [0x20]
        isUpper = Bool.random(using: &generator)
        separator = ["", "", ":", " ", "-", "\\x", "%"].randomElement(using: &generator) ?? ""
        width =
            [0, 64, 76, 60, Int.random(in: 33...120, using: &generator)].randomElement(using: &generator) ?? 0
        lineBreak = Bool.random(using: &generator) ? [10] : [13, 10]
        isURLSafe = Bool.random(using: &generator)
        kept = Set((["", "-._~", "-._~/", "-_.!~*'()"].randomElement(using: &generator) ?? "").utf8)
    }

    var description: String { "\(kind) width \(width) separator '\(separator)'" }

    func text(_ secret: [UInt8]) -> [UInt8] {
        outside + encoded(secret) + [0x20] + outside
    }

    private func encoded(_ secret: [UInt8]) -> [UInt8] {
        switch kind {
        case .plain: before + secret + after
        case .base64: lines(base64(before + secret + after))
        case .doubled: lines(base64(before + base64(after + secret + before) + after))
        case .hexadecimal:
            separator.isEmpty ? lines(secret.flatMap { digits($0) }) : separatedDigits(secret)
        case .url: secret.flatMap { kept.contains($0) || isAlphanumeric($0) ? [$0] : [0x25] + digits($0) }
        case .json:
            secret.flatMap { $0 == 0x22 || $0 == 0x5C ? [0x5C, $0] : [$0] }
        }
    }

    private func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte < 0x80 && Character(UnicodeScalar(byte)).isLetter || 0x30...0x39 ~= byte
    }

    /// A prefix stands before every byte, a separator between two.
    private func separatedDigits(_ bytes: [UInt8]) -> [UInt8] {
        let isPrefix = separator == "\\x" || separator == "%"
        let separator = Array(separator.utf8)
        let pairs = bytes.map { isPrefix ? separator + digits($0) : digits($0) }
        return Array(pairs.joined(separator: isPrefix ? [] : separator))
    }

    private func digits(_ byte: UInt8) -> [UInt8] {
        let text = String(byte, radix: 16, uppercase: isUpper)
        return Array((text.count < 2 ? "0" + text : text).utf8)
    }

    private func lines(_ text: [UInt8]) -> [UInt8] {
        guard width > 0 else { return text }
        return Array(
            stride(from: 0, to: text.count, by: width).map { Array(text[$0..<min($0 + width, text.count)]) }
                .joined(separator: lineBreak))
    }

    /// Bit by bit, unlike the encoder under test.
    private func base64(_ bytes: [UInt8]) -> [UInt8] {
        let letters =
            Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
            + Array((isURLSafe ? "-_" : "+/").utf8)
        var text: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = Array(bytes[start..<min(start + 3, bytes.count)])
            let padded = group + [UInt8](repeating: 0, count: 3 - group.count)
            let number = Int(padded[0]) * 65536 + Int(padded[1]) * 256 + Int(padded[2])
            text += [letters[number / 262144], letters[number / 4096 % 64]]
            text.append(group.count > 1 ? letters[number / 64 % 64] : 0x3D)
            text.append(group.count > 2 ? letters[number % 64] : 0x3D)
        }
        return text
    }
}
