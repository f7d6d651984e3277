/// Many commands as one script that tells where each of them is.
///
/// Every command stands in braces of its own, on lines of its own. The last line is a closing brace too
/// many: a shell that complains about that one has read all before it as it was meant; when it complains
/// about something else, or about nothing because a command has swallowed the end, something is wrong with
/// a command.
struct CommandBundle {
    private(set) var script: [UInt8] = []
    /// Which commands they are, in their order.
    let indices: ArraySlice<Int>
    /// Offset in the script where each command's braces begin.
    private(set) var offsets: [Int] = []
    /// 1-based line of the script where each command begins.
    private(set) var lines: [Int] = []
    /// The line of the closing brace too many.
    private(set) var sentinelLine = 1

    init(_ commands: [String], _ indices: ArraySlice<Int>) {
        self.indices = indices
        offsets.reserveCapacity(indices.count)
        lines.reserveCapacity(indices.count)
        var line = 1
        for index in indices {
            offsets.append(script.count)
            lines.append(line + 1)
            script.append(contentsOf: "{ :\n".utf8)
            let start = script.count
            script.append(contentsOf: commands[index].utf8)
            var newlines = 0
            script[start...].withUnsafeBufferPointer { text in
                for byte in text where byte == 0x0A { newlines += 1 }
            }
            script.append(contentsOf: "\n\n}\n".utf8)
            line += newlines + 4
        }
        sentinelLine = line
        script.append(contentsOf: "}\n\n\n".utf8)
    }

    /// The place among `indices` of the command that owns a line of the script.
    func place(ofLine line: Int) -> Int {
        var low = 0
        var high = lines.count
        while low < high {
            let middle = (low + high) / 2
            // The line of `{ :` belongs to the command behind it.
            if lines[middle] - 1 <= line { low = middle + 1 } else { high = middle }
        }
        return max(low - 1, 0)
    }
}
