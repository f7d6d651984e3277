import FoundationEssentials
import TestSupport

@testable import AWSClient

/// A pseudo-random generator that gives the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A request with as many oddities as fit.
struct SampleRequest: Encodable {
    var method: String
    var path: String
    var query: [[String]]
    var headers: [[String]]
    var body: String
    var secret: String
    var token: String?

    init(using generator: inout SeededGenerator) {
        let pieces = [
            "a", "Z9", "-._~", " ", "+", "%", "%2F", "ü", "日本", "🦆", "=", "&", "?", "#", ":", ";", ",", "'",
            "\"", "(", ")",
            "*", "!", "$", "@", "[", "]", "\\", "|", "..", ".", "//", "/", "<", ">", "\u{7F}", "e\u{301}",
        ]
        func text(_ most: Int, _ using: inout SeededGenerator) -> String {
            (0..<Int.random(in: 0...most, using: &using)).map { _ in pieces.randomElement(using: &using) ?? ""
            }
            .joined()
        }
        method = ["GET", "PUT", "POST", "DELETE", "HEAD"].randomElement(using: &generator) ?? "GET"
        path = "/" + text(8, &generator)
        query = (0..<Int.random(in: 0...4, using: &generator)).map { _ in
            ["q" + text(3, &generator), text(4, &generator)]
        }
        let values = [
            "plain", "  two   blanks  ", "a=b;c", "\"quoted  text\"", "", "ends,with,commas", "tab\tinside",
        ]
        headers = (0..<Int.random(in: 0...4, using: &generator)).map { index in
            [
                "X-Amz-Meta-\(["b", "A", "c"].randomElement(using: &generator) ?? "")\(index)",
                values.randomElement(using: &generator) ?? "",
            ]
        }
        body = text(20, &generator)
        secret = "secret/" + text(3, &generator)
        token = Bool.random(using: &generator) ? "token+/==" : nil
    }

    var request: AWSRequest {
        var request = AWSRequest(
            method, ServiceEndpoint(host: "service.example.com", port: 8443),
            path: path.percentEncoded(keepingSlash: true))
        request.query = query.map { .init(name: $0[0], value: $0[1]) }
        for header in headers { request.headers.add(header[0], header[1]) }
        request.body = .bytes(Array(body.utf8))
        return request
    }
}

/// The signer of the AWS SDK for Python, as a second opinion.
enum BotocoreSigner {
    static func authorizations(_ samples: [SampleRequest], service: AWSService) async throws -> [String] {
        struct Item: Encodable {
            var sample: SampleRequest
            var url: String
        }
        let items = samples.map { Item(sample: $0, url: $0.request.url) }
        let input = String(decoding: try JSONEncoder().encode(items), as: UTF8.self)
        let output = try await PythonEnvironment().run(script, arguments: [service.signingName], input: input)
        return try JSONDecoder().decode([String].self, from: Data(output.utf8))
    }

    private static let script = """
        import datetime, json, sys
        import botocore.auth, botocore.awsrequest, botocore.credentials
        moment = datetime.datetime(2026, 1, 31, 23, 59, 58)
        botocore.auth.get_current_datetime = lambda *a, **k: moment
        kind = botocore.auth.S3SigV4Auth if sys.argv[1] == "s3" else botocore.auth.SigV4Auth
        result = []
        for item in json.load(sys.stdin):
            sample = item["sample"]
            request = botocore.awsrequest.AWSRequest(sample["method"], item["url"], data=sample["body"].encode())
            for name, value in sample["headers"]:
                request.headers.add_header(name, value)
            request.context["payload_signing_enabled"] = True
            keys = botocore.credentials.Credentials("AKID", sample["secret"], sample.get("token"))
            kind(keys, sys.argv[1], "eu-central-1").add_auth(request)
            result.append(request.headers["Authorization"])
        print(json.dumps(result))
        """
}
