/// EventBridge: only what telling events needs.
package struct EventBridgeClient: Sendable {
    let context: ServiceContext

    /// A client over a context of `.eventBridge`.
    package init(context: ServiceContext) {
        self.context = context
    }
}

/// One event for a bus.
package struct BusEvent: Sendable, Hashable {
    /// `source`; names that begin with `aws.` are AWS's own, and refused.
    package var source: String
    /// `detail-type`.
    package var detailType: String
    /// `detail`: a JSON object.
    package var detail: String
    /// ARNs of what the event is about.
    package var resources: [String]
    /// When it happened, in seconds since 1970.
    package var time: Double

    /// Describes an event.
    package init(source: String, detailType: String, detail: String, resources: [String], time: Double) {
        self.source = source
        self.detailType = detailType
        self.detail = detail
        self.resources = resources
        self.time = time
    }
}

extension EventBridgeClient {
    /// The largest request, which a single event must fit in.
    package static let largestEvent = 256 << 10

    /// Puts one event on a bus (a name or an ARN).
    ///
    /// - Throws: `AWSError`; an entry that the service did not take is one of kind `service`.
    package func putEvent(_ event: BusEvent, bus: String) async throws(AWSError) {
        let entry = Entry(
            Source: event.source, DetailType: event.detailType, Detail: event.detail,
            EventBusName: bus, Resources: event.resources, Time: event.time)
        let output = try await context.callJSON(
            "PutEvents", targetPrefix: "AWSEvents", Input(Entries: [entry]), resource: bus,
            returning: Output.self)
        guard let refused = output.Entries?.first, let code = refused.ErrorCode else { return }
        let failure = ServiceFailure(
            code: code, message: refused.ErrorMessage?.visible ?? "", status: 200, requestID: nil)
        throw AWSError.service(failure, context.subject("PutEvents \(bus.visible)"))
    }

    private struct Input: Encodable {
        var Entries: [Entry]
    }

    private struct Entry: Encodable {
        var Source: String
        var DetailType: String
        var Detail: String
        var EventBusName: String
        var Resources: [String]
        var Time: Double
    }

    private struct Output: Decodable {
        var Entries: [Refusal]?
    }

    private struct Refusal: Decodable {
        var ErrorCode: String?
        var ErrorMessage: String?
    }
}
