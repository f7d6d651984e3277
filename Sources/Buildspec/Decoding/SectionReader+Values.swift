import Diagnostics
import YAMLTree

extension SectionReader {
    /// A text; nil when not given, null, or empty, which CodeBuild cannot tell from not given.
    func text(_ key: Key) -> Marked<String>? {
        guard let text = value(key).flatMap({ report.text($0, path: path(key)) }) else { return nil }
        return text.value.isEmpty ? nil : text
    }

    /// A boolean in any of its spellings; nil when not given or null.
    func boolean(_ key: Key) -> Marked<Bool>? {
        guard let text = text(key) else { return nil }
        switch text.value.lowercased() {
        case "yes", "true", "on": return Marked(true, at: text.range)
        case "no", "false", "off": return Marked(false, at: text.range)
        default:
            report.add(
                .invalidBoolean,
                "Expected \(path(key)) to be yes or no: found \(text.value) at line \(text.range.start.line)",
                at: text.range, mend: "write `yes` or `no`")
            return nil
        }
    }

    /// A list of texts, a single text being a list of one; empty when not given or null.
    ///
    /// A single text gets a warning unless it is usual there: CodeBuild's documentation knows lists only.
    func texts(_ key: Key, singleIsUsual: Bool = false) -> [Marked<String>] {
        value(key).map { report.texts($0, path: path(key), singleIsUsual: singleIsUsual) } ?? []
    }

    /// A map of names to texts in document order, null values being empty; empty when not given or null.
    func namedTexts(_ key: Key) -> [NamedValue<String>] {
        namedNodes(key).compactMap { name, node in
            report.text(node, path: path(key) + "/" + name.value).map { NamedValue(name: name, value: $0) }
        }
    }

    /// A map of names to anything in document order; empty when not given or null.
    func namedNodes(_ key: Key) -> [(name: Marked<String>, node: YAMLNode)] {
        guard let node = value(key) else { return [] }
        guard let mapping = node.mapping else {
            report.addWrongKind(
                node, path: path(key), expected: "a map", mend: mapMend(for: node))
            return []
        }
        return report.pairsByName(of: mapping, path: path(key)).map { name, pair in
            (Marked(name, at: pair.key.useRange), pair.value)
        }
    }

    /// One of the raw values of an enumeration; nil when not given or null.
    func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: Key, of _: Choice.Type, ignoringCase: Bool
    ) -> Marked<Choice>? {
        guard let text = text(key) else { return nil }
        let value = Choice.allCases.first { choice in
            ignoringCase
                ? choice.rawValue.lowercased() == text.value.lowercased() : choice.rawValue == text.value
        }
        if let value { return Marked(value, at: text.range) }
        let allowed = Choice.allCases.map(\.rawValue)
        report.add(
            .valueNotAllowed,
            "Expected \(path(key)) to be one of \(allowed.joined(separator: ", ")): found \(text.value) at line "
                + "\(text.range.start.line)",
            at: text.range,
            mend: KeySuggestion.nearest(to: text.value, among: allowed).map { "did you mean `\($0)`?" })
        return nil
    }

    /// A whole number; nil when not given or null.
    func integer(_ key: Key, in range: ClosedRange<Int>) -> Marked<Int>? {
        guard let text = text(key) else { return nil }
        if let number = Int(text.value), range.contains(number) { return Marked(number, at: text.range) }
        report.add(
            .numberOutOfRange,
            "Expected \(path(key)) to be a whole number from \(range.lowerBound) to \(range.upperBound): "
                + "found \(text.value) at line \(text.range.start.line)",
            at: text.range)
        return nil
    }

    /// The reader of a section inside this one; nil when not given, null, or no map.
    func section<Inner: SectionKey>(_ key: Key, _: Inner.Type) -> SectionReader<Inner>? {
        value(key).flatMap { report.section($0, path: path(key)) }
    }

    /// What to do about a list of `K=V` or `K: V` where a map belongs.
    private func mapMend(for node: YAMLNode) -> String? {
        guard let first = node.sequence?.first else { return nil }
        if let text = first.scalar?.text, let equals = text.firstIndex(of: "="), !text.contains("\n") {
            return "write `\(text[..<equals]): \(text[text.index(after: equals)...])` without the dash"
        }
        return first.mapping == nil ? nil : "remove the dashes"
    }
}

extension DecodingReport {
    /// The literal text of a scalar, null being empty; nil, and a complaint, for anything else.
    func text(_ node: YAMLNode, path: String) -> Marked<String>? {
        guard let scalar = node.scalar else {
            let mend = node.sequence.map {
                $0.count == 1 ? "remove the brackets or the dash" : "one text is wanted"
            }
            addWrongKind(node, path: path, expected: "text", mend: mend ?? "quote the text")
            return nil
        }
        if let tag = node.tag, !tag.hasPrefix("tag:yaml.org,2002:") { addTag(tag, node) }
        if node.isNull { return Marked("", at: node.useRange) }
        guard !scalar.text.utf8.contains(0) else {
            add(
                .nulCharacter, "\(path) holds a NUL character at line \(node.useRange.start.line)",
                at: node.useRange, mend: "remove `\\0`")
            return nil
        }
        return Marked(scalar.text, at: node.useRange)
    }

    /// The texts of a list, or of a single text.
    ///
    /// Items without a value are skipped with a warning.
    func texts(_ node: YAMLNode, path: String, singleIsUsual: Bool = false) -> [Marked<String>] {
        guard let items = node.sequence else {
            guard node.scalar != nil else {
                addWrongKind(node, path: path, expected: "a list", mend: "begin each item with a dash")
                return []
            }
            return singleText(node, path: path, isUsual: singleIsUsual)
        }
        return items.enumerated().compactMap { index, item in
            guard !item.isNull else {
                addNullItem(item)
                return nil
            }
            return text(item, path: "\(path)[\(index)]")
        }
    }

    /// A single text where a list could be: a list of one, or of none when it is empty.
    func singleText(_ node: YAMLNode, path: String, isUsual: Bool) -> [Marked<String>] {
        guard let text = text(node, path: path), !text.value.isEmpty else { return [] }
        if !isUsual {
            add(
                .textForList, "\(path) takes a list; a single text is taken for a list of one",
                at: text.range,
                mend: "put it below the key, behind a dash")
        }
        return [text]
    }

    /// Warns about a `!` that YAML takes for the beginning of a tag, which nobody looks at.
    private func addTag(_ tag: String, _ node: YAMLNode) {
        let name = tag.split(separator: " ").first.map(String.init) ?? tag
        let written = quote(node.range).map {
            " `'" + $0.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''") + "'`"
        }
        add(
            .ignoredTag,
            "YAML takes `\(name)` for a tag: what is left is `\(node.scalar?.text.prefix(80) ?? "")`",
            at: node.useRange, mend: "quote the text:\(written ?? " put it in single quotes")")
    }

    /// Warns about a dash without anything behind it.
    func addNullItem(_ item: YAMLNode) {
        add(
            .nullListItem, "this list item is empty and is skipped", at: item.useRange,
            mend: "put the comment sign before the dash, or remove the dash")
    }

    /// The reader of a section; nil for null and, with a complaint, for anything that is no map.
    func section<Key: SectionKey>(_ node: YAMLNode, path: String) -> SectionReader<Key>? {
        guard !node.isNull else { return nil }
        guard let mapping = node.mapping else {
            addWrongKind(node, path: path, expected: "a map")
            return nil
        }
        return SectionReader(mapping, at: node.useRange, path: path, report: self)
    }
}
