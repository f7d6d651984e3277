/// All commands of a buildspec as one script for shellcheck.
///
/// Each stands in an `if` of its own: variables carry over to the commands behind it, as CodeBuild carries
/// them, but an `exit` does not make those unreachable.
struct ShellcheckScript {
    private(set) var text: [UInt8] = []
    /// 1-based line of the script where each command begins, in their order.
    private var firstLines: [Int] = []
    private var lastLines: [Int] = []
    private var indices: [Int] = []

    init(_ commands: [String], _ chosen: [Int], _ dialect: ShellcheckDialect) {
        text.append(contentsOf: "# shellcheck shell=\(dialect.rawValue)\n".utf8)
        var line = 2
        for index in chosen {
            text.append(contentsOf: "if test -e /; then :\n".utf8)
            let start = text.count
            text.append(contentsOf: commands[index].utf8)
            let newlines = text[start...].reduce(0) { $1 == 0x0A ? $0 + 1 : $0 }
            text.append(contentsOf: "\n\nfi\n".utf8)
            firstLines.append(line + 1)
            lastLines.append(line + 1 + newlines)
            indices.append(index)
            line += newlines + 4
        }
    }

    /// The command that owns a line of the script, and the line in which it begins; nil for our own lines.
    func command(atLine line: Int) -> (index: Int, firstLine: Int)? {
        guard let place = place(atLine: line), line >= firstLines[place], line <= lastLines[place] else {
            return nil
        }
        return (indices[place], firstLines[place])
    }

    /// The command whose `if` a line of the script belongs to.
    func nearestCommand(toLine line: Int) -> Int? {
        place(atLine: line).map { indices[$0] }
    }

    private func place(atLine line: Int) -> Int? {
        var low = 0
        var high = firstLines.count
        while low < high {
            let middle = (low + high) / 2
            if firstLines[middle] - 1 <= line { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? low - 1 : nil
    }
}

/// The language that shellcheck takes commands for.
package enum ShellcheckDialect: String, Sendable {
    /// Strictly POSIX.
    case sh
    /// The default shell of Debian and Ubuntu.
    case dash
    case bash
}
