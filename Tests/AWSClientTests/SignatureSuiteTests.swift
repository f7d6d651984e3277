import TestSupport
import Testing

@testable import AWSClient

/// The published test suite of Signature Version 4: names, requests and signatures are facts of it.
@Suite struct SignatureSuiteTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        /// Path and query as the suite's request line has them, before any encoding.
        var path = "/"
        var query: [[String]] = []
        var headers: [[String]] = []
        var body = ""
        var signature: String

        var testDescription: String { name }
    }

    private static let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    private static let postVanilla = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
    private static let form = ["Content-Type", "application/x-www-form-urlencoded"]

    static let cases: [Case] = [
        Case(
            name: "get-header-key-duplicate",
            headers: [["My-Header1", "value2"], ["My-Header1", "value2"], ["My-Header1", "value1"]],
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
        Case(
            name: "get-header-value-order",
            headers: [
                ["My-Header1", "value4"], ["My-Header1", "value1"], ["My-Header1", "value3"],
                ["My-Header1", "value2"],
            ], signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
        Case(
            name: "get-header-value-trim",
            headers: [["My-Header1", " value1"], ["My-Header2", " \"a   b   c\""]],
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Case(
            name: "get-unreserved",
            path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        Case(
            name: "get-utf8", path: "/\u{1234}",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
        Case(name: "get-vanilla", signature: vanilla),
        Case(
            name: "get-vanilla-empty-query-key", query: [["Param1", "value1"]],
            signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
        Case(name: "get-vanilla-query", signature: vanilla),
        Case(
            name: "get-vanilla-query-order-key-case", query: [["Param2", "value2"], ["Param1", "value1"]],
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Case(
            name: "get-vanilla-query-unreserved",
            query: [
                [
                    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                    "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
                ]
            ], signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
        Case(
            name: "get-vanilla-utf8-query", query: [["\u{1234}", "bar"]],
            signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
        Case(name: "get-relative", path: "/example/..", signature: vanilla),
        Case(name: "get-relative-relative", path: "/example1/example2/../..", signature: vanilla),
        Case(name: "get-slash", path: "//", signature: vanilla),
        Case(name: "get-slash-dot-slash", path: "/./", signature: vanilla),
        Case(
            name: "get-slash-pointless-dot", path: "/./example",
            signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
        Case(
            name: "get-slashes", path: "//example//",
            signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
        Case(
            name: "get-space", path: "/example space/",
            signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
        Case(
            name: "post-header-key-sort", method: "POST", headers: [["My-Header1", "value1"]],
            signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
        Case(
            name: "post-header-value-case", method: "POST", headers: [["My-Header1", "VALUE1"]],
            signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
        Case(name: "post-vanilla", method: "POST", signature: postVanilla),
        Case(
            name: "post-vanilla-query", method: "POST", query: [["Param1", "value1"]],
            signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
        Case(
            name: "post-x-www-form-urlencoded", method: "POST", headers: [form], body: "Param1=value1",
            signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
        Case(
            name: "post-x-www-form-urlencoded-parameters", method: "POST",
            headers: [["Content-Type", "application/x-www-form-urlencoded; charset=utf8"]],
            body: "Param1=value1",
            signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"),
    ]

    @Test(arguments: cases) func `signs as published`(_ example: Case) throws {
        var request = AWSRequest(
            example.method, ServiceEndpoint(host: "example.amazonaws.com"), path: example.path)
        request.query = example.query.map { .init(name: $0[0], value: $0[1]) }
        for header in example.headers { request.headers.add(header[0], header[1]) }
        request.body = .bytes(Array(example.body.utf8))
        let keys = Credentials(
            accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
            source: "test")
        let service = AWSService(identifier: "service", endpointPrefix: "service")
        RequestSigner(credentials: keys, region: "us-east-1", service: service)
            .sign(&request, at: try #require(Timestamp(iso8601: "2015-08-30T12:36:00Z")))
        #expect(request.headers["Authorization"]?.suffix(64) == example.signature[...])
    }
}
