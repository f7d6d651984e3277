import Testing

@testable import AWSClient

@Suite struct ProxyRulesTests {
    @Test(arguments: [
        ("https://s3.eu-west-1.amazonaws.com", true), ("https://s3.eu-west-1.amazonaws.com:8443", true),
        ("http://internal.example", false), ("https://other.example", true),
        ("https://sub.none.example", false),
        ("https://x.starred.example", false), ("https://127.0.0.1", false), ("http://169.254.170.2", false),
        ("https://10.1.2.3", false), ("https://10.2.0.1", true), ("https://ported.example", false),
        ("https://ported.example:8443", true),
    ])
    func `knows what goes through a proxy`(_ url: String, _ isProxied: Bool) throws {
        let rules = try ProxyRules(environment: [
            "HTTPS_PROXY": "http://user:p%40ss@proxy.example:3128", "HTTP_PROXY": "upper:1",
            "http_proxy": "lower:2",
            "NO_PROXY": "internal.example, .none.example,*.starred.example,10.1.0.0/16,ported.example:443",
        ])
        let proxy = rules.proxy(for: try ServiceEndpoint(url: url, origin: "test"))
        #expect((proxy != nil) == isProxied)
        if let proxy {
            #expect(proxy.password == "p@ss")
            #expect(proxy.endpoint.authority == "proxy.example:3128")
        }
    }
}
