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
        guard !environment.parameterStore.isEmpty || !environment.secretsManager.isEmpty else {
            return contribution
        }
        guard let resolver = scene.services.secrets else {
            let failure = RunnerFailure(
                "read the secrets of env/parameter-store and env/secrets-manager",
                "no AWS credentials are configured",
                hint:
                    "set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give plain values with --env"
            )
            contribution.runnerFailure = failure
            contribution.contexts = [PhaseContext(statusCode: "CLIENT_ERROR", message: failure.description)]
            return contribution
        }
        do throws(SecretFailure) {
            let values = try await resolve(environment, with: resolver, scene.log)
            contribution.warnings = await hide(values, in: scene.log)
            contribution.variables = values.map { ($0.name, $0.value.reveal(), .buildspecSecret) }
        } catch {
            contribution.contexts = [error.context]
        }
        return contribution
    }

    private func resolve(
        _ environment: Environment, with resolver: any SecretResolver, _ log: BuildLog
    ) async throws(SecretFailure) -> [(name: String, value: SecretText)] {
        var values: [(name: String, value: SecretText)] = []
        if !environment.parameterStore.isEmpty {
            await log.agent("Decrypting parameter store environment variables")
            let names = environment.parameterStore.map(\.value.value)
            let found = try await resolver.parameters(names)
            for entry in environment.parameterStore {
                guard let value = found[entry.value.value] else {
                    throw SecretFailure(
                        PhaseContext(statusCode: "CLIENT_ERROR", message: "Parameter does not exist"))
                }
                values.append((entry.name.value, SecretText(value)))
            }
        }
        for entry in environment.secretsManager {
            values.append((entry.name.value, SecretText(try await resolver.secret(entry.value.value))))
        }
        return values
    }

    private func hide(_ values: [(name: String, value: SecretText)], in log: BuildLog) async -> [String] {
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
