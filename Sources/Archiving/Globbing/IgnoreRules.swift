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

    /// Reads rules.
    package init(_ text: String) {
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
        let text = isAnchored ? line : "**/" + line
        return Rule(
            pattern: PathPattern(components: PatternText(text).components), text: text, takesBack: takesBack,
            onlyDirectories: onlyDirectories)
    }

    /// The same as patterns of `exclude-paths`, which let a walk pass whole directories by; nil when rules take
    /// something back, and have to be asked for each file.
    package var excludePatterns: [String]? {
        guard !rules.contains(where: \.takesBack) else { return nil }
        return rules.flatMap { rule in
            rule.onlyDirectories ? [rule.text + "/**"] : [rule.text, rule.text + "/**"]
        }
    }

    /// Only those files that no rule leaves out.
    package func kept(of files: [SelectedFile]) -> [SelectedFile] {
        var known: [ArraySlice<UInt8>: Bool] = [:]
        return files.filter { !ignores($0.name.bytes[...], isDirectory: false, &known) }
    }

    private func ignores(
        _ path: ArraySlice<UInt8>, isDirectory: Bool, _ known: inout [ArraySlice<UInt8>: Bool]
    ) -> Bool {
        if isDirectory, let answer = known[path] { return answer }
        var answer = false
        if let slash = path.lastIndex(of: UInt8(ascii: "/")) {
            answer = ignores(path[..<slash], isDirectory: true, &known)
        }
        answer = answer || decision(path, isDirectory: isDirectory)
        if isDirectory { known[path] = answer }
        return answer
    }

    private func decision(_ path: ArraySlice<UInt8>, isDirectory: Bool) -> Bool {
        let components = path.split(separator: UInt8(ascii: "/")).map(Array.init)
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
