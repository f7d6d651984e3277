import SystemPackage

extension RunRequest.Key {
    /// Reads the values of `--encryption-key`.
    /// - Throws: ``CommandFailure`` with status `usage` for an empty key, and for one that is given twice.
    static func read(
        _ arguments: [String], _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> [RunRequest.Key] {
        var keys: [RunRequest.Key] = []
        for argument in arguments {
            let key = try read(argument, environment)
            guard !keys.contains(key) else { throw .usage("--encryption-key \(argument): it is given twice") }
            keys.append(key)
        }
        return keys
    }

    /// Whether AWS has to be asked.
    var isKMS: Bool {
        if case .kms = self { return true }
        return false
    }

    private static func read(
        _ argument: String, _ environment: RunnerEnvironment
    ) throws(CommandFailure) -> RunRequest.Key {
        guard argument.hasPrefix("local:") else {
            guard !argument.isEmpty else {
                throw .usage("--encryption-key: expected a KMS key or local:FILE")
            }
            _ = try NamedKMSKey(argument)
            return .kms(argument)
        }
        let path = String(argument.dropFirst(6))
        guard !path.isEmpty else { throw .usage("--encryption-key \(argument): expected local:FILE") }
        return .local(environment.absolute(path))
    }
}

/// Reads the values of `--encryption-context`.
enum EncryptionContextArguments {
    /// - Throws: ``CommandFailure`` with status `usage` for anything but NAME=VALUE, and for a name given twice.
    static func read(_ arguments: [String]) throws(CommandFailure) -> [String: String] {
        var pairs: [String: String] = [:]
        for argument in arguments {
            let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw .usage("--encryption-context \(argument): expected NAME=VALUE")
            }
            guard pairs.updateValue(String(parts[1]), forKey: String(parts[0])) == nil else {
                throw .usage("--encryption-context \(argument): the name \(parts[0]) is given twice")
            }
        }
        return pairs
    }
}
