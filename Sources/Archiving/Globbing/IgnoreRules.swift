/// Rules of what to leave out, one a line, as `.gitignore` has them (gitignore(5)).
///
/// The last rule that matches decides; `!` takes back. A pattern with a slash at its beginning or in its middle
/// is relative to the top, others match at any depth; one that ends in a slash matches directories only. What
/// lies in a directory that is left out cannot be taken back. Empty lines and those that begin with `#` say
/// nothing; `\` before a character makes it mean itself.
package struct IgnoreRules: Sendable {
    private struct Rule: Sendable {
        let pattern: PathPattern
        let text: String
        let takesBack: Bool
        let onlyDirectories: Bool
    }

    private let rules: [Rule]

    /// Reads rules; a byte order mark before them says nothing.
    package init(_ text: String) {
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        rules = text.split(whereSeparator: \.isNewline).compactMap { Self.rule(String($0)) }
    }

    private static func rule(_ line: String) -> Rule? {
        var line = line
        while line.hasSuffix(" "), !line.hasSuffix("\\ ") { line.removeLast() }
        guard !line.isEmpty, !line.hasPrefix("#") else { return nil }
        let takesBack = line.hasPrefix("!")
        if takesBack { line.removeFirst() }
        let onlyDirectories = line.hasSuffix("/")
        while line.hasSuffix("/") { line.removeLast() }
        guard !line.isEmpty else { return nil }
        let isAnchored = line.contains("/")
        while line.hasPrefix("/") { line.removeFirst() }
        if onlyDirectories || !isAnchored, line == "**" || line.hasSuffix("/**") {
            // Of directories, those below are meant; and alone it is no more than one star.
            line = String(line.dropLast(2)) + (isAnchored ? "**/*" : "*")
        }
        let text = Self.spelledOut(isAnchored ? line : "**/" + line)
        return Rule(
            pattern: PathPattern(components: PatternText(text).components), text: text, takesBack: takesBack,
            onlyDirectories: onlyDirectories)
    }

    /// The pattern with classes such as `[[:digit:]]` as ranges.
    private static func spelledOut(_ pattern: String) -> String {
        guard pattern.contains("[:") else { return pattern }
        return classes.reduce(pattern) { $0.replacing("[:\($1.name):]", with: $1.ranges) }
    }

    /// POSIX's, of ASCII, which is what Git has.
    private static let classes: [(name: String, ranges: String)] = [
        ("alnum", "a-zA-Z0-9"), ("alpha", "a-zA-Z"), ("blank", " \t"), ("cntrl", "\u{1}-\u{1F}\u{7F}"),
        ("digit", "0-9"), ("graph", "!-~"), ("lower", "a-z"), ("print", " -~"),
        ("punct", "\\!-.:-@\\[-`{-~"), ("space", " \t\u{B}-\r"), ("upper", "A-Z"), ("xdigit", "0-9A-Fa-f"),
    ]

    /// The same as patterns of `exclude-paths`, which let a walk pass whole directories by; nil when rules take
    /// something back, and have to be asked about each name: ``FileSelector/ignoreRules``.
    package var excludePatterns: [String]? {
        guard !rules.contains(where: \.takesBack) else { return nil }
        return rules.flatMap { rule in
            rule.onlyDirectories ? [rule.text + "/**"] : [rule.text, rule.text + "/**"]
        }
    }

    /// Whether a path is left out, when none of the directories it lies in is.
    func leavesOut(_ components: [[UInt8]], isDirectory: Bool) -> Bool {
        let last = rules.last { rule in
            (isDirectory || !rule.onlyDirectories) && rule.pattern.matches(components)
        }
        return last.map { !$0.takesBack } ?? false
    }
}

extension PathPattern {
    /// Whether a whole path matches.
    func matches(_ components: [[UInt8]]) -> Bool {
        guard let last = components.last else { return false }
        let positions = components.dropLast().reduce(start) { advance($0, by: $1) }
        return last.withUnsafeBufferPointer { accepts($0, at: positions) }
    }
}

/// Patterns that single paths are compared with, by the rules of `exclude-paths`.
package struct PathMatcher: Sendable {
    private let patterns: [PathPattern]

    /// Reads patterns.
    package init(_ patterns: [String]) {
        self.patterns = patterns.map { PathPattern(components: PatternText($0).components) }
    }

    /// Whether any of them matches the whole of a name.
    package func matches(_ name: EntryName) -> Bool {
        guard !patterns.isEmpty else { return false }
        let components = name.bytes.split(separator: UInt8(ascii: "/")).map(Array.init)
        return patterns.contains { $0.matches(components) }
    }
}
