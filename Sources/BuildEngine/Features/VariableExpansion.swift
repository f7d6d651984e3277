/// `$NAME` and `${NAME}` in buildspec fields that no shell reads: `base-directory`, `files`, report groups
/// (behaviour reference, section 2.6).
///
/// An unset variable is the empty string, as with Go's `os.Expand`.
enum VariableExpansion {
    /// The text with its variables replaced.
    ///
    /// A `$` that no name follows stays.
    static func expand(_ text: String, _ variables: [String: String]) -> String {
        var result = ""
        var rest = Substring(text)
        while let dollar = rest.firstIndex(of: "$") {
            result += rest[..<dollar]
            rest = rest[rest.index(after: dollar)...]
            guard let (name, length) = name(at: rest) else {
                result += "$"
                continue
            }
            result += variables[name] ?? ""
            rest = rest.dropFirst(length)
        }
        return result + rest
    }

    /// The variable's name at the start of the text, and how many characters its reference takes.
    private static func name(at text: Substring) -> (name: String, length: Int)? {
        if text.first == "{" {
            guard let end = text.firstIndex(of: "}") else { return nil }
            let name = text[text.index(after: text.startIndex)..<end]
            guard !name.isEmpty, name.allSatisfy(isNameCharacter) else { return nil }
            return (String(name), name.count + 2)
        }
        let name = text.prefix(while: isNameCharacter)
        guard let first = name.first, !first.isNumber else { return nil }
        return (String(name), name.count)
    }

    private static func isNameCharacter(_ character: Character) -> Bool {
        character == "_" || (character.isASCII && (character.isLetter || character.isNumber))
    }
}
