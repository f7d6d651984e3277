import Masking
import Testing

@Suite struct StreamMaskerTests {
    @Test func `masks a secret cut at any two positions`() {
        let set = secretSet(["hunter22", "tophunter22set", "two\nlines of it", "AKIA"])
        let text = Array(
            "a hunter22 tophunter22se two\nlines of it ASIA0123456789ABCDEF AKIA two\nline end".utf8)
        let expected = mask([text], with: set)
        #expect(
            String(decoding: expected, as: UTF8.self) == "a *** top***se *** *** *** two\nline end")
        for first in 0...text.count {
            for second in first...text.count {
                let pieces = [text[..<first], text[first..<second], text[second...]].map { Array($0) }
                #expect(mask(pieces, with: set) == expected)
            }
        }
    }

    @Test(arguments: 0..<300 as Range<UInt64>)
    func `agrees with a simple oracle on random secrets and streams`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let alphabet: [UInt8] = Array(
            (seed % 3 == 0 ? "ab" : seed % 3 == 1 ? "AKIS" : "abcdefgh\u{00e9}").utf8)
        // How far apart the places are that are looked at depends on the shortest pattern.
        let shortest = 4 + Int(seed / 3 % 4)
        let patterns = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
            (0..<Int.random(in: shortest...14, using: &generator)).map { _ in
                Character(UnicodeScalar(alphabet.filter { $0 < 128 }.randomElement(using: &generator) ?? 97))
            }
        }.map { String($0) }
        var text: [UInt8] = []
        while text.count < 600 {
            if Bool.random(using: &generator), let pattern = patterns.randomElement(using: &generator) {
                text += pattern.utf8.prefix(Int.random(in: 1...14, using: &generator))
            } else {
                text.append(alphabet.randomElement(using: &generator) ?? 97)
            }
        }
        let expected = MaskingOracle.masked(text, hiding: patterns.map { Array($0.utf8) })
        let set = secretSet(patterns)
        #expect(
            String(decoding: mask([text], with: set), as: UTF8.self)
                == String(decoding: expected, as: UTF8.self))
        #expect(mask(text.map { [$0] }, with: set) == expected)
        for _ in 0..<20 {
            var pieces: [[UInt8]] = []
            var rest = text[...]
            while !rest.isEmpty {
                let count = Int.random(in: 0...min(40, rest.count), using: &generator)
                pieces.append(Array(rest.prefix(count)))
                rest = rest.dropFirst(count)
            }
            #expect(mask(pieces, with: set) == expected)
        }
    }

    @Test(
        arguments: ["hunt", "hunts", "hunter", "hunter22", "hunter22, and what else may be in it"],
        ["\n", "\r\n"])
    func `finds in long pieces what it finds byte by byte, wherever lines break`(
        secret: String, lineBreak: String
    ) {
        var generator = SeededGenerator(seed: UInt64(secret.count))
        let set = secretSet([secret, "AKIAsome-other-secret"])
        let digits = Array("0123456789abcdef".utf8)
        let hexadecimal = secret.utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
        let key = Array("ASIA0123456789ABCDEF".utf8)
        for width in [31, 40, 62, 63] {
            for place in 0..<width + 3 {
                for hidden in [Array(secret.utf8), hexadecimal, key, Array(key.dropFirst()), []] {
                    var content = (0..<3 * width).map { _ in digits.randomElement(using: &generator) ?? 48 }
                    content.insert(contentsOf: hidden, at: place + width / 2)
                    var text = Array("what comes before\(lineBreak)".utf8)
                    for start in stride(from: 0, to: content.count, by: width) {
                        text += content[start..<min(start + width, content.count)] + Array(lineBreak.utf8)
                    }
                    text += Array("and what follows, in a line of its own\(lineBreak)".utf8)
                    let visible = mask([text], with: set)
                    #expect(visible == mask(text.map { [$0] }, with: set), "\(width) \(place)")
                    let isWhole =
                        place + width / 2 + hidden.count <= width * ((place + width / 2) / width + 1)
                    if isWhole, hidden == hexadecimal || hidden == key { #expect(visible.contains(42)) }
                }
            }
        }
    }

    @Test func `agrees with the oracle when the secrets outgrow the table of complete rows`() {
        var generator = SeededGenerator(seed: 7)
        let patterns = (0..<12).map { _ in
            (0..<4000).map { _ in UInt8.random(in: 33...126, using: &generator) }
        }
        let set = secretSet(patterns.map { String(decoding: $0, as: UTF8.self) })
        var text: [UInt8] = []
        for pattern in patterns {
            text +=
                pattern.prefix(3999) + pattern + pattern.suffix(3999) + pattern.prefix(1200)
                + pattern.prefix(9)
        }
        let expected = MaskingOracle.masked(text, hiding: patterns)
        #expect(mask([text], with: set) == expected)
        let pieces = stride(from: 0, to: text.count, by: 997).map {
            Array(text[$0..<min($0 + 997, text.count)])
        }
        #expect(mask(pieces, with: set) == expected)
    }

    @Test func `uses all 256 byte values as they are`() {
        let every = (0...255).map { UInt8($0) }
        let set = secretSet([String(decoding: 0...127 as ClosedRange<UInt8>, as: UTF8.self)])
        #expect(mask([every], with: set) == Array("***".utf8) + every[128...])
    }

    @Test func `lets a prompt without a line end through at once`() {
        var masker = StreamMasker(secrets: secretSet(["hunter22"]))
        var output: [UInt8] = []
        masker.feed(Array("Continue? h".utf8), into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "Continue? ")
        masker.feed(Array("unter22".utf8), into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "Continue? ***")
        masker.feed(Array("hunt".utf8), into: &output)
        masker.flush(into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "Continue? ***hunt")
    }

    @Test func `hides the rest of a secret whose beginning was flushed`() {
        var masker = StreamMasker(secrets: secretSet(["hunter22"]))
        var output: [UInt8] = []
        masker.feed(Array("hunt".utf8), into: &output)
        masker.flush(into: &output)
        masker.feed(Array("er22 again hunter22".utf8), into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "hunt*** again ***")
    }

    @Test func `finds a secret that is added while its beginning is held back`() {
        var masker = StreamMasker(secrets: secretSet(["hunter22"]))
        var output: [UInt8] = []
        masker.feed(Array("a hunt".utf8), into: &output)
        #expect(
            masker.register([SecretText("unting"), SecretText("x")]) == [.masked, .tooShort(byteCount: 1)])
        masker.feed(Array("ing".utf8), into: &output)
        masker.feed(Array(" b hunter22".utf8), into: &output)
        masker.finish(into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "a h*** b ***")
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `adding secrets between reads never loses what was registered before`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let text = (0..<400).map { _ in UInt8.random(in: 97...98, using: &generator) }
        let early = (0..<3).map { _ in Array(text[Int.random(in: 0..<380, using: &generator)...].prefix(9)) }
        let cut = Int.random(in: 0...text.count, using: &generator)
        var masker = StreamMasker(secrets: secretSet(early.map { String(decoding: $0, as: UTF8.self) }))
        var output: [UInt8] = []
        masker.feed(Array(text[..<cut]), into: &output)
        _ = masker.register([SecretText("never there")])
        masker.feed(Array(text[cut...]), into: &output)
        masker.finish(into: &output)
        #expect(output == MaskingOracle.masked(text, hiding: early))
    }

    @Test func `one set of secrets serves several streams`() {
        var secrets = secretSet(["hunter22"])
        var maskers = [StreamMasker(secrets: secrets), StreamMasker(secrets: secrets)]
        var outputs: [[UInt8]] = [[], []]
        for index in maskers.indices { maskers[index].feed(Array("a hunt".utf8), into: &outputs[index]) }
        _ = secrets.register(SecretText("unting"))
        for index in maskers.indices {
            maskers[index].use(secrets)
            maskers[index].feed(
                Array(index == 0 ? "ing hunter22".utf8 : "er22 unting".utf8), into: &outputs[index])
            maskers[index].finish(into: &outputs[index])
        }
        #expect(outputs.map { String(decoding: $0, as: UTF8.self) } == ["a h*** ***", "a *** ***"])
    }

    @Test func `a set with fewer secrets lets go of what is held back for the others`() {
        var masker = StreamMasker(secrets: secretSet(["hunter22"]))
        var output: [UInt8] = []
        masker.feed(Array("a hunt".utf8), into: &output)
        masker.use(SecretSet())
        masker.feed(Array("er22".utf8), into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "a hunter22")
    }

    @Test func `begins anew after finish`() {
        var masker = StreamMasker(secrets: secretSet(["hunter22"]))
        var output: [UInt8] = []
        masker.feed(Array("hunt".utf8), into: &output)
        masker.finish(into: &output)
        masker.feed(Array("er22".utf8), into: &output)
        masker.finish(into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "hunter22")
    }

    @Test func `holds back no more than the longest secret on an endless line`() {
        var masker = StreamMasker(secrets: secretSet([String(repeating: "a", count: 50) + "b"]))
        let piece = [UInt8](repeating: 0x61, count: 64 << 10)
        var fed = 0
        var written = 0
        for _ in 0..<256 {
            var output: [UInt8] = []
            masker.feed(piece, into: &output)
            fed += piece.count
            written += output.count
            #expect(fed - written == 50)
        }
    }

    @Test(arguments: [
        (["***aa", "a***"], "x***aay a*** ***a", "x***y *** ***a"),
        (["hunter22", "hunter22long"], "hunter22lo hunter22long hunter22longer", "***lo *** ***er"),
        (["abcdef", "defghi", "ghijkl"], "abcdefghijkl abcdefdefghi", "*** ******"),
        (["aaaa", "aaaaaa"], "aaaaaaaaab aaa", "***b aaa"),
    ])
    func `secrets with stars, prefixes of each other, overlapping and adjacent`(
        secrets: [String], text: String, expected: String
    ) {
        let set = secretSet(secrets, encoded: false)
        for cut in 0...text.utf8.count {
            let pieces = [Array(text.utf8.prefix(cut)), Array(text.utf8.dropFirst(cut))]
            #expect(String(decoding: mask(pieces, with: set), as: UTF8.self) == expected)
        }
    }

    @Test func `a realistic log loses nothing but the secret, to the byte`() {
        let set = secretSet(RealisticLog.secrets)
        let log = RealisticLog.text(lines: 3000)
        #expect(mask([log], with: set) == log)
        var generator = SeededGenerator(seed: 3)
        var withSecrets: [UInt8] = []
        var expected: [UInt8] = []
        for line in log.split(separator: 0x0A) {
            let secret = RealisticLog.secrets.randomElement(using: &generator) ?? ""
            let isIn = Int.random(in: 0..<5, using: &generator) == 0
            withSecrets += line + Array((isIn ? " <\(secret)>\n" : "\n").utf8)
            expected += line + Array((isIn ? " <***>\n" : "\n").utf8)
        }
        #expect(mask([withSecrets], with: set) == expected)
    }

    @Test func `a complete line comes out at once whatever it ends with`() {
        var masker = StreamMasker(secrets: secretSet(RealisticLog.secrets))
        for line in RealisticLog.text(lines: 500).split(separator: 0x0A) {
            var output: [UInt8] = []
            masker.feed(Array(line) + [0x0A], into: &output)
            // Only the end of a line without a blank may go on in the next.
            if line.suffix(32).contains(0x20) { #expect(output.last == 0x0A) }
        }
    }
}
