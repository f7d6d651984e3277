/// Keys of the file (behaviour reference, section 1.3).
package enum TopLevelKey: String, SectionKey {
    case version
    case runAs = "run-as"
    case env
    case environmentVariables = "environment_variables"
    case proxy
    case batch
    case phases
    case reports
    case artifacts
    case cache

    package static let section = ""

    package static let rules: [SectionRule<Self>] = [.needs(.version), .mentions(.phases, unless: .batch)]

    package var definition: KeyDefinition {
        let definition = bareDefinition
        switch self {
        case .version, .runAs, .environmentVariables: return definition
        case .batch: return definition.with(\.documentation, Self.page("batch-build-buildspec"))
        default: return definition.with(\.documentation, Self.page("build-spec-ref", at: rawValue))
        }
    }

    private static func page(_ name: String, at key: String? = nil) -> String {
        "https://docs.aws.amazon.com/codebuild/latest/userguide/\(name).html"
            + (key.map { "#build-spec.\($0)" } ?? "")
    }

    private var bareDefinition: KeyDefinition {
        switch self {
        case .version:
            KeyDefinition(
                .choice(Buildspec.Version.allCases.map(\.rawValue), ignoringCase: false),
                "The version of the buildspec language; 0.2 is the current one.", isRequired: true)
        case .runAs:
            KeyDefinition(
                .text, "The Linux user that runs the commands of all phases.", defaultValue: "root")
        case .env: KeyDefinition(.section(EnvironmentKey.self), "Environment variables and the shell.")
        case .environmentVariables:
            KeyDefinition(
                .section(EnvironmentVariablesKey.self), "Environment variables, as version 0.1 named them.",
                onlyIn: .v0_1, replacement: "env")
        case .proxy: KeyDefinition(.section(ProxyKey.self), "Use of an explicit proxy server.")
        case .batch: KeyDefinition(.section(BatchKey.self), "The builds of a batch build.")
        case .phases:
            KeyDefinition(
                .section(Phase.Name.self), "The commands of each phase.", isRequired: true)
        case .reports:
            KeyDefinition(.namedSections(ReportKey.self), "Report groups by name or ARN.")
                .with(\.limit, Report.groupLimit)
        case .artifacts: KeyDefinition(.section(ArtifactsKey.self), "What the build puts out.")
        case .cache: KeyDefinition(.section(CacheKey.self), "What is kept between builds.")
        }
    }
}

/// Keys of `env` (behaviour reference, section 1.4).
package enum EnvironmentKey: String, SectionKey {
    case shell
    case variables
    case parameterStore = "parameter-store"
    case secretsManager = "secrets-manager"
    case exportedVariables = "exported-variables"
    case gitCredentialHelper = "git-credential-helper"

    package static let section = "env"

    package var definition: KeyDefinition {
        switch self {
        case .shell:
            KeyDefinition(.text, "The shell that runs commands: sh or bash on Linux.")
                .with(\.examples, ["bash", "/bin/sh", "powershell.exe", "cmd.exe"])
        case .variables:
            KeyDefinition(.namedTexts, "Variables in plain text, never expanded.")
                .with(\.entryNames, ValuePattern.variableName)
        case .parameterStore:
            KeyDefinition(.namedTexts, "Variables whose values are Systems Manager parameters.")
                .with(\.entryNames, ValuePattern.variableName)
                .with(\.entryValues, ValuePattern.parameterName)
        case .secretsManager:
            KeyDefinition(
                .namedTexts,
                "Variables whose values are secrets: secret-id:json-key:version-stage:version-id."
            )
            .with(\.entryNames, ValuePattern.variableName)
            .with(\.entryValues, ValuePattern.secretReference)
        case .exportedVariables: KeyDefinition(.texts, "Names of variables that the build publishes.")
        case .gitCredentialHelper: KeyDefinition(.boolean, "Whether git uses the credentials of the source.")
        }
    }
}

/// Keys of `environment_variables`, which version 0.2 renamed to `env` (behaviour reference, section 1.11).
package enum EnvironmentVariablesKey: String, SectionKey {
    case plaintext

    package static let section = "environment_variables"

    package var definition: KeyDefinition {
        KeyDefinition(.namedTexts, "Variables in plain text, never expanded.")
            .with(\.entryNames, ValuePattern.variableName)
    }
}

/// Keys of `proxy` (behaviour reference, section 1.5).
package enum ProxyKey: String, SectionKey {
    case uploadArtifacts = "upload-artifacts"
    case logs

    package static let section = "proxy"

    package var definition: KeyDefinition {
        switch self {
        case .uploadArtifacts: KeyDefinition(.boolean, "Whether artifacts are uploaded through the proxy.")
        case .logs: KeyDefinition(.boolean, "Whether logs are sent through the proxy.")
        }
    }
}
