/// A YAML document as tests make and change it.
indirect enum GeneratedDocument: Sendable {
    /// A scalar as it is written.
    case scalar(String)
    case list([GeneratedDocument])
    case map([(name: String, value: GeneratedDocument)])

    /// The document in flow style, on one line.
    var text: String {
        switch self {
        case .scalar(let literal): literal
        case .list(let items): "[" + items.map(\.text).joined(separator: ", ") + "]"
        case .map(let entries):
            "{" + entries.map { "\"\($0.name)\": \($0.value.text)" }.joined(separator: ", ") + "}"
        }
    }

    /// How many values there are below this one.
    var count: Int {
        switch self {
        case .scalar: 0
        case .list(let items): items.reduce(0) { $0 + 1 + $1.count }
        case .map(let entries): entries.reduce(0) { $0 + 1 + $1.value.count }
        }
    }

    /// One change to a value of a map or a list.
    enum Mutation: Sendable {
        case rename(String)
        case remove
        case replace(GeneratedDocument)
        case add(String, GeneratedDocument)
    }

    /// The document with the value at an index (of `count`, in the order of the text) changed.
    func mutated(at index: Int, _ mutation: Mutation) -> GeneratedDocument {
        var index = index
        return mutated(&index, mutation)
    }

    private func mutated(_ index: inout Int, _ mutation: Mutation) -> GeneratedDocument {
        switch self {
        case .scalar: return self
        case .list(let items):
            var result: [GeneratedDocument] = []
            for item in items {
                guard index == 0 else {
                    index -= 1
                    result.append(item.mutated(&index, mutation))
                    continue
                }
                index -= 1
                if case .replace(let value) = mutation { result.append(value) }
            }
            return .list(result)
        case .map(let entries):
            var result: [(name: String, value: GeneratedDocument)] = []
            for entry in entries {
                guard index == 0 else {
                    index -= 1
                    result.append((entry.name, entry.value.mutated(&index, mutation)))
                    continue
                }
                index -= 1
                switch mutation {
                case .rename(let suffix): result.append((entry.name + suffix, entry.value))
                case .remove: continue
                case .replace(let value): result.append((entry.name, value))
                case .add(let name, let value):
                    let others = entries.contains { $0.name == name } ? [] : [(name: name, value: value)]
                    result += [entry] + others
                }
            }
            return .map(result)
        }
    }
}
