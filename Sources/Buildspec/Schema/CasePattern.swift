/// Regular expressions that take letters in either case, since JSON Schema has no flag for that.
enum CasePattern {
    /// The expression with both cases of each ASCII letter spelt out; character classes stay as they are.
    static func ignoringCase(_ pattern: String) -> String {
        var result = ""
        var isInClass = false
        var isEscaped = false
        for character in pattern {
            defer { isEscaped = character == "\\" && !isEscaped }
            if isEscaped {
                result.append(character)
                continue
            }
            if character == "[" { isInClass = true }
            if character == "]" { isInClass = false }
            if !isInClass, character.isASCII, character.isLetter {
                result += "[\(character.uppercased())\(character.lowercased())]"
            } else {
                result.append(character)
            }
        }
        return result
    }

    /// The expression as a `pattern` of JSON Schema, which would match anywhere in a text.
    static func whole(_ pattern: String) -> JSONValue { .text("^(\(pattern))$") }
}
