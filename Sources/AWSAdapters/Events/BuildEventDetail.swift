import BuildEngine
import FoundationEssentials

/// The `detail` of CodeBuild's events (behaviour reference, section 3.7; user guide, "Build notifications input format
/// reference").
struct BuildEventDetail: Sendable, Encodable {
    /// `additional-information`.
    struct Information: Sendable, Encodable {
        struct Artifact: Sendable, Encodable {
            var location: String
            var md5sum: String?
            var sha256sum: String?
        }

        struct Variable: Sendable, Encodable {
            var name: String
            var value: String
            var type: String
        }

        struct Environment: Sendable, Encodable {
            var image: String
            var privilegedMode = false
            var type: String
            var environmentVariables: [Variable]

            enum CodingKeys: String, CodingKey {
                case image
                case privilegedMode = "privileged-mode"
                case type
                case environmentVariables = "environment-variables"
            }
        }

        struct Source: Sendable, Encodable {
            var location: String
            var type: String
            var buildspec: String?
        }

        struct Logs: Sendable, Encodable {
            var groupName: String?
            var streamName: String
            var deepLink: String

            enum CodingKeys: String, CodingKey {
                case groupName = "group-name"
                case streamName = "stream-name"
                case deepLink = "deep-link"
            }
        }

        struct Phase: Sendable, Encodable {
            var type: String
            var status: String?
            var context: [String]?
            var start: String
            var end: String?
            var seconds: Int?

            enum CodingKeys: String, CodingKey {
                case type = "phase-type"
                case status = "phase-status"
                case context = "phase-context"
                case start = "start-time"
                case end = "end-time"
                case seconds = "duration-in-seconds"
            }
        }

        var artifact: Artifact?
        var buildComplete: Bool
        var buildNumber: Int
        var initiator: String
        var start: String
        var environment: Environment
        var logs: Logs
        var phases: [Phase]
        var source: Source
        var sourceVersion: String?
        var timeout: Int

        enum CodingKeys: String, CodingKey {
            case artifact
            case buildComplete = "build-complete"
            case buildNumber = "build-number"
            case initiator
            case start = "build-start-time"
            case environment, logs, phases, source
            case sourceVersion = "source-version"
            case timeout = "timeout-in-minutes"
        }
    }

    var projectName: String
    var buildID: String
    var information: Information
    let version = "1"
    // Of a change of the build's state.
    var buildStatus: String?
    var currentPhase: String?
    var currentPhaseContext: String?
    // Of a phase that has ended.
    var completedPhase: String?
    var completedPhaseStatus: String?
    var completedPhaseContext: String?
    var completedPhaseSeconds: Int?
    var completedPhaseStart: String?
    var completedPhaseEnd: String?

    enum CodingKeys: String, CodingKey {
        case projectName = "project-name"
        case buildID = "build-id"
        case information = "additional-information"
        case version
        case buildStatus = "build-status"
        case currentPhase = "current-phase"
        case currentPhaseContext = "current-phase-context"
        case completedPhase = "completed-phase"
        case completedPhaseStatus = "completed-phase-status"
        case completedPhaseContext = "completed-phase-context"
        case completedPhaseSeconds = "completed-phase-duration-seconds"
        case completedPhaseStart = "completed-phase-start"
        case completedPhaseEnd = "completed-phase-end"
    }

    private init(_ record: BuildRecord) {
        projectName = record.projectName
        buildID = record.arn
        information = Information(record)
    }

    /// A build that has begun or ended.
    init(stateOf record: BuildRecord) {
        self.init(record)
        buildStatus = record.buildStatus.rawValue
        currentPhase = record.currentPhase.rawValue
        let last = record.phases.last { $0.phaseStatus != nil }
        currentPhaseContext = Self.bracketed(Self.texts(last?.contexts))
    }

    /// A phase that has ended.
    init(_ phase: BuildRecord.Phase, of record: BuildRecord) {
        self.init(record)
        completedPhase = phase.phaseType.rawValue
        completedPhaseStatus = phase.phaseStatus?.rawValue
        completedPhaseContext = Self.bracketed(Self.texts(phase.contexts))
        completedPhaseSeconds = phase.durationInSeconds
        completedPhaseStart = EventTime.text(phase.startTime)
        completedPhaseEnd = phase.endTime.map(EventTime.text)
    }

    /// The same without variables.
    var withoutVariables: Self {
        var detail = self
        detail.information.environment.environmentVariables = []
        return detail
    }

    /// The same without the long texts of phases too.
    var brief: Self {
        var detail = withoutVariables
        for index in detail.information.phases.indices { detail.information.phases[index].context = nil }
        detail.currentPhaseContext = detail.currentPhaseContext.map { String($0.prefix(1000)) }
        detail.completedPhaseContext = detail.completedPhaseContext.map { String($0.prefix(1000)) }
        return detail
    }

    /// The detail as JSON text.
    var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// `code: message` for each; none for a phase that went well.
    static func texts(_ contexts: [PhaseContext]?) -> [String] {
        (contexts ?? []).filter { !$0.statusCode.isEmpty || !$0.message.isEmpty }
            .map { "\($0.statusCode): \($0.message)" }
    }

    private static func bracketed(_ texts: [String]) -> String {
        "[" + texts.joined(separator: ", ") + "]"
    }
}

extension BuildEventDetail.Information {
    fileprivate init(_ record: BuildRecord) {
        artifact = record.artifacts.map {
            Artifact(location: $0.location, md5sum: $0.md5sum, sha256sum: $0.sha256sum)
        }
        buildComplete = record.buildComplete
        buildNumber = record.buildNumber
        initiator = record.initiator
        start = EventTime.text(record.startTime)
        environment = Environment(
            image: record.environment.image, type: record.environment.type,
            environmentVariables: record.environment.environmentVariables.map {
                Variable(name: $0.name, value: $0.value, type: $0.type)
            })
        logs = Logs(
            groupName: record.logs.groupName, streamName: record.logs.streamName,
            deepLink: record.logs.deepLink)
        phases = record.phases.map { phase in
            Phase(
                type: phase.phaseType.rawValue, status: phase.phaseStatus?.rawValue,
                context: phase.phaseStatus == nil ? nil : BuildEventDetail.texts(phase.contexts),
                start: EventTime.text(phase.startTime), end: phase.endTime.map(EventTime.text),
                seconds: phase.durationInSeconds)
        }
        source = Source(
            location: record.source.location, type: record.source.type, buildspec: record.source.buildspec)
        sourceVersion = record.sourceVersion
        timeout = record.timeoutInMinutes
    }
}

/// Times as CodeBuild's events have them: `Sep 1, 2017 4:12:29 PM`, in UTC.
enum EventTime {
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The text of a moment in seconds since 1970.
    static func text(_ seconds: Double) -> String {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        let parts = calendar.dateComponents(
            [.year, .month, .day, .hour, .minute, .second], from: Date(timeIntervalSince1970: seconds))
        guard let year = parts.year, let month = parts.month, let day = parts.day, let hour = parts.hour,
            let minute = parts.minute, let second = parts.second
        else { return "" }
        let half = hour < 12 ? "AM" : "PM"
        return
            "\(months[month - 1]) \(day), \(year) \(hour % 12 == 0 ? 12 : hour % 12):\(two(minute)):\(two(second)) \(half)"
    }

    private static func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
}
