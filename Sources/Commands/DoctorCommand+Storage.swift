import AWSClient
import BuildEngine
import Glibc
import SystemPackage

extension DoctorCommand {
    /// Looks at where artifacts would go, when `--output` or `--encryption-key` says so.
    /// - Throws: ``CommandFailure`` with status `usage` when options are malformed or contradict each other.
    func storage() async throws -> [Check] {
        let environment = RunnerEnvironment.current
        guard output.output != nil || !output.encryptionKey.isEmpty else { return [] }
        let place = try RunRequest.output(output.output, environment)
        let keys = try RunRequest.Key.read(output.encryptionKey, environment)
        let encryption = try RunRequest.encryption(output.encryption, place, keys.first)
        var checks: [Check] = []
        if case .directory(let directory) = place { checks.append(Self.directory(directory)) }
        for case .local(let file) in keys { checks.append(Self.localKey(file)) }
        let targets = PreflightTarget.all(
            output: place, encryption: encryption, keys: keys, project: "preflight")
        guard !targets.isEmpty else { return checks }
        do {
            let configuration = try AWSConfiguration(
                environment: environment.variables, overrides: AWSRequest(aws).overrides)
            return try await withAWSSession(configuration) { session in
                let findings = try await Preflight(session: session, targets: targets).look(identifying: true)
                return checks + findings.findings.map(\.check)
            }
        } catch let error as AWSError {
            throw CommandFailure(error)
        }
    }

    /// The directory, or the nearest above it that is there, must be writable.
    private static func directory(_ directory: FilePath) -> Check {
        let name = "output \(directory)"
        var place = directory
        while access(place.string, F_OK) != 0, !place.components.isEmpty { place.removeLastComponent() }
        guard access(place.string, W_OK | X_OK) == 0 else {
            return Check(name, "\(place): \(Errno(rawValue: errno).description)", "choose another --output")
        }
        return Check(name, fine: "artifacts can be written")
    }

    private static func localKey(_ file: FilePath) -> Check {
        let name = "key local:\(file)"
        do throws(CommandFailure) {
            _ = try LocalKeys.load(file)
            return Check(name, fine: "it can be used")
        } catch {
            return Check(name, error.message ?? "it cannot be used", error.hint)
        }
    }
}
