import Diagnostics

/// Reads the fields of one map of a project, and tells which were not read.
///
/// API names (`imagePullCredentialsType`) and CloudFormation's (`ImagePullCredentialsType`) are the same to it.
struct FieldReader {
    /// What is told about fields; shared by all readers of a project.
    var definition: ProjectDefinition
    /// The path of the map, with a period at its end; empty for the project itself.
    let path: String
    let range: SourceRange
    private var entries: [String: ProjectValue.Entry] = [:]
    private var isRead: Set<String> = []

    init(_ value: ProjectValue, path: String, _ definition: ProjectDefinition) throws(ProjectFailure) {
        self.definition = definition
        self.path = path.isEmpty ? "" : path + "."
        range = value.range
        switch value.content {
        case .map(let map):
            for entry in map {
                let lower = entry.name.lowercased()
                let name = ProjectFields.otherNames[lower] ?? lower
                if entries[name] != nil {
                    self.definition.remarks.append(
                        .init(
                            field: self.path + entry.name, message: "it is written twice; the last counts",
                            range: entry.range))
                }
                entries[name] = entry
            }
        case .unknown(let unknown): self.definition.unknown.append(.init(field: path, value: unknown))
        case .nothing: break
        case .text, .list:
            throw ProjectFailure("\(path): expected a map, found \(value.kindInWords)", at: value.range)
        }
    }

    /// The value of a field; nil when it is not written, or not known, which is noted.
    mutating func value(_ name: String) -> ProjectValue? {
        let key = name.lowercased()
        isRead.insert(key)
        guard let entry = entries[key], !entry.value.isNothing else { return nil }
        definition.lines[path + name] = entry.value.range.start.line
        if case .unknown(let unknown) = entry.value.content {
            definition.unknown.append(.init(field: path + name, value: unknown))
            return nil
        }
        if definition.isTemplate, let text = entry.value.text,
            let reference = DynamicReference.first(in: text),
            key != "value" || !DynamicReference.isWhole(text)
        {
            // Only a deployment could put the value into its place.
            let unknown = UnknownValue(reference, option: nil, at: entry.value.range)
            definition.unknown.append(.init(field: path + name, value: unknown))
            return nil
        }
        return entry.value
    }

    /// Whether a field is written, known or not.
    func has(_ name: String) -> Bool { entries[name.lowercased()] != nil }

    /// A text; numbers and booleans are texts too.
    mutating func text(_ name: String) throws(ProjectFailure) -> String? {
        guard let value = value(name) else { return nil }
        guard let text = value.text else {
            throw ProjectFailure("\(path)\(name): expected text, found \(value.kindInWords)", at: value.range)
        }
        guard !text.utf8.contains(0) else {
            throw ProjectFailure("\(path)\(name): it holds a NUL character", at: value.range)
        }
        return text
    }

    /// A boolean.
    mutating func boolean(_ name: String) throws(ProjectFailure) -> Bool? {
        guard let text = try text(name) else { return nil }
        switch text.lowercased() {
        case "true": return true
        case "false": return false
        default: throw ProjectFailure("\(path)\(name): expected true or false", at: place(name))
        }
    }

    /// A whole number that is not negative.
    mutating func number(_ name: String) throws(ProjectFailure) -> Int? {
        guard let text = try text(name) else { return nil }
        guard let number = Int(text), number >= 0 else {
            throw ProjectFailure("\(path)\(name): expected a whole number", at: place(name))
        }
        return number
    }

    /// One of the values of an enumeration, without regard to case and separators: old templates say `no_artifacts`.
    mutating func choice<Choice: RawRepresentable & CaseIterable>(
        _ name: String, _: Choice.Type = Choice.self
    ) throws(ProjectFailure) -> Choice? where Choice.RawValue == String {
        guard let text = try choice(name, among: Choice.allCases.map(\.rawValue)) else { return nil }
        return Choice(rawValue: text)
    }

    /// One of these texts, without regard to case and separators.
    mutating func choice(_ name: String, among known: [String]) throws(ProjectFailure) -> String? {
        guard let text = try text(name), !text.isEmpty else { return nil }
        let wanted = Self.letters(of: text)
        guard let found = known.first(where: { Self.letters(of: $0) == wanted }) else {
            throw ProjectFailure(
                "\(path)\(name): \(String(text.prefix(60))) is none of its values", at: place(name),
                hint: "its values are " + known.joined(separator: ", "))
        }
        return found
    }

    /// The items of a list, of which there may be so many.
    mutating func list(_ name: String, atMost limit: Int = 1000) throws(ProjectFailure) -> [ProjectValue]? {
        guard let value = value(name) else { return nil }
        guard case .list(let items) = value.content else {
            throw ProjectFailure(
                "\(path)\(name): expected a list, found \(value.kindInWords)", at: value.range)
        }
        guard items.count <= limit else {
            throw ProjectFailure("\(path)\(name): it has more than \(limit) items", at: value.range)
        }
        return items
    }

    /// Lets `body` read the map in a field, if there is one.
    mutating func map<Value>(
        _ name: String, _ body: (inout FieldReader) throws(ProjectFailure) -> Value
    ) throws(ProjectFailure) -> Value? {
        guard let value = value(name) else { return nil }
        return try read(value, path + name, body)
    }

    /// Lets `body` read a map that was found in a list.
    mutating func read<Value>(
        _ value: ProjectValue, _ path: String, _ body: (inout FieldReader) throws(ProjectFailure) -> Value
    ) throws(ProjectFailure) -> Value {
        // Handed over, not shared: what two hold is copied by whoever writes first.
        let shared = definition
        definition = ProjectDefinition(file: shared.file, label: shared.label)
        definition.isTemplate = shared.isTemplate
        var reader = try FieldReader(value, path: path, consume shared)
        let result = try body(&reader)
        reader.tellUnread()
        definition = reader.definition
        return result
    }

    /// Where a field is written.
    func place(_ name: String) -> SourceRange? { entries[name.lowercased()]?.value.range }

    /// Tells what has no effect.
    mutating func remark(_ name: String, _ message: String, isQuiet: Bool = false) {
        definition.remarks.append(
            .init(field: path + name, message: message, range: place(name), isQuiet: isQuiet))
    }

    /// Tells of every field that nobody has read: without effect, or unknown.
    mutating func tellUnread() {
        let unread = entries.filter { !isRead.contains($0.key) && !$0.value.value.isNothing }
        guard unread.count <= 100 else {
            definition.remarks.append(
                .init(field: path + "*", message: "\(unread.count) settings are not known", range: range))
            return
        }
        for (key, entry) in unread.sorted(by: { $0.value.range.start < $1.value.range.start }) {
            let field = path + Self.apiName(entry.name)
            let remark = ProjectFields.remark(path + key)
            if remark != nil { definition.settings[field] = ProjectSetting(entry.value, named: key) }
            definition.remarks.append(
                .init(
                    field: field, message: remark?.text ?? "there is no such setting",
                    range: entry.range, isQuiet: remark?.isQuiet ?? false))
        }
    }

    /// `BuildBatchConfig` is `buildBatchConfig` to the API.
    static func apiName(_ name: String) -> String {
        name.prefix(1).lowercased() + name.dropFirst()
    }

    private static func letters(of text: String) -> String {
        text.uppercased().filter { $0.isLetter || $0.isNumber }
    }
}
