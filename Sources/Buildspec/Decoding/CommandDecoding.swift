import Diagnostics
import YAMLTree

extension SectionReader<PhaseKey> {
    /// `commands` or `finally`: one entry a command; a single text is one command.
    func commands(_ key: PhaseKey) -> [Marked<String>] {
        guard let pair = pair(key), let node = value(key) else { return [] }
        guard let items = node.sequence else {
            guard node.scalar != nil else {
                report.addWrongKind(
                    node, path: path(key), expected: "a list", mend: "begin each command with a dash")
                return []
            }
            return report.singleText(node, path: path(key), isUsual: false)
        }
        return items.enumerated().compactMap { index, item in
            guard item.scalar != nil else {
                addCommandNotText(item, index: index, key, keyLine: pair.key.useRange.start.line)
                return nil
            }
            guard !item.isNull else {
                report.addNullItem(item)
                return nil
            }
            return report.text(item, path: "\(path(key))[\(index)]")
        }
    }

    /// CodeBuild's own words for a command that is a map, most often because of a colon and a blank in plain text.
    private func addCommandNotText(_ item: YAMLNode, index: Int, _ key: PhaseKey, keyLine: Int) {
        let list = key == .commands ? "Commands" : "Finally"
        let line = item.useRange.start.line
        let mend: String
        if item.sequence != nil {
            mend = "lists inside lists are not flattened: list the commands themselves"
        } else if let written = report.quote(item.range), written.first != "'", written.first != "\"" {
            mend = "quote the command: `- \(singleQuoted(written))`"
        } else {
            mend = "quote the command, or write it below `- |`"
        }
        report.add(
            .commandNotText,
            "Expected \(list)[\(index)] to be of string type: found subkeys instead at line \(line), "
                + "value of the key tag on line \(keyLine) might be empty",
            at: item.useRange, mend: mend)
    }

    private func singleQuoted(_ text: String) -> String {
        "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'"
    }
}
