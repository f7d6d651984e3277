package import Diagnostics

/// What is known about the definition a project was read from, besides its settings.
package struct ProjectDefinition: Sendable, Hashable {
    /// A setting that is not known, because its template refers to something outside of it.
    package struct Unknown: Sendable, Hashable {
        /// The setting by its API names: `environment.environmentVariables.BUCKET`.
        package var field: String
        /// What is not known about it.
        package var value: UnknownValue
    }

    /// A setting that has no effect here, or another than in the cloud.
    package struct Remark: Sendable, Hashable {
        /// The setting by its API names.
        package var field: String
        /// What becomes of it.
        package var message: String
        /// Where it is written.
        package var range: SourceRange?
        /// Whether nobody could expect an effect on the build: `tags`.
        package var isQuiet = false
    }

    /// The file.
    package var file: String
    /// The project's name in the file: a logical id, or its name.
    package var label: String
    /// Whether the file is a template, whose dynamic references a deployment would resolve.
    package var isTemplate = false
    /// The lines of settings, by field.
    package var lines: [String: Int] = [:]
    /// Settings that are not known.
    package var unknown: [Unknown] = []
    /// Settings without effect.
    package var remarks: [Remark] = []
    /// The settings that a build was started with instead of the file's own, by field.
    package var overridden: [String] = []
    /// The file that says so.
    package var overridesFile: String?
    /// Settings without effect that a build's record repeats, by field.
    package var settings: [String: ProjectSetting] = [:]
    /// Pseudo parameters nobody gave, and what was taken for them.
    package var assumptions: [String: String] = [:]

    /// Begins the description of a file.
    package init(file: String, label: String) {
        self.file = file
        self.label = label
    }

    /// The file that a setting is written in.
    package func file(of field: String) -> String {
        let isOverridden = overridden.contains { field == $0 || field.hasPrefix($0 + ".") }
        return isOverridden ? overridesFile ?? file : file
    }

    /// Settings that are not known, below a field: `source` finds `source.location`.
    package func unknown(below field: String) -> [Unknown] {
        unknown.filter { $0.field == field || $0.field.hasPrefix(field + ".") }
    }
}
