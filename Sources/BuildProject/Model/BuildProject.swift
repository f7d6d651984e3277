/// What CodeBuild calls a build project: everything about a build that is not in its buildspec
/// (behaviour reference, section 10).
package struct BuildProject: Sendable, Hashable {
    /// `name`.
    package var name: String
    /// `description`.
    package var description: String?
    /// `source`; nil without a project definition.
    package var source: ProjectSource?
    /// `secondarySources`, each with its `sourceIdentifier`.
    package var secondarySources: [ProjectSource] = []
    /// `artifacts`: where the primary artifact goes.
    package var artifacts: ProjectArtifacts
    /// `secondaryArtifacts`; nil accepts whatever identifiers the buildspec names, each with default settings.
    package var secondaryArtifacts: [ProjectArtifacts]?
    /// `environment`; nil without a project definition.
    package var environment: ProjectEnvironment?
    /// `environment.environmentVariables`.
    package var environmentVariables: [ProjectVariable]
    /// `cache`; nil without a project definition, when caches are kept on this machine.
    package var cache: ProjectCache?
    /// `logsConfig`; nil when the project says nothing about logs.
    package var logsConfig: ProjectLogsConfig?
    /// `serviceRole`: an ARN.
    package var serviceRole: String?
    /// `timeoutInMinutes`.
    package var timeoutInMinutes: Int
    /// `encryptionKey`: an ARN or `alias/<name>`.
    package var encryptionKey: String?
    /// The account that the definition tells: of its ARN, or given for `AWS::AccountId`.
    package var account: String?
    /// Values of parameters that the template marks with `NoEcho`: hidden in logs as secrets are.
    package var hiddenValues: [String] = []
    /// Where settings come from, and what is not known or not done about them.
    package var definition: ProjectDefinition?

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

/// One variable of a project.
package struct ProjectVariable: Sendable, Hashable {
    /// `type`.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        /// The value itself.
        case plaintext = "PLAINTEXT"
        /// The name of a parameter of Parameter Store.
        case parameterStore = "PARAMETER_STORE"
        /// A reference to a secret, as `env/secrets-manager` has it.
        case secretsManager = "SECRETS_MANAGER"
    }

    /// `name`.
    package var name: String
    /// `value`: the value, or where it is kept.
    package var value: String
    /// `type`.
    package var kind: Kind

    /// Names a value.
    package init(name: String, value: String, kind: Kind = .plaintext) {
        self.name = name
        self.value = value
        self.kind = kind
    }
}
