package import SystemPackage

/// Everything decided before a request is made: profile, region, endpoints, limits.
///
/// Read once, from values handed in.
///
/// Precedence is the AWS CLI's: flags, then `AWS_*` variables, then the profile in the shared files.
package struct AWSConfiguration: Sendable {
    /// What the command line says; each wins over variables and files.
    package struct Overrides: Sendable, Hashable {
        /// The region, `--region`.
        package var region: String?
        /// `--profile`; with it, keys in environment variables are not looked at (as in the AWS CLI).
        package var profile: String?
        /// `--endpoint-url`, used for every service.
        package var endpointURL: String?
        /// `--role-arn`, assumed with whatever credentials the chain finds.
        package var roleARN: String?
        /// `--external-id`, sent when `roleARN` is assumed.
        package var externalID: String?
        /// What the session of an assumed role is called; nil leaves it to the environment.
        package var sessionName: String?

        /// No overrides, but for those given.
        package init(
            region: String? = nil, profile: String? = nil, endpointURL: String? = nil, roleARN: String? = nil,
            externalID: String? = nil
        ) {
            self.region = region
            self.profile = profile
            self.endpointURL = endpointURL
            self.roleARN = roleARN
            self.externalID = externalID
        }
    }

    /// The profile's name, `default` when nothing names one.
    package let profileName: String
    /// The region, nil when nothing says one.
    package let region: String?
    /// The role to assume on top of the chain.
    package let roleARN: String?
    /// How often one request is tried in all, at least 1: `AWS_MAX_ATTEMPTS`, `max_attempts`, else what a named
    /// `AWS_RETRY_MODE` or `retry_mode` has in the AWS CLI, else 10.
    ///
    /// The pauses and the budget are always those of the mode `standard`. Ten, because what is sent is what a long build
    /// has made.
    package let maximumAttempts: Int
    /// The certificate authorities to trust instead of the system's, a PEM file: `AWS_CA_BUNDLE`, `ca_bundle`.
    package let certificateBundle: FilePath?

    let environment: [String: String]
    let shared: SharedConfiguration
    let profile: [String: String]
    let overrides: Overrides

    /// Reads the configuration.
    ///
    /// - Parameters:
    ///   - environment: the process's environment; `HOME` locates the shared files.
    ///   - overrides: the flags.
    /// - Throws: `AWSError` (`configuration`) when a named profile does not exist or a value makes no sense, and
    ///   (`file`) when a shared file exists but can not be read.
    package init(environment: [String: String], overrides: Overrides = Overrides()) throws(AWSError) {
        func variable(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        shared = try SharedConfiguration(environment: environment)
        let named = overrides.profile ?? variable("AWS_PROFILE") ?? variable("AWS_DEFAULT_PROFILE")
        profileName = named ?? "default"
        guard let profile = shared.profile(profileName) ?? (named == nil || named == "default" ? [:] : nil)
        else {
            throw AWSError(
                .configuration, "AWS profile \(profileName)", "it is in neither shared file",
                hint: "the files are \(shared.configPath?.string ?? "~/.aws/config") and "
                    + "\(shared.credentialsPath?.string ?? "~/.aws/credentials")")
        }
        self.profile = profile
        self.environment = environment
        self.overrides = overrides
        roleARN = overrides.roleARN
        region =
            overrides.region ?? variable("AWS_REGION") ?? variable("AWS_DEFAULT_REGION") ?? profile["region"]
        certificateBundle = (variable("AWS_CA_BUNDLE") ?? profile["ca_bundle"]).map { FilePath($0) }
        maximumAttempts = try Self.attempts(
            variable("AWS_MAX_ATTEMPTS") ?? profile["max_attempts"],
            mode: variable("AWS_RETRY_MODE") ?? profile["retry_mode"])
        if let region, !Self.isRegionName(region) {
            throw AWSError(
                .configuration, "AWS region",
                "\(String(region.prefix(64)).debugDescription) is not a region's name",
                hint: "regions look like eu-central-1")
        }
    }

    /// The region.
    ///
    /// - Throws: `AWSError` (`configuration`) when nothing says one.
    package func requiredRegion() throws(AWSError) -> String {
        if let region { return region }
        throw AWSError(
            .configuration, "AWS region", "none is configured",
            hint: "use --region, AWS_REGION, or `region = ...` in the profile \(profileName)")
    }

    func variable(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    // A region becomes part of a host name, so nothing but the letters of one may pass.
    static func isRegionName(_ text: String) -> Bool {
        let allowed = text.utf8.allSatisfy { byte in
            (97...122).contains(byte) || (48...57).contains(byte) || byte == UInt8(ascii: "-")
        }
        return allowed && (1...63).contains(text.utf8.count) && !text.hasPrefix("-") && !text.hasSuffix("-")
    }

    private static func attempts(_ text: String?, mode: String?) throws(AWSError) -> Int {
        guard let text else {
            switch mode {
            case "standard", "adaptive": return 3
            case "legacy": return 5
            default: return 10
            }
        }
        guard let number = Int(text), (1...100).contains(number) else {
            throw AWSError(
                .configuration, "AWS_MAX_ATTEMPTS",
                "\(String(text.prefix(32)).debugDescription) is not a number from 1 to 100")
        }
        return number
    }
}

extension AWSConfiguration: CustomStringConvertible, CustomReflectable {
    /// Profile and region; the environment that it was read from holds secrets.
    package var description: String { "profile \(profileName), region \(region ?? "none")" }

    /// A mirror without the environment and the files.
    package var customMirror: Mirror {
        Mirror(self, children: ["profileName": profileName, "region": region ?? ""])
    }
}
