import Diagnostics
import YAMLTree

/// A new value for a place in a template.
struct TemplateEdit {
    let path: [TemplateStep]
    let value: TemplateValue
}

/// An edit with the innermost map on its way that exists.
struct PlacedEdit {
    let map: YAMLNode
    /// The way on from there; at least one key.
    let rest: ArraySlice<TemplateStep>
    let value: TemplateValue

    /// Finds the place; nil when the way leads through anything but lists and maps.
    init?(_ edit: TemplateEdit, in root: YAMLNode) {
        var node = root
        var map = root
        var rest = edit.path[...]
        for (index, step) in edit.path.enumerated() {
            switch step {
            case .index(let place):
                guard let items = node.sequence, items.indices.contains(place) else { return nil }
                node = items[place]
            case .key(let key):
                guard let mapping = node.mapping else { return nil }
                map = node
                rest = edit.path[index...]
                guard let next = mapping[key], next.mapping != nil || next.sequence != nil else {
                    self.map = map
                    self.rest = rest
                    value = edit.value
                    return
                }
                node = next
            }
        }
        self.map = map
        self.rest = rest
        value = edit.value
    }
}

/// Writes values into a template's own text, so that everything else, comments too, stays byte for byte.
///
/// Anchors, aliases and merge keys are the exception: CloudFormation refuses templates that have them, so what they say is
/// written out, as the AWS CLI does. Where the text would then say something else, the whole template is written anew.
struct TemplateRewriter {
    let document: TemplateDocument

    /// The text with new values.
    ///
    /// - Parameters:
    ///   - edits: the new values; they replace texts, or stand where nothing stood.
    ///   - asJSON: whether JSON is wanted whatever the template is written in.
    /// - Returns: the text.
    func text(with edits: [TemplateEdit], asJSON: Bool = false) -> [UInt8] {
        let placed = edits.compactMap { PlacedEdit($0, in: document.root) }
        let byMap = Dictionary(grouping: placed, by: \.map.range)
        let wanted = TemplateValue(document.root, isJSON: document.isJSON, edits: byMap)
        if !asJSON || document.isJSON, let text = inPlace(placed, byMap), means(text, wanted) { return text }
        let written = asJSON || document.isJSON ? wanted.json() + "\n" : wanted.yaml
        return Array(written.utf8)
    }

    private func means(_ text: [UInt8], _ wanted: TemplateValue) -> Bool {
        // Where surrogates were replaced, they are the same places in both.
        guard let read = try? TemplateDocument.tree(of: text, isJSON: document.isJSON) else { return false }
        return TemplateValue(read, isJSON: document.isJSON).means(wanted)
    }

    /// A text for a place of the template.
    struct Replacement: Hashable {
        var start: Int
        var end: Int
        var text: String
    }

    private func inPlace(_ edits: [PlacedEdit], _ byMap: [SourceRange: [PlacedEdit]]) -> [UInt8]? {
        var replacements: Set<Replacement> = []
        for edit in edits {
            guard let replacement = replacement(for: edit) else { return nil }
            replacements.insert(replacement)
        }
        if document.sharesValues {
            // What an edit replaces needs nothing more.
            let isEdited = { (range: Replacement) in
                replacements.contains { $0.start <= range.start && range.end <= $0.end }
            }
            let expansion = SharedValues(document: document, edits: byMap).expansion(of: document.root)
            replacements.formUnion(expansion.filter { !isEdited($0) })
        }
        let ordered = replacements.sorted { $0.start > $1.start }
        for (later, earlier) in zip(ordered, ordered.dropFirst())
        where earlier.end > later.start || earlier.start == later.start {
            return nil
        }
        var text = document.text
        for replacement in ordered {
            text.replaceSubrange(replacement.start..<replacement.end, with: replacement.text.utf8)
        }
        return text
    }

    private func replacement(for edit: PlacedEdit) -> Replacement? {
        guard case .key(let key) = edit.rest.first, let mapping = edit.map.mapping else { return nil }
        let isFlow = document.isFlow(edit.map)
        guard let pair = mapping.pairs.last(where: { !$0.isMerge && $0.key.scalar?.text == key }) else {
            return insertion(of: edit, key, before: mapping, isFlow: isFlow)
        }
        guard edit.rest.count == 1, let scalar = pair.value.scalar else { return nil }
        return replace(
            pair.value, scalar, with: edit.value, column: pair.key.range.start.column, isFlow: isFlow)
    }

    private func replace(
        _ node: YAMLNode, _ scalar: YAMLScalar, with value: TemplateValue, column: Int, isFlow: Bool
    ) -> Replacement? {
        var (start, end) = (node.useRange.start.offset, node.useRange.end.offset)
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
        of edit: PlacedEdit, _ key: String, before mapping: YAMLMapping, isFlow: Bool
    ) -> Replacement? {
        var value = edit.value
        for step in edit.rest.dropFirst().reversed() {
            guard case .key(let key) = step else { return nil }
            value = .map([TemplateValue.Pair(key: key, value: value)])
        }
        let name = document.isJSON ? TemplateValue.jsonString(key) : TemplateValue.scalar(key)
        if isFlow {
            guard let open = document.text[edit.map.range.start.offset...].firstIndex(of: UInt8(ascii: "{"))
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

    private func isBlank(_ byte: UInt8) -> Bool { TemplateDocument.blanks.contains(byte) }
}
