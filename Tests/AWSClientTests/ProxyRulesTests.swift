import Testing

@testable import AWSClient

@Suite struct ProxyRulesTests {
    @Test(arguments: [
        ("https://s3.eu-west-1.amazonaws.com", true), ("https://s3.eu-west-1.amazonaws.com:8443", true),
        ("http://internal.example", false), ("https://other.example", true),
        ("https://sub.none.example", false),
        ("https://x.starred.example", false), ("https://127.0.0.1", false), ("http://169.254.170.2", false),
        ("https://10.1.2.3", false), ("https://10.2.0.1", true), ("https://ported.example", false),
        ("https://ported.example:8443", true), ("https://sub.ported.example", false),
        ("https://eight.example:8443", false), ("https://sub.eight.example:8443", false),
        ("https://eight.example", true), ("https://upper.example", false),
        ("https://noteight.example:8443", true),
        ("https://[fd12::1]", false), ("https://[fe80::1]", true), ("https://[2001:db8::1]", false),
        ("https://[2001:db8:0::1]:8443", false), ("https://[2001:db8::2]:8443", false),
        ("https://[2001:db8::2]", true), ("https://192.0.2.7", false), ("https://9192.0.2.7.example", true),
        ("https://dotted.example", false), ("https://dotted.example.", false),
    ])
    func `knows what goes through a proxy`(_ url: String, _ isProxied: Bool) throws {
        let rules = try ProxyRules(environment: [
            "HTTPS_PROXY": "http://user:p%40ss@proxy.example:3128", "HTTP_PROXY": "upper:1",
            "http_proxy": "lower:2",
            "NO_PROXY": "internal.example, .none.example,*.starred.example,10.1.0.0/16,ported.example:443,"
                + ".eight.example:8443,UPPER.example,fd00::/8 [2001:db8::1],[2001:db8::2]:8443,192.0.2.7,dotted.example.",
        ])
        let proxy = rules.proxy(for: try ServiceEndpoint(url: url, origin: "test"))
        #expect((proxy != nil) == isProxied)
        if let proxy {
            #expect(proxy.password == "p@ss")
            #expect(proxy.endpoint.authority == "proxy.example:3128")
        }
    }

    @Test func `a star excepts everything`() throws {
        let rules = try ProxyRules(environment: ["https_proxy": "p:1", "no_proxy": " * "])
        #expect(rules.proxy(for: try ServiceEndpoint(url: "https://s3.amazonaws.com", origin: "test")) == nil)
    }
}
