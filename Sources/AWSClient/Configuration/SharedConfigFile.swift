/// The sections of one shared AWS file (`~/.aws/config` or `~/.aws/credentials`).
///
/// The dialect is that of the AWS CLI: `#` and `;` begin comments, keys are case-insensitive, an indented line below a
/// key without a value is a nested setting (kept as `s3.addressing_style`), and a later value wins.
struct SharedConfigFile: Sendable {
    /// Which of the two files, since they name profiles differently.
    enum Flavour {
        /// `[default]`, `[profile name]`; other sections are kept under their whole title.
        case config
        /// `[name]`
        case credentials
    }

    /// Profile name to its settings.
    private(set) var profiles: [String: [String: String]] = [:]
    /// `[services name]` sections.
    private(set) var services: [String: [String: String]] = [:]
    /// `[sso-session name]` sections.
    private(set) var signIns: [String: [String: String]] = [:]

    private enum Section {
        case profile(String, strong: Bool)
        case services(String)
        case signIn(String)
        case skipped
    }

    /// Reads the text; lines that mean nothing are skipped.
    init(_ text: String, as flavour: Flavour) {
        var weak: [String: [String: String]] = [:]
        var section = Section.skipped
        var parentKey: String?
        for line in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline) {
            let trimmed = line.trimmed(where: { $0.isWhitespace || $0 == "\u{FEFF}" })
            guard let first = trimmed.first, first != "#", first != ";" else { continue }
            if first == "[" {
                section = SharedConfigFile.section(titled: trimmed, flavour)
                parentKey = nil
                continue
            }
            let isNested = line.first?.isWhitespace == true
            guard let (key, value) = SharedConfigFile.setting(trimmed) else { continue }
            if isNested, parentKey == nil { continue }
            let name = isNested ? (parentKey.map { $0 + "." + key } ?? key) : key
            if !isNested { parentKey = value.isEmpty ? key : nil }
            switch section {
            case .profile(let profile, true): profiles[profile, default: [:]][name] = value
            case .profile(let profile, false): weak[profile, default: [:]][name] = value
            case .services(let service): services[service, default: [:]][name] = value
            case .signIn(let session): signIns[session, default: [:]][name] = value
            case .skipped: break
            }
        }
        for (profile, settings) in weak where profiles[profile] == nil { profiles[profile] = settings }
    }

    /// `[profile default]` is stronger than `[default]`: with both, the latter is as good as absent.
    private static func section(titled line: Substring, _ flavour: Flavour) -> Section {
        guard let end = line.firstIndex(of: "]") else { return .skipped }
        let title = line[line.index(after: line.startIndex)..<end].trimmed(where: \.isWhitespace)
        if flavour == .credentials { return .profile(String(title), strong: true) }
        if title == "default" { return .profile("default", strong: false) }
        guard let gap = title.firstIndex(where: \.isWhitespace) else { return .skipped }
        let quotes: (Character) -> Bool = { $0.isWhitespace || $0 == "\"" || $0 == "'" }
        let name = String(title[gap...].trimmed(where: quotes))
        switch title[..<gap] {
        case "profile": return .profile(name, strong: true)
        case "services": return .services(name)
        case "sso-session": return .signIn(name)
        default: return .skipped
        }
    }

    private static func setting(_ line: Substring) -> (String, String)? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        let key = line[..<equals].trimmed(where: \.isWhitespace).lowercased()
        var value = line[line.index(after: equals)...].trimmed(where: \.isWhitespace)
        // A command line may well hold such a sequence; nothing else does.
        if key != "credential_process", let comment = commentStart(value) {
            value = value[..<comment].trimmed(where: \.isWhitespace)
        }
        return key.isEmpty ? nil : (key, String(value))
    }

    private static func commentStart(_ value: Substring) -> Substring.Index? {
        var previousIsBlank = true
        for index in value.indices {
            let character = value[index]
            if previousIsBlank, character == "#" || character == ";" { return index }
            previousIsBlank = character.isWhitespace
        }
        return nil
    }
}

extension Substring {
    func trimmed(where drops: (Character) -> Bool) -> Substring {
        var result = self
        while let first = result.first, drops(first) { result.removeFirst() }
        while let last = result.last, drops(last) { result.removeLast() }
        return result
    }
}
