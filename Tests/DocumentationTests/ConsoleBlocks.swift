import FoundationEssentials
import SystemPackage

/// The `console` blocks of a Markdown file: commands that a reader would type, and what they would see.
struct ConsoleCommand: Sendable {
    /// The command line behind `$ `.
    var command: String
    /// The lines below it; a line `...` stands for any number of lines.
    var output: [String]

    /// All commands of a file, in order.
    static func read(_ file: FilePath) throws -> [ConsoleCommand] {
        let text = try String(contentsOf: URL(filePath: file.string), encoding: .utf8)
        var commands: [ConsoleCommand] = []
        var isInside = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                isInside = line == "```console"
            } else if isInside, line.hasPrefix("$ ") {
                commands.append(ConsoleCommand(command: String(line.dropFirst(2)), output: []))
            } else if isInside, !commands.isEmpty {
                commands[commands.count - 1].output.append(line)
            }
        }
        return commands
    }

    /// Whether these lines are what the block promises, but for what differs from run to run.
    func matches(_ actual: [String]) -> Bool {
        Self.matches(output.map(Self.normal)[...], actual.map(Self.normal)[...])
    }

    private static func matches(_ expected: ArraySlice<String>, _ actual: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return actual.isEmpty }
        if first == "..." {
            let rest = expected.dropFirst()
            return (actual.startIndex...actual.endIndex).contains { matches(rest, actual[$0...]) }
        }
        guard let line = actual.first, matches(line: first, line) else { return false }
        return matches(expected.dropFirst(), actual.dropFirst())
    }

    /// Within a line, `...` stands for any text.
    private static func matches(line expected: String, _ actual: String) -> Bool {
        let pieces = expected.split(separator: "...", omittingEmptySubsequences: false)
        guard pieces.count == 2 else { return expected == actual }
        return actual.hasPrefix(pieces[0]) && actual.hasSuffix(pieces[1])
            && actual.count >= pieces[0].count + pieces[1].count
    }

    /// The line with times, and the directory the reader is in, made equal.
    private static func normal(_ line: String) -> String {
        var line = line.replacing(
            #/[0-9]{4}\/[0-9]{2}\/[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}/#, with: "<time>")
        line = line.replacing(#/Ran 3 tests in [0-9.]+s/#, with: "Ran 3 tests in <seconds>s")
        return line.replacing(#/(source: |in )\/.*(buildspec|reader)\//#) { "\($0.output.1)<here>/" }
    }
}
