/// A role to assume.
package struct AssumeRoleInput: Sendable, Hashable {
    /// The role's ARN.
    package var roleARN: String
    /// How the session is called in logs: 2 to 64 letters, digits, `_+=,.@-`.
    package var sessionName: String
    /// What the role's owner asks for, if anything.
    package var externalID: String?
    /// Seconds; nil leaves it to the role (an hour).
    package var durationSeconds: Int?

    /// The device that the role's owner asks for, and what it shows now.
    package var mfa: MultiFactor?

    /// A device for one-time codes.
    package struct MultiFactor: Sendable, Hashable {
        /// Its serial number or ARN.
        package var serialNumber: String
        /// The six digits that it shows.
        package var code: String
    }

    /// A role to assume, under a session name.
    package init(roleARN: String, sessionName: String, externalID: String? = nil, durationSeconds: Int? = nil)
    {
        self.roleARN = roleARN
        self.sessionName = sessionName
        self.externalID = externalID
        self.durationSeconds = durationSeconds
    }
}

/// An assumed role.
package struct AssumedRole: Sendable, Hashable {
    /// The temporary credentials.
    package let credentials: Credentials
    /// The ARN of the session.
    package let arn: String?
}

extension STSClient {
    /// Assumes a role.
    ///
    /// - Throws: `AWSError`
    package func assumeRole(_ input: AssumeRoleInput) async throws(AWSError) -> AssumedRole {
        let result = try await context.callQuery(
            "AssumeRole", version: Self.version,
            [
                ("RoleArn", input.roleARN), ("RoleSessionName", input.sessionName),
                ("ExternalId", input.externalID), ("DurationSeconds", input.durationSeconds.map(String.init)),
                ("SerialNumber", input.mfa?.serialNumber), ("TokenCode", input.mfa?.code),
            ], resource: input.roleARN)
        let credentials = try temporaryCredentials(result, source: "role \(input.roleARN)", "AssumeRole")
        return AssumedRole(credentials: credentials, arn: result["AssumedRoleUser"]?.text("Arn"))
    }
}
