import Diagnostics
import YAMLTree

/// A new value for a place in a template.
struct TemplateEdit {
    let path: [TemplateStep]
    let value: TemplateValue
}

/// Writes values into a template's own text, so that everything else, comments too, stays byte for byte.
///
/// What cannot be said by replacing single values (a value that is shared through an alias or a merge key) makes
/// the whole template be written anew.
struct TemplateRewriter {
    let document: TemplateDocument

    /// The text with new values.
    ///
    /// - Parameters:
    ///   - edits: the new values; they replace texts, or stand where nothing stood.
    ///   - asJSON: whether JSON is wanted whatever the template is written in.
    func text(with edits: [TemplateEdit], asJSON: Bool = false) -> [UInt8] {
        var wanted = TemplateValue(document.root, isJSON: document.isJSON)
        for edit in edits { wanted.set(edit.path[...], to: edit.value) }
        if !asJSON || document.isJSON, let text = inPlace(edits), means(text, wanted) { return text }
        let written = asJSON || document.isJSON ? wanted.json() + "\n" : wanted.yaml
        return Array(written.utf8)
    }

    private func means(_ text: [UInt8], _ wanted: TemplateValue) -> Bool {
        // Where surrogates were replaced, they are the same places in both.
        guard let read = try? TemplateDocument.tree(of: text, isJSON: document.isJSON) else { return false }
        return TemplateValue(read, isJSON: document.isJSON).means(wanted)
    }

    private struct Replacement {
        var start: Int
        var end: Int
        var text: String
    }

    private func inPlace(_ edits: [TemplateEdit]) -> [UInt8]? {
        var replacements: [Replacement] = []
        for edit in edits {
            guard let replacement = replacement(for: edit) else { return nil }
            replacements.append(replacement)
        }
        replacements.sort { $0.start > $1.start }
        for (later, earlier) in zip(replacements, replacements.dropFirst()) where earlier.end > later.start {
            return nil
        }
        var text = document.text
        for replacement in replacements {
            text.replaceSubrange(replacement.start..<replacement.end, with: replacement.text.utf8)
        }
        return text
    }

    private func replacement(for edit: TemplateEdit) -> Replacement? {
        var node = document.root
        var column = 1
        var isFlow = false
        for (index, step) in edit.path.enumerated() {
            guard !node.isAlias, !isAnchored(node) else { return nil }
            isFlow = isFlow || self.isFlow(node)
            switch step {
            case .index(let place):
                guard let items = node.sequence, items.indices.contains(place) else { return nil }
                node = items[place]
            case .key(let key):
                guard let mapping = node.mapping else { return nil }
                guard let pair = mapping.pairs.last(where: { !$0.isMerge && $0.key.scalar?.text == key })
                else {
                    guard mapping[key] == nil else { return nil }
                    return insertion(of: edit, from: index, into: node, isFlow: isFlow)
                }
                column = pair.key.range.start.column
                node = pair.value
            }
        }
        guard !node.isAlias, !isAnchored(node), let scalar = node.scalar else { return nil }
        return replace(node, scalar, with: edit.value, column: column, isFlow: isFlow)
    }

    private func replace(
        _ node: YAMLNode, _ scalar: YAMLScalar, with value: TemplateValue, column: Int, isFlow: Bool
    ) -> Replacement? {
        var (start, end) = (node.range.start.offset, node.range.end.offset)
        guard start <= end, end <= document.text.count else { return nil }
        // A block scalar's range reaches up to what follows it.
        while end > start, isBlank(document.text[end - 1]) { end -= 1 }
        let isBlock = !isFlow && !document.isJSON
        if isBlock, case .map = value {
            while start > 0, document.text[start - 1] == 0x20 { start -= 1 }
            return Replacement(start: start, end: end, text: written(value, column: column, isFlow: false))
        }
        var text = written(value, column: column, isFlow: true)
        if case .text(let plain) = value, !document.isJSON {
            switch scalar.style {
            case .doubleQuoted: text = TemplateValue.jsonString(plain)
            case .singleQuoted where TemplateValue.isPlain(plain): text = "'\(plain)'"
            default: break
            }
        }
        return Replacement(start: start, end: end, text: start == end ? " " + text : text)
    }

    /// A new key at the beginning of a map.
    private func insertion(
        of edit: TemplateEdit, from index: Int, into node: YAMLNode, isFlow: Bool
    ) -> Replacement? {
        var value = edit.value
        for step in edit.path[(index + 1)...].reversed() {
            guard case .key(let key) = step else { return nil }
            value = .map([TemplateValue.Pair(key: key, value: value)])
        }
        guard case .key(let key) = edit.path[index], let mapping = node.mapping else { return nil }
        let name = document.isJSON ? TemplateValue.jsonString(key) : TemplateValue.scalar(key)
        if isFlow {
            guard let open = document.text[node.range.start.offset...].firstIndex(of: UInt8(ascii: "{"))
            else {
                return nil
            }
            let text = name + ": " + written(value, column: 1, isFlow: true)
            return Replacement(
                start: open + 1, end: open + 1, text: mapping.pairs.isEmpty ? text : text + ", ")
        }
        guard let first = mapping.pairs.first?.key.range.start else { return nil }
        var text = name + ":"
        let body = written(value, column: first.column, isFlow: false)
        text += (body.hasPrefix("\n") ? body : " " + body) + "\n"
        text += String(repeating: " ", count: first.column - 1)
        return Replacement(start: first.offset, end: first.offset, text: text)
    }

    /// A value as text: in flow style, or below a key in this column.
    private func written(_ value: TemplateValue, column: Int, isFlow: Bool) -> String {
        switch value {
        case .text(let text):
            return document.isJSON ? TemplateValue.jsonString(text) : TemplateValue.scalar(text)
        case .map(let pairs):
            let names = pairs.map { pair in
                document.isJSON ? TemplateValue.jsonString(pair.key) : TemplateValue.scalar(pair.key)
            }
            guard isFlow || document.isJSON else {
                let margin = "\n" + String(repeating: " ", count: column + 1)
                return zip(names, pairs).map { name, pair in
                    let body = written(pair.value, column: column + 2, isFlow: false)
                    return margin + name + ":" + (body.hasPrefix("\n") ? body : " " + body)
                }.joined()
            }
            let parts = zip(names, pairs).map { $0 + ": " + written($1.value, column: 1, isFlow: true) }
            return "{" + parts.joined(separator: ", ") + "}"
        default: return value.json()
        }
    }

    /// Whether a collection is written with brackets.
    private func isFlow(_ node: YAMLNode) -> Bool {
        guard node.scalar == nil else { return false }
        return [UInt8(ascii: "{"), UInt8(ascii: "[")].contains(byteAfterProperties(of: node))
    }

    /// Whether a value has an anchor, so that aliases may stand for it.
    private func isAnchored(_ node: YAMLNode) -> Bool {
        byteAfterProperties(of: node, skippingAnchors: false) == UInt8(ascii: "&")
    }

    private func byteAfterProperties(of node: YAMLNode, skippingAnchors: Bool = true) -> UInt8? {
        var rest = document.text[min(node.range.start.offset, document.text.count)...]
        while let byte = rest.first {
            let isProperty = byte == UInt8(ascii: "!") || (skippingAnchors && byte == UInt8(ascii: "&"))
            guard isProperty else { return byte }
            rest = rest.drop { !isBlank($0) }.drop { isBlank($0) }
        }
        return nil
    }

    private func isBlank(_ byte: UInt8) -> Bool { [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
}
