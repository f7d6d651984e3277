import Operations
import Testing

/// Where `--listen` says to listen.
@Suite struct ListenAddressTests {
    @Test(arguments: [
        ("9100", "127.0.0.1:9100"), (":9100", "127.0.0.1:9100"), ("localhost:0", "localhost:0"),
        ("127.0.0.1:65535", "127.0.0.1:65535"), ("[::1]:9100", "[::1]:9100"), ("0.0.0.0:80", "0.0.0.0:80"),
        ("worker-1.example.com:9100", "worker-1.example.com:9100"),
    ])
    func `an address without a host is this machine's own`(text: String, meaning: String) throws {
        #expect(try ListenAddress(text).description == meaning)
    }

    @Test(arguments: [
        "", ":", "localhost", "localhost:", "localhost:http", ":65536", ":-1", ":+1", "::1:9100", "[]:9100",
        "[::1]", "a b:1", "http://localhost:1", "localhost:1/x", "\u{0661}", "x\n:1",
    ])
    func `anything else is refused with how to write it`(text: String) {
        #expect {
            try ListenAddress(text)
        } throws: { error in
            let failure = error as? ListenFailure
            return failure?.kind == .invalid && failure?.hint?.contains("127.0.0.1:9100") == true
        }
    }

    @Test(arguments: [
        (":1", true), ("127.8.0.1:1", true), ("localhost:1", true), ("[::1]:1", true), ("0.0.0.0:1", false),
        ("[::]:1", false), ("127.example.com:1", false), ("127.0.0.1.example.com:1", false),
    ])
    func `it is known who can reach it`(text: String, isLoopback: Bool) throws {
        #expect(try ListenAddress(text).isLoopback == isLoopback)
    }
}
