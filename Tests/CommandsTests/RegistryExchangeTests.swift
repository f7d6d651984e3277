import SystemPackage
import TestSupport
import Testing

/// Registries that send elsewhere, are busy, or offer several ways to log in.
@Suite struct RegistryExchangeTests {
    private static let digest = "sha256:" + String(repeating: "ab", count: 32)

    /// A registry whose repositories misbehave by their names, and another host, which wants to see no credentials.
    ///
    /// `/count/<repository>` tells how often a repository was asked for.
    private static let registry = #"""
        import collections, http.server, json, os, ssl, subprocess, sys, threading
        DIGEST = "sha256:" + "ab" * 32
        counts = collections.Counter()
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *arguments): pass
            def answer(self, status, *fields, body=b""):
                self.send_response(status)
                for name, value in fields: self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD": self.wfile.write(body)
            def do_HEAD(self): self.do_GET()
        class Other(Handler):
            def do_GET(self):
                if "Authorization" in self.headers: return self.answer(500)
                if self.path == "/wants": return self.answer(401, ("WWW-Authenticate", "Basic realm=x"))
                if self.path == "/blob?sig=a%2Fb%2B&x=": return self.answer(200, ("Docker-Content-Digest", DIGEST))
                self.answer(404)
        class Registry(Handler):
            def do_GET(self):
                here = "http://" + self.headers["Host"]
                if self.path.startswith("/token?"): return self.answer(200, body=json.dumps({"token": "T"}).encode())
                if self.path.startswith("/either?"): return self.answer(200, body=b'{"token": "", "access_token": "T"}')
                name = self.path.split("/")[2]
                if self.path.startswith("/count/"): return self.answer(200, body=str(counts[name]).encode())
                counts[name] += 1
                bearer = f'Bearer realm="{here}/token",service="a, Basic b=c"'
                if name == "either": bearer = bearer.replace("/token", "/either")
                if name in ["offers", "list", "moved", "near", "away", "either"] and self.headers.get("Authorization") != "Bearer T":
                    if name == "list": return self.answer(401, ("WWW-Authenticate", 'Negotiate abc==, Basic realm="x, y", ' + bearer))
                    return self.answer(401, ("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", bearer))
                if name == "kerberos": return self.answer(401, ("WWW-Authenticate", "Negotiate"))
                if name == "moved": return self.answer(307, ("Location", "/v2/offers/manifests/1"))
                if name == "near": return self.answer(307, ("Location", "../.././offers/manifests/1"))
                if name == "page": return self.answer(200, ("Docker-Content-Digest", DIGEST), ("Content-Type", "text/html"), body=b"<html>")
                if name == "away": return self.answer(302, ("Location", other + "/blob?sig=a%2Fb%2B&x="))
                if name == "wants": return self.answer(308, ("Location", other + "/wants"))
                if name == "loop": return self.answer(307, ("Location", self.path))
                if name == "clear": return self.answer(307, ("Location", "http://other.example/v2/a"))
                if name == "ftp": return self.answer(307, ("Location", "ftp://other.example/v2/a"))
                if name == "relative": return self.answer(307, ("Location", "//other.example/v2/a"))
                if name == "busy" and counts[name] < 3: return self.answer(429, ("Retry-After", "1"))
                if name == "gone" and counts[name] < 2: return self.answer(503)
                if name == "down": return self.answer(503, ("Retry-After", "0"))
                if name == "closed": return self.answer(429, ("Retry-After", "3600"))
                self.answer(200, ("Docker-Content-Digest", DIGEST))
        os.chdir(sys.argv[1])
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", "key.pem",
            "-out", "cert.pem", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
            check=True, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("cert.pem", "key.pem")
        secure = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Other)
        secure.socket = context.wrap_socket(secure.socket, server_side=True)
        other = f"https://localhost:{secure.server_port}"
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Registry)
        for each in [secure, server]: threading.Thread(target=each.serve_forever, daemon=True).start()
        print("ready", server.server_port, flush=True)
        sys.stdin.read()
        """#

    /// Asks for `repository:1`, and checks that nothing is written where that fails.
    private func pin(
        _ repository: String, _ body: @Sendable (Program.Outcome, _ requests: Int) throws -> Void
    ) async throws {
        try await withScratchDirectory { scratch in
            try await withPythonServer(Self.registry, arguments: [scratch.path.string]) { port in
                try await withProject { project in
                    let host = "127.0.0.1:\(port)"
                    let outcome = try await project.buildspec(
                        ["package", "image-detail", "\(host)/\(repository):1", "--resolve"],
                        environment: ["AWS_CA_BUNDLE": scratch.path.appending("cert.pem").string])
                    let written = try project.files(below: "app")
                    #expect(written == (outcome.status == 0 ? ["imageDetail.json"] : []))
                    if outcome.status == 0 {
                        let text = String(
                            decoding: try project.scratch.read("app/imageDetail.json"), as: UTF8.self)
                        #expect(text == #"{"ImageURI":"\#(host)/\#(repository)@\#(Self.digest)"}"# + "\n")
                    }
                    let count = try await project.tool(
                        "/usr/bin/python3", "-c",
                        "import urllib.request; print(urllib.request.urlopen('http://\(host)/count/\(repository)').read().decode())"
                    )
                    try body(outcome, Int(count.standardOutput.prefix { $0.isNumber }) ?? -1)
                }
            }
        }
    }

    @Test(arguments: [("moved", 2), ("near", 2), ("away", 2)])
    func `redirects are followed, without credentials to another host`(
        repository: String, requests: Int
    ) async throws {
        try await pin(repository) { outcome, count in
            #expect(outcome.status == 0 && count == requests, "\(outcome)")
        }
    }

    @Test(arguments: [
        ("loop", 6, "it redirects more than 5 times"),
        ("clear", 1, "it redirects to another host without encryption: other.example"),
        ("ftp", 1, "it redirects to what is no http or https address"),
        ("relative", 1, "it redirects to another host without encryption: other.example"),
        // A login would go to whom the registry names.
        ("wants", 1, "the registry refuses (HTTP 401)"),
    ])
    func `redirects that are not followed are told`(
        repository: String, requests: Int, reason: String
    ) async throws {
        try await pin(repository) { outcome, count in
            #expect(outcome.status == 3 && count == requests, "\(outcome) \(count)")
            #expect(outcome.standardError.contains(reason), "\(outcome)")
        }
    }

    @Test(arguments: [("busy", 3), ("gone", 2)])
    func `a busy registry is asked again`(repository: String, requests: Int) async throws {
        try await pin(repository) { outcome, count in
            #expect(outcome.status == 0 && count == requests, "\(outcome) \(count)")
        }
    }

    @Test(arguments: [("down", 4, "try again later"), ("closed", 1, "try again in 3600 second(s)")])
    func `a registry that stays busy is not asked for ever`(
        repository: String, requests: Int, hint: String
    ) async throws {
        try await pin(repository) { outcome, count in
            #expect(outcome.status == 3 && count == requests, "\(outcome) \(count)")
            #expect(outcome.standardError.contains(hint), "\(outcome)")
        }
    }

    @Test(arguments: ["offers", "list", "either"])
    func `of several ways to log in the one that is known is taken`(repository: String) async throws {
        try await pin(repository) { outcome, _ in #expect(outcome.status == 0, "\(outcome)") }
    }

    @Test func `a page that states a digest is no manifest`() async throws {
        try await pin("page") { outcome, count in
            #expect(outcome.status == 3 && count == 2, "\(outcome)")
            #expect(
                outcome.standardError.contains("what answers is no manifest of an image (text/html, 6 bytes)")
            )
        }
    }

    @Test func `a registry that offers no known way to log in is told`() async throws {
        try await pin("kerberos") { outcome, count in
            #expect(outcome.status == 3 && count == 1, "\(outcome)")
            #expect(outcome.standardError.contains("a kind of login that is not known"), "\(outcome)")
        }
    }
}
