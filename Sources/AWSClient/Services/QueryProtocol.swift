extension ServiceContext {
    /// Calls an operation of a service that speaks the Query protocol, and returns the element
    /// `<Operation>Result` of its answer.
    ///
    /// - Throws: `AWSError`
    func callQuery(
        _ operation: String, version: String, _ parameters: [(name: String, value: String?)],
        resource: String? = nil
    ) async throws(AWSError) -> XMLElement {
        let fields =
            [("Action", operation), ("Version", version)]
            + parameters.compactMap { item in
                item.value.map { (item.name, $0) }
            }
        var request = AWSRequest("POST", endpoint)
        request.headers["Content-Type"] = "application/x-www-form-urlencoded; charset=utf-8"
        let form = fields.map { $0.0.percentEncoded() + "=" + $0.1.percentEncoded() }.joined(separator: "&")
        request.body = .bytes(Array(form.utf8))
        let subject = subject(operation) + (resource.map { " " + $0.visible } ?? "")
        let answer = try await send(request, subject)
        guard let result = XMLElement(document: answer.body)?[operation + "Result"] else {
            throw AWSError(.decoding, subject, "the answer has no \(operation)Result")
        }
        return result
    }
}
