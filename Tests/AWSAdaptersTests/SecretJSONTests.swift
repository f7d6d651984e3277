import Testing

@testable import AWSAdapters

/// One key of a secret's JSON text.
@Suite struct SecretJSONTests {
    @Test(arguments: [
        (#"{"k": "text"}"#, "text"), (#"{"k": ""}"#, ""), (#"{"k": 7}"#, "7"), (#"{"k": -1.5}"#, "-1.5"),
        (#"{"k": true}"#, "true"), (#"{"k": null}"#, "null"), (#"{"k": [1, "a/b"]}"#, #"[1,"a/b"]"#),
        (#"{"k": {"b": 1, "a": {}}}"#, #"{"a":{},"b":1}"#),
        (#"{"other": 1, "k": "é \n \" \\ 😀"}"#, "é \n \" \\ 😀"),
        (#"{"k": "\u0000\u00e9"}"#, "\u{0}é"), (#"  {"k":"spaces"}  "#, "spaces"),
        (#"{"a": "k", "k": 12345678901234567890123}"#, "12345678901234567890123"),
        (#"{"x": {"k": [1, "}"]}, "k" : 1.10 , "z": 2}"#, "1.10"), (#"{"\"": 1, "\u006b": 1e2}"#, "1e2"),
    ])
    func `gives strings as they are and all else as JSON`(text: String, value: String) {
        #expect(SecretJSON.value(of: "k", in: text) == value)
    }

    @Test(arguments: [
        "", "k", "\"k\"", "[\"k\"]", "{}", #"{"K": 1}"#, #"{"a": {"k": 1}}"#, #"{"k": "#, "null", #"{"k": 1"#,
        "{'k': 1}",
    ])
    func `knows nothing without the key`(text: String) {
        #expect(SecretJSON.value(of: "k", in: text) == nil)
    }

    @Test(arguments: ["", "a.b", "a b", "é", "[0]", "$"])
    func `takes a key literally`(key: String) {
        #expect(SecretJSON.value(of: key, in: "{\"\(key)\": \"found\", \"a\": {\"b\": \"no\"}}") == "found")
    }

    @Test func `does not fall over deep nesting`() {
        let deep =
            "{\"k\": " + String(repeating: "[", count: 50_000) + String(repeating: "]", count: 50_000) + "}"
        #expect(SecretJSON.value(of: "k", in: deep) == nil)
    }
}
