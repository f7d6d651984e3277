/// What CodeBuild calls a build project: everything about a build that is not in its buildspec
/// (behaviour reference, section 10).
package struct BuildProject: Sendable, Hashable {
    /// `name`.
    package var name: String
    /// `artifacts`: where the primary artifact goes.
    package var artifacts: ProjectArtifacts
    /// `secondaryArtifacts`; nil accepts whatever identifiers the buildspec names, each with default settings.
    package var secondaryArtifacts: [ProjectArtifacts]?
    /// `environment.environmentVariables` of type PLAINTEXT.
    package var environmentVariables: [ProjectVariable]
    /// `timeoutInMinutes`.
    package var timeoutInMinutes: Int

    /// The settings of a build that has no project definition: a zip of the project's name, no namespace.
    ///
    /// A buildspec's own `artifacts/name` counts, as with `overrideArtifactName`: without a project it is the only
    /// name that anybody gave.
    package init(defaultsNamed name: String) {
        self.name = name
        artifacts = ProjectArtifacts(name: name + ".zip")
        secondaryArtifacts = nil
        environmentVariables = []
        timeoutInMinutes = 60
    }

    /// The settings of a secondary artifact, or nil when the project has no artifact of that identifier.
    package func secondaryArtifact(_ identifier: String) -> ProjectArtifacts? {
        guard let secondaryArtifacts else {
            return ProjectArtifacts(name: identifier + ".zip", identifier: identifier)
        }
        return secondaryArtifacts.first { $0.artifactIdentifier == identifier }
    }
}

/// One plain variable of a project.
package struct ProjectVariable: Sendable, Hashable {
    /// `name`.
    package var name: String
    /// `value`.
    package var value: String

    /// Names a value.
    package init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
