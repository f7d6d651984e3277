/// A setting that this runner does nothing with, as the API gives it: a build's record repeats it.
package indirect enum ProjectSetting: Sendable, Hashable, Codable {
    case text(String)
    case number(Int)
    case boolean(Bool)
    case list([ProjectSetting])
    case map([String: ProjectSetting])

    /// The names whose values are no text in the API.
    private static let numbers: Set<String> = [
        "vcpu", "memory", "disk", "queuedtimeoutinminutes", "autoretrylimit",
    ]

    /// Takes over a value by the name of its field; nil when there is nothing, or nobody knows what.
    init?(_ value: ProjectValue, named name: String) {
        switch value.content {
        case .text(let text):
            let lower = name.lowercased()
            if Self.numbers.contains(lower), let number = Int(text) {
                self = .number(number)
            } else if lower == "reportbuildstatus" {
                self = .boolean(text.lowercased() == "true")
            } else {
                self = .text(text)
            }
        case .list(let items): self = .list(items.compactMap { ProjectSetting($0, named: name) })
        case .map(let entries):
            var map: [String: ProjectSetting] = [:]
            for entry in entries {
                let name = FieldReader.apiName(entry.name)
                if let value = ProjectSetting(entry.value, named: name) { map[name] = value }
            }
            self = .map(map)
        case .nothing, .unknown: return nil
        }
    }

    /// The number, when it is one.
    package var number: Int? {
        guard case .number(let number) = self else { return nil }
        return number
    }

    /// Reads it from a record.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .boolean(flag)
        } else if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let items = try? container.decode([ProjectSetting].self) {
            self = .list(items)
        } else {
            self = .map(try container.decode([String: ProjectSetting].self))
        }
    }

    /// Writes it into a record as plain JSON.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .boolean(let flag): try container.encode(flag)
        case .list(let items): try container.encode(items)
        case .map(let map): try container.encode(map)
        }
    }
}
