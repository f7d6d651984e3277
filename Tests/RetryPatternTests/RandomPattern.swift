/// A pattern with its tree, and the plainest way to say where it matches.
indirect enum RandomPattern {
    case scalar(Unicode.Scalar)
    case any
    case choice([Unicode.Scalar], isNegated: Bool)
    case assertion(String)
    case sequence([RandomPattern])
    case alternatives([RandomPattern])
    case repeated(RandomPattern, minimum: Int, maximum: Int?, lazy: Bool)

    static let alphabet: [Unicode.Scalar] = ["a", "b", "\n", "é"]

    /// A pattern of a few elements; those of the dialect that Python shares when asked for.
    static func random(depth: Int, with generator: inout SeededGenerator) -> RandomPattern {
        let kind = generator.next() % (depth == 0 ? 5 : 9)
        let child = { (generator: inout SeededGenerator) in random(depth: depth - 1, with: &generator) }
        switch kind {
        case 0, 1: return .scalar(generator.pick(alphabet))
        case 2: return .any
        case 3:
            let members = alphabet.filter { _ in generator.next() % 2 == 0 }
            return .choice(members.isEmpty ? ["a"] : members, isNegated: generator.next() % 2 == 0)
        case 4: return .assertion(generator.pick([#"\A"#, "(?m:^)", "(?m:$)", #"\b"#, #"\B"#]))
        case 5, 6: return .sequence((0..<(generator.next() % 4)).map { _ in child(&generator) })
        case 7: return .alternatives((0..<(1 + generator.next() % 3)).map { _ in child(&generator) })
        default:
            let minimum = Int(generator.next() % 3)
            let extra = Int(generator.next() % 3)
            let maximum = generator.next() % 2 == 0 ? nil : minimum + extra
            return .repeated(
                child(&generator), minimum: minimum, maximum: maximum, lazy: generator.next() % 2 == 0)
        }
    }

    /// How the pattern is written.
    var text: String {
        switch self {
        case .scalar(let scalar): scalar == "\n" ? #"\n"# : String(Character(scalar))
        case .any: "."
        case .choice(let members, let isNegated):
            "[\(isNegated ? "^" : "")\(members.map { RandomPattern.scalar($0).text }.joined())]"
        case .assertion(let text): text
        case .sequence(let parts): "(?:\(parts.map { $0.text }.joined()))"
        case .alternatives(let parts): "(\(parts.map { $0.text }.joined(separator: "|")))"
        case .repeated(let part, let minimum, let maximum, let lazy):
            "(?:\(part.text))\(Self.counts(minimum, maximum))\(lazy ? "?" : "")"
        }
    }

    private static func counts(_ minimum: Int, _ maximum: Int?) -> String {
        switch (minimum, maximum) {
        case (0, nil): "*"
        case (1, nil): "+"
        case (0, 1): "?"
        case (let minimum, nil): "{\(minimum),}"
        case (let minimum, let maximum?): minimum == maximum ? "{\(minimum)}" : "{\(minimum),\(maximum)}"
        }
    }

    /// Where matches that begin at one of some places can end.
    func ends(from starts: Set<Int>, in text: [Unicode.Scalar]) -> Set<Int> {
        switch self {
        case .scalar(let scalar): Self.step(starts, text) { $0 == scalar }
        case .any: Self.step(starts, text) { $0 != "\n" }
        case .choice(let members, let isNegated):
            Self.step(starts, text) { members.contains($0) != isNegated }
        case .assertion(let name): starts.filter { Self.holds(name, at: $0, in: text) }
        case .sequence(let parts): parts.reduce(starts) { $1.ends(from: $0, in: text) }
        case .alternatives(let parts):
            parts.reduce(into: []) { $0.formUnion($1.ends(from: starts, in: text)) }
        case .repeated(let part, let minimum, let maximum, _):
            Self.repeatedEnds(part, minimum, maximum, starts, text)
        }
    }

    /// Whether the pattern matches anywhere.
    func matches(_ text: [Unicode.Scalar]) -> Bool {
        !ends(from: Set(0...text.count), in: text).isEmpty
    }

    private static func repeatedEnds(
        _ part: RandomPattern, _ minimum: Int, _ maximum: Int?, _ starts: Set<Int>, _ text: [Unicode.Scalar]
    ) -> Set<Int> {
        var current = starts
        for _ in 0..<minimum { current = part.ends(from: current, in: text) }
        var all = current
        // More rounds than there are places reach nothing new.
        for _ in 0..<(maximum.map { $0 - minimum } ?? text.count + 1) {
            current = part.ends(from: current, in: text)
            all.formUnion(current)
        }
        return all
    }

    private static func step(
        _ starts: Set<Int>, _ text: [Unicode.Scalar], _ isMember: (Unicode.Scalar) -> Bool
    ) -> Set<Int> {
        Set(starts.filter { $0 < text.count && isMember(text[$0]) }.map { $0 + 1 })
    }

    private static func holds(_ assertion: String, at place: Int, in text: [Unicode.Scalar]) -> Bool {
        let isWord = { (index: Int) in
            text.indices.contains(index) && "abc".unicodeScalars.contains(text[index])
        }
        switch assertion {
        case #"\A"#: return place == 0
        case "(?m:^)": return place == 0 || text[place - 1] == "\n"
        case "(?m:$)": return place == text.count || text[place] == "\n"
        case #"\b"#: return isWord(place - 1) != isWord(place)
        default: return isWord(place - 1) == isWord(place)
        }
    }
}
