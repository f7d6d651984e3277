/// A pattern as written in a buildspec, taken apart: `.` dropped, `..` resolved as far as the text allows.
struct PatternText: Sendable {
    /// As written, for messages.
    let text: String
    /// Whether it starts at `/`.
    let isAbsolute: Bool
    /// How many directories above the starting point it begins.
    let levelsUp: Int
    /// Everything after that, as text per component.
    let parts: [[UInt8]]

    init(_ text: String) {
        self.text = text
        isAbsolute = text.utf8.first == UInt8(ascii: "/")
        var levelsUp = 0
        var parts: [[UInt8]] = []
        for part in Array(text.utf8).split(separator: UInt8(ascii: "/")) {
            if part.elementsEqual(".".utf8) { continue }
            guard part.elementsEqual("..".utf8) else {
                parts.append(Array(part))
                continue
            }
            if parts.isEmpty { levelsUp += 1 } else { parts.removeLast() }
        }
        self.levelsUp = isAbsolute ? 0 : levelsUp
        self.parts = parts
    }

    /// The components as patterns.
    var components: [PathPattern.Component] {
        parts.map { $0 == Array("**".utf8) ? .anyDepth : .one(ComponentPattern($0)) }
    }

    /// The path, when no component has a wildcard.
    var literalParts: [[UInt8]]? {
        var literals: [[UInt8]] = []
        for component in components {
            guard case .one(let pattern) = component, let literal = pattern.literal else { return nil }
            literals.append(literal)
        }
        return literals
    }

    /// The directory where the pattern starts, given where relative ones start.
    func origin(relativeTo directory: RootPath) -> RootPath {
        isAbsolute ? .root : RootPath(components: directory.components.dropLast(levelsUp))
    }
}
