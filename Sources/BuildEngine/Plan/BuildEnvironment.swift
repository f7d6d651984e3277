import BuildProject
import Sandbox

/// The variables that a build's first command finds, with their precedence in one table
/// (behaviour reference, section 5.5).
package struct BuildEnvironment: Sendable, Hashable {
    /// Who gave a variable its value.
    package enum Origin: Int, Sendable, Hashable, Comparable {
        /// What an image would set: `PATH`, `HOME`.
        case image
        /// CodeBuild's own variables.
        case codebuild
        /// `env/variables` of the buildspec.
        case buildspec
        /// `env/parameter-store` or `env/secrets-manager` of the buildspec: wins over `variables`.
        case buildspecSecret
        /// The project.
        case project
        /// The start of the build: `--env`, `--env-file`.
        case start

        /// A later origin wins.
        package static func < (left: Origin, right: Origin) -> Bool {
            left.rawValue < right.rawValue
        }
    }

    /// A variable's value and who gave it.
    package struct Entry: Sendable, Hashable {
        /// The text, never expanded.
        package var value: String
        /// Who gave it.
        package var origin: Origin
    }

    /// By name.
    package private(set) var entries: [String: Entry] = [:]
    /// Names somebody wanted to set and may not, or no shell could hold.
    package private(set) var refused: [String] = []

    /// Makes an empty environment.
    package init() {}

    /// Sets a variable unless a stronger origin has set it already.
    ///
    /// `CODEBUILD_` names belong to CodeBuild: when it provides one, its value stays, and the attempt is noted.
    package mutating func set(_ name: String, _ value: String, from origin: Origin) {
        guard ShellQuoting.isVariableName(name), !value.utf8.contains(0) else {
            refused.append(name)
            return
        }
        if let present = entries[name] {
            if present.origin == .codebuild, origin != .codebuild, name.hasPrefix("CODEBUILD_") {
                refused.append(name)
                return
            }
            if present.origin > origin { return }
        }
        entries[name] = Entry(value: value, origin: origin)
    }

    /// Name and value, sorted by name.
    package var variables: [(name: String, value: String)] {
        entries.map { (name: $0.key, value: $0.value.value) }.sorted { $0.name < $1.name }
    }
}
