import Diagnostics
import YAMLTree

/// What a template says through anchors, aliases and merge keys, written out where it is used.
///
/// CloudFormation refuses a template that has them ("YAML aliases are not allowed"), and the AWS CLI writes them out.
struct SharedValues {
    /// The template.
    let document: TemplateDocument
    /// New values in maps, by the places of the maps.
    let edits: [SourceRange: [PlacedEdit]]
    private var text: [UInt8] { document.text }

    /// The texts that take the place of anchors, aliases and merge keys below a node.
    func expansion(of node: YAMLNode) -> Set<TemplateRewriter.Replacement> {
        guard !node.isAlias else { return [replacement(node.useRange, value(of: node).flow)] }
        var replacements: Set<TemplateRewriter.Replacement> = []
        if let anchor = anchor(of: node) { replacements.insert(anchor) }
        for item in node.sequence ?? [] { replacements.formUnion(expansion(of: item)) }
        guard let mapping = node.mapping else { return replacements }
        for pair in mapping.pairs where !pair.isMerge {
            replacements.formUnion(expansion(of: pair.key))
            replacements.formUnion(expansion(of: pair.value))
        }
        replacements.formUnion(merged(in: mapping, of: node))
        return replacements
    }

    /// All that is merged into a map stands where its first merge key stood.
    private func merged(in mapping: YAMLMapping, of node: YAMLNode) -> [TemplateRewriter.Replacement] {
        let merges = mapping.pairs.filter(\.isMerge)
        guard let first = merges.first else { return [] }
        let ownCount = mapping.pairs.count - merges.count
        let lines = mapping.entries.dropFirst(ownCount).map { entry in
            TemplateValue.flowKey(
                entry.key.scalar?.text ?? "",
                isBare: entry.key.scalar?.style == .plain && entry.key.tag == nil)
                + ": " + value(of: entry.value).flow
        }
        let isFlow = document.isFlow(node)
        let margin = String(repeating: " ", count: max(0, first.key.range.start.column - 1))
        return merges.enumerated().map { index, pair in
            let all = index > 0 ? "" : lines.joined(separator: isFlow ? ", " : "\n" + margin)
            var replacement = replacement(
                SourceRange(start: pair.key.range.start, end: pair.value.useRange.end), all)
            if isFlow, all.isEmpty { replacement.end = end(ofComma: replacement.end) }
            return replacement
        }
    }

    /// Where a comma ends with the blanks around it, if one is next.
    private func end(ofComma offset: Int) -> Int {
        let rest = text[offset...].drop { isBlank($0) }
        guard rest.first == UInt8(ascii: ",") else { return offset }
        return rest.dropFirst().drop { isBlank($0) }.startIndex
    }

    private func value(of node: YAMLNode) -> TemplateValue { TemplateValue(node, edits: edits) }

    private func replacement(_ range: SourceRange, _ text: String) -> TemplateRewriter.Replacement {
        TemplateRewriter.Replacement(start: range.start.offset, end: range.end.offset, text: text)
    }

    /// The anchor of a node with the blank before it, or behind it; a tag may stand on either side.
    private func anchor(of node: YAMLNode) -> TemplateRewriter.Replacement? {
        var start = min(node.range.start.offset, text.count)
        if start < text.count, text[start] == UInt8(ascii: "!") {
            start = text[start...].firstIndex(where: isBlank) ?? text.count
            start = text[start...].firstIndex { !isBlank($0) } ?? text.count
        }
        guard start < text.count, text[start] == UInt8(ascii: "&") else { return nil }
        var end = text[(start + 1)...].firstIndex { !isName($0) } ?? text.count
        if end < text.count, text[end] == 0x20 {
            end += 1
        } else if start > 0, text[start - 1] == 0x20 {
            start -= 1
        }
        return TemplateRewriter.Replacement(start: start, end: end, text: "")
    }

    private func isBlank(_ byte: UInt8) -> Bool { TemplateDocument.blanks.contains(byte) }

    /// What libyaml takes for a part of an anchor's name.
    private func isName(_ byte: UInt8) -> Bool {
        (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
            || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
}
