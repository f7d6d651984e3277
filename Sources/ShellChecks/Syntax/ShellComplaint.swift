/// What a shell says about a syntax error, in its own words.
struct ShellComplaint {
    /// 1-based line in what the shell has read; nil when it names none.
    var line: Int?
    var message: String

    /// Reads the first complaint in a shell's error output, such as `sh: 2: Syntax error: ..` or `bash:
    /// line 2: ..`.
    ///
    /// - Parameter output: the bytes of standard error; warnings in it are passed over.
    init?(_ output: [UInt8]) {
        for line in output.split(separator: 0x0A) {
            let text = String(decoding: line.prefix(1000), as: UTF8.self)
            guard !text.contains(": warning: ") else { continue }
            guard let complaint = Self(sentence: text) else { continue }
            self = complaint
            return
        }
        return nil
    }

    private init?(sentence: String) {
        // The first part is the shell's name, for it reads from standard input.
        guard let nameEnd = sentence.firstIndex(of: ":") else { return nil }
        var rest = sentence[sentence.index(after: nameEnd)...].drop { $0 == " " }
        let numbered = rest.hasPrefix("line ") ? rest.dropFirst(5) : rest
        let digits = numbered.prefix { $0.isASCII && $0.isNumber }
        if let number = Int(digits), numbered.dropFirst(digits.count).hasPrefix(":") {
            line = number
            rest = numbered.dropFirst(digits.count + 1).drop { $0 == " " }
        }
        guard !rest.isEmpty else { return nil }
        message = String(rest)
    }
}
