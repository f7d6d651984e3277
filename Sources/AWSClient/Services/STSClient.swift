/// Security Token Service, version 2011-06-15.
package struct STSClient: Sendable {
    let context: ServiceContext
    static let version = "2011-06-15"

    /// A client over a context of `.sts`.
    package init(context: ServiceContext) {
        self.context = context
    }

    /// The fields that AssumeRole and AssumeRoleWithWebIdentity answer with.
    func temporaryCredentials(
        _ result: XMLElement, source: String, _ operation: String
    ) throws(AWSError) -> Credentials {
        let fields = result["Credentials"]
        guard let id = fields?.text("AccessKeyId"), let secret = fields?.text("SecretAccessKey"),
            let token = fields?.text("SessionToken"), let end = fields?.text("Expiration"),
            let expiration = Timestamp(iso8601: end)
        else {
            throw AWSError(.decoding, context.subject(operation), "the answer has no complete credentials")
        }
        return Credentials(
            accessKeyID: id, secretAccessKey: secret, sessionToken: token, expiration: expiration,
            source: source)
    }
}
