import FoundationEssentials
import NIOHTTP1

extension ServiceFailure {
    /// Reads an error answer of any of the three protocols: JSON 1.1, Query, REST-XML.
    ///
    /// An answer that is none of them (an HTML page of a proxy) still gives its status.
    init(_ answer: HTTPAnswer) {
        var code: String?
        var message: String?
        var requestID = answer.headers.value("x-amzn-requestid") ?? answer.headers.value("x-amz-request-id")
        var region = answer.headers.value("x-amz-bucket-region")
        let firstByte = answer.body.first { $0 > 32 }
        if firstByte == UInt8(ascii: "{") {
            let fields = try? JSONDecoder().decode(JSONErrorFields.self, from: Data(answer.body))
            code = fields?.code
            message = fields?.message
        } else if firstByte == UInt8(ascii: "<"), let root = XMLElement(document: answer.body) {
            let error = root["Error"] ?? root["Errors"]?["Error"] ?? root
            code = error.text("Code")
            message = error.text("Message")
            requestID = requestID ?? root.text("RequestId") ?? root.text("RequestID")
            region = region ?? error.text("Region")
        }
        code = answer.headers.value("x-amzn-errortype") ?? code
        self.init(
            code: ServiceFailure.bareCode(code) ?? ServiceFailure.codeWithoutBody(answer.status),
            message: ServiceFailure.clean(message ?? "", 1000), status: answer.status,
            requestID: requestID.map { ServiceFailure.clean($0, 200) },
            serverDate: answer.headers.value("date").flatMap(Timestamp.init(httpDate:)),
            retryAfter: ServiceFailure.retryAfter(answer.headers), bucketRegion: region)
    }

    /// Whether it is a refusal that says nothing but that it is one.
    var isUnexplained403: Bool { status == 403 && message.isEmpty }

    /// `com.amazonaws.kms#NotFoundException:http://...` is `NotFoundException`.
    private static func bareCode(_ text: String?) -> String? {
        guard let text else { return nil }
        let withoutSuffix = text.split(separator: ":", omittingEmptySubsequences: false).first ?? ""
        let bare = withoutSuffix.split(separator: "#").last.map(String.init) ?? ""
        return bare.isEmpty ? nil : clean(bare, 200)
    }

    /// HEAD answers have no body; S3's codes for them are implied by the status.
    private static func codeWithoutBody(_ status: Int) -> String {
        switch status {
        case 301: "PermanentRedirect"
        case 403: "AccessDenied"
        case 404: "NotFound"
        case 412: "PreconditionFailed"
        default: "HTTP \(status)"
        }
    }

    private static func retryAfter(_ headers: HTTPHeaders) -> Duration? {
        if let milliseconds = headers.value("x-amz-retry-after").flatMap(Int32.init), milliseconds >= 0 {
            return .milliseconds(Int64(milliseconds))
        }
        guard let text = headers.value("retry-after") else { return nil }
        if let moment = Timestamp(httpDate: text),
            let now = headers.value("date").flatMap(Timestamp.init(httpDate:))
        {
            return .seconds(max(0, moment.seconds(since: now)))
        }
        guard let seconds = Int32(text), seconds >= 0 else { return nil }
        return .seconds(Int64(seconds))
    }

    // What a server says ends up in logs and terminals: no control characters, no endless text.
    private static func clean(_ text: String, _ limit: Int) -> String {
        let visible = text.unicodeScalars.map { scalar -> Unicode.Scalar in
            scalar.properties.generalCategory == .control ? " " : scalar
        }
        return String(String.UnicodeScalarView(visible.prefix(limit)))
    }
}

private struct JSONErrorFields: Decodable {
    var code: String?
    var message: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: MemberName.self)
        func text(_ names: [String]) -> String? {
            names.lazy.compactMap { try? container.decode(String.self, forKey: MemberName(stringValue: $0)) }
                .first
        }
        code = text(["__type", "code", "Code"])
        message = text(["message", "Message", "errorMessage"])
    }
}
