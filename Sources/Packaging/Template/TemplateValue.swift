import Diagnostics
import YAMLTree

/// One step from a value to a value inside it.
enum TemplateStep: Sendable, Hashable {
    case key(String)
    case index(Int)
}

/// What a template says, apart from how it is written: aliases and merge keys are applied, of equal keys the last
/// one counts.
indirect enum TemplateValue: Sendable, Hashable {
    /// One key with its value.
    struct Pair: Sendable, Hashable {
        var key: String
        var value: TemplateValue
        /// Whether the key is written without quotes, and so may be a number.
        var isBareKey = false
    }

    case text(String)
    /// A scalar that is no text, as it is written without quotes.
    case plain(String, PlainScalar)
    case list([TemplateValue])
    case map([Pair])
    /// A value with a tag, such as `!Sub`, or one of YAML's own, `!!binary`.
    case tagged(String, TemplateValue)

    /// Takes over a node.
    ///
    /// - Parameters:
    ///   - node: the node.
    ///   - isJSON: whether it stands in JSON, where `1e5` is a number.
    ///   - edits: new values in maps, by the places of the maps; a map that aliases stand for is one.
    init(_ node: YAMLNode, isJSON: Bool = false, edits: [SourceRange: [PlacedEdit]] = [:]) {
        let value: TemplateValue
        switch node.content {
        case .scalar(let scalar): value = Self.scalar(scalar, tag: node.tag, isJSON: isJSON)
        case .sequence(let items):
            value = .list(items.map { TemplateValue($0, isJSON: isJSON, edits: edits) })
        case .mapping(let mapping):
            var pairs: [Pair] = []
            var places: [String: Int] = [:]
            for entry in mapping.entries {
                let key = entry.key.scalar?.text ?? ""
                let pair = Pair(
                    key: key, value: TemplateValue(entry.value, isJSON: isJSON, edits: edits),
                    isBareKey: entry.key.scalar?.style == .plain && entry.key.tag == nil && !key.isEmpty)
                if let place = places[key] {
                    pairs[place] = pair
                } else {
                    places[key] = pairs.count
                    pairs.append(pair)
                }
            }
            var map = TemplateValue.map(pairs)
            for edit in edits[node.range] ?? [] { map.set(edit.rest, to: edit.value) }
            value = map
        }
        guard let tag = node.tag, tag != "!" else {
            self = value
            return
        }
        guard let own = Self.ownTag(tag) else {
            self = .tagged(tag, value)
            return
        }
        self = Self.plainTags.contains(own) ? value : .tagged("!!" + own, value)
    }

    /// Tags that say nothing which the value does not say.
    private static let plainTags: Set = ["str", "int", "float", "bool", "null", "map", "seq"]

    /// `int` for `!!int`, a tag of YAML itself; nil for any other.
    private static func ownTag(_ tag: String) -> String? {
        let prefix = "tag:yaml.org,2002:"
        return tag.hasPrefix(prefix) ? String(tag.dropFirst(prefix.count)) : nil
    }

    private static func scalar(_ scalar: YAMLScalar, tag: String?, isJSON: Bool) -> TemplateValue {
        if let tag, tag != "!" {
            // What stands behind the tag of a function is text, whatever it looks like.
            guard let own = ownTag(tag), let meaning = PlainScalar(scalar.text, tagged: own) else {
                return .text(scalar.text)
            }
            return .plain(meaning.yaml ?? scalar.text, meaning)
        }
        guard scalar.style == .plain || tag == "!" else { return .text(scalar.text) }
        if isJSON, Int(scalar.text) == nil, Double(scalar.text) != nil {
            return .plain(scalar.text, .number(scalar.text))
        }
        let meaning = PlainScalar(scalar.text)
        return meaning == .text ? .text(scalar.text) : .plain(scalar.text, meaning)
    }

    /// Puts a value in a place; maps on the way there, and the key itself, are made where they are missing.
    mutating func set(_ path: ArraySlice<TemplateStep>, to value: TemplateValue) {
        guard let step = path.first else {
            self = value
            return
        }
        let rest = path.dropFirst()
        switch (self, step) {
        case (.tagged(let tag, var inner), _):
            inner.set(path, to: value)
            self = .tagged(tag, inner)
        case (.list(var items), .index(let index)) where items.indices.contains(index):
            items[index].set(rest, to: value)
            self = .list(items)
        case (.map(var pairs), .key(let key)):
            if let place = pairs.firstIndex(where: { $0.key == key }) {
                pairs[place].value.set(rest, to: value)
            } else {
                var made = TemplateValue.map([])
                made.set(rest, to: value)
                pairs.append(Pair(key: key, value: made))
            }
            self = .map(pairs)
        case (_, .key(let key)):
            var made = TemplateValue.map([])
            made.set(rest, to: value)
            self = .map([Pair(key: key, value: made)])
        default: break
        }
    }
}

extension TemplateValue {
    /// Equal, with keys in any order.
    func means(_ other: TemplateValue) -> Bool {
        switch (self, other) {
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy { $0.means($1) }
        case (.tagged(let left, let inner), .tagged(let right, let otherInner)):
            return left == right && inner.means(otherInner)
        case (.map(let left), .map(let right)):
            guard left.count == right.count else { return false }
            let byKey = Dictionary(right.map { ($0.key, $0.value) }) { $1 }
            return left.allSatisfy { pair in byKey[pair.key].map { pair.value.means($0) } ?? false }
        case (.plain(_, .null), .plain(_, .null)): return true
        default: return self == other
        }
    }
}
