import BuildProject
import Buildspec
import Diagnostics
import Masking

/// `env/parameter-store` and `env/secrets-manager`: fetched in DOWNLOAD_SOURCE, hidden in the log from then on
/// (behaviour reference, sections 1.4 and 4.7).
struct SecretVariables: BuildFeature {
    let moments: Set<BuildMoment> = [.environment]

    func act(at moment: BuildMoment, in scene: BuildScene) async -> Contribution {
        let environment = scene.buildspec.env
        await scene.log.agent("Processing environment variables")
        var contribution = Contribution()
        let wanted: WantedSecrets
        do throws(InvalidSecretReference) {
            wanted = try WantedSecrets(environment, scene.plan)
        } catch {
            contribution.contexts = [.clientError(error.description)]
            return contribution
        }
        guard !wanted.isEmpty else { return contribution }
        guard let resolver = scene.services.secrets else {
            let failure = RunnerFailure(
                "read the secrets of \(wanted.isInProject ? "the project" : "env/parameter-store and env/secrets-manager")",
                "no AWS credentials are configured",
                hint:
                    "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give plain values with --env"
            )
            contribution.runnerFailure = failure
            contribution.contexts = [PhaseContext(statusCode: "CLIENT_ERROR", message: failure.description)]
            return contribution
        }
        do throws(SecretFailure) {
            let values = try await resolve(wanted, with: resolver, scene.log)
            contribution.warnings = await hide(values, in: scene.log)
            contribution.variables = values.map { ($0.name, $0.value.reveal(), $0.origin) }
        } catch {
            contribution.contexts = [error.context]
        }
        return contribution
    }

    private func resolve(
        _ wanted: WantedSecrets, with resolver: any SecretResolver, _ log: BuildLog
    ) async throws(SecretFailure) -> [Resolved] {
        var values: [Resolved] = []
        if !wanted.parameters.isEmpty {
            await log.agent("Decrypting parameter store environment variables")
            let found = try await resolver.parameters(wanted.parameters.map(\.reference))
            for entry in wanted.parameters {
                guard let value = found[entry.reference] else {
                    throw SecretFailure(
                        PhaseContext(statusCode: "CLIENT_ERROR", message: "Parameter does not exist"))
                }
                values.append((entry.name, SecretText(value), entry.origin))
            }
        }
        for entry in wanted.secrets {
            let value = try await resolver.secret(entry.reference)
            values.append((entry.name, SecretText(value), entry.origin))
        }
        return values
    }

    private typealias Resolved = (name: String, value: SecretText, origin: BuildEnvironment.Origin)

    private func hide(_ values: [Resolved], in log: BuildLog) async -> [String] {
        let results = await log.mask(values.map(\.value))
        return zip(values, results).compactMap { value, result in
            switch result {
            case .masked, .empty: return nil
            case .tooShort: return "the secret variable \(value.name) is too short to be hidden in the log"
            case .tooLong: return "the secret variable \(value.name) is too long to be hidden in the log"
            case .maskedAsIs:
                return "the secret variable \(value.name) is too long to be hidden in encoded forms"
            }
        }
    }
}

/// The secrets that a build's variables need, of buildspec and project.
///
/// A variable that the start of the build sets is not asked for: its value would not count.
private struct WantedSecrets {
    struct Entry<Reference> {
        var name: String
        var reference: Reference
        var origin: BuildEnvironment.Origin
    }

    var parameters: [Entry<String>] = []
    var secrets: [Entry<SecretReference>] = []

    /// Whether the project has one of them.
    var isInProject: Bool {
        parameters.contains { $0.origin == .project } || secrets.contains { $0.origin == .project }
    }

    var isEmpty: Bool { parameters.isEmpty && secrets.isEmpty }

    /// Gathers them.
    /// - Throws: `InvalidSecretReference` for a variable of the project that refers to no secret.
    init(_ environment: Environment, _ plan: BuildPlan) throws(InvalidSecretReference) {
        parameters = environment.parameterStore.map {
            Entry(name: $0.name.value, reference: $0.value.value, origin: .buildspecSecret)
        }
        secrets = environment.secretsManager.map {
            Entry(name: $0.name.value, reference: $0.value.value, origin: .buildspecSecret)
        }
        let overridden = Set(plan.overrides.map(\.name))
        for variable in plan.project.environmentVariables where !overridden.contains(variable.name) {
            switch variable.kind {
            case .plaintext: continue
            case .parameterStore:
                parameters.append(Entry(name: variable.name, reference: variable.value, origin: .project))
            case .secretsManager:
                let reference = try SecretReference(parsing: variable.value)
                secrets.append(Entry(name: variable.name, reference: reference, origin: .project))
            }
        }
    }
}
