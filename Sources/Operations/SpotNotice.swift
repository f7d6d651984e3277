import FoundationEssentials

/// Word that the EC2 instance under a worker will soon be gone.
package enum SpotNotice: Sendable, Hashable, CustomStringConvertible {
    /// EC2 takes a Spot instance back: what it will do (`terminate`, `stop`, `hibernate`), and when.
    case interruption(action: String, time: String)
    /// The Auto Scaling group is taking the instance out of service.
    case scaleIn

    /// In words, for the log.
    package var description: String {
        switch self {
        case .interruption(let action, let time): "EC2 will \(action) this Spot instance at \(time)"
        case .scaleIn: "the Auto Scaling group is taking this instance out of service"
        }
    }

    /// Reads `spot/instance-action`; nil for anything that is not such a document.
    static func interruption(_ document: String) -> SpotNotice? {
        struct Fields: Decodable {
            var action: String
            var time: String
        }
        guard let fields = try? JSONDecoder().decode(Fields.self, from: Data(document.utf8)),
            ["terminate", "stop", "hibernate"].contains(fields.action)
        else { return nil }
        return .interruption(action: fields.action, time: String(fields.time.filter(\.isASCII).prefix(40)))
    }
}
