/// Who a request is made by.
package struct CallerIdentity: Sendable, Hashable {
    /// The account's twelve digits.
    package let account: String
    /// The user's or role session's ARN.
    package let arn: String
    /// The unique id.
    package let userID: String
}

extension STSClient {
    /// Asks who the credentials belong to.
    ///
    /// Needs no permission.
    ///
    /// - Throws: `AWSError`
    package func callerIdentity() async throws(AWSError) -> CallerIdentity {
        let result = try await context.callQuery("GetCallerIdentity", version: Self.version, [])
        guard let account = result.text("Account"), let arn = result.text("Arn"),
            let user = result.text("UserId")
        else { throw AWSError(.decoding, context.subject("GetCallerIdentity"), "the answer is incomplete") }
        return CallerIdentity(account: account, arn: arn, userID: user)
    }
}
