import AWSClient
import Operations
import TestSupport
import Testing

/// Notices in the metadata of an EC2 instance, which a stand-in on the loopback interface has.
@Suite struct SpotWatchTests {
    /// Answers version 2 alone; `plan` lists, for each question after the token, what paths hold; the last stays.
    private static let server = """
        import http.server, json, sys, threading
        plan, tokens, count = json.loads(sys.argv[1]), [], 0
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            def log_message(self, *_): pass
            def answer(self, status, body=b""):
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)
            def do_PUT(self):
                if self.path != "/latest/api/token" or not self.headers["X-aws-ec2-metadata-token-ttl-seconds"]:
                    return self.answer(400)
                tokens.append(f"token-{len(tokens)}")
                self.answer(200, tokens[-1].encode())
            def do_GET(self):
                global count
                state = plan[min(count, len(plan) - 1)]
                count += 1
                if state == "forget": tokens.append("nobody's")
                if not tokens or self.headers["X-aws-ec2-metadata-token"] != tokens[-1]: return self.answer(401)
                if state == "break": return self.answer(500, b"<html>no</html>")
                value = state.get(self.path.removeprefix("/latest/meta-data/"))
                self.answer(404) if value is None else self.answer(200, value.encode())
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_address[1], flush=True)
        sys.stdin.read()
        """

    private func environment(_ address: String) -> [String: String] {
        [
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": address, "AWS_METADATA_SERVICE_TIMEOUT": "30",
            "AWS_CONFIG_FILE": "/nonexistent", "AWS_SHARED_CREDENTIALS_FILE": "/nonexistent",
        ]
    }

    private func notice(_ environment: [String: String]) async throws -> SpotNotice? {
        try await withAWSSession(AWSConfiguration(environment: environment)) { session in
            try await SpotWatch(session, interval: .milliseconds(10))?.notice()
        }
    }

    private static let interruption =
        #"{"spot/instance-action": "{\"action\": \"terminate\", \"time\": \"2026-11-21T12:00:00Z\"}"}"#
    private static let told = "EC2 will terminate this Spot instance at 2026-11-21T12:00:00Z"
    private static let scaleIn = "the Auto Scaling group is taking this instance out of service"
    private static let nonsense =
        #"{"spot/instance-action": "<html>sign in</html>"}, {"spot/instance-action": "{}"}"#

    @Test(arguments: [
        ("[{}, {}, {}, \(interruption)]", told), ("[\(interruption)]", told),
        (#"[{"autoscaling/target-lifecycle-state": "InService"}, {}, \#(interruption)]"#, told),
        (#"[{"autoscaling/target-lifecycle-state": "Terminated\n"}]"#, scaleIn),
        (#"["break", "break", {"autoscaling/target-lifecycle-state": "Terminated"}]"#, scaleIn),
        (#"[{}, "forget", \#(interruption)]"#, told), ("[\(nonsense), \(interruption)]", told),
    ])
    func `the end of the instance is told once it is known`(plan: String, words: String) async throws {
        let notice = try await withPythonServer(Self.server, arguments: [plan]) { port in
            try await self.notice(environment("http://127.0.0.1:\(port)"))
        }
        #expect(notice?.description == words)
    }

    @Test func `elsewhere than on EC2 nobody looks`() async throws {
        // A port on which nobody listens: the server that had it is gone.
        let port = try await withPythonServer(Self.server, arguments: ["[]"]) { $0 }
        let environment = environment("http://127.0.0.1:\(port)")
        #expect(try await notice(environment) == nil)
    }

    @Test func `nobody looks where AWS_EC2_METADATA_DISABLED says so`() async throws {
        let plan = "[\(Self.interruption)]"
        let notice = try await withPythonServer(Self.server, arguments: [plan]) { port in
            try await self.notice(
                environment("http://127.0.0.1:\(port)").merging(["AWS_EC2_METADATA_DISABLED": "true"]) { $1 })
        }
        #expect(notice == nil)
    }

    @Test func `a watch that is no longer wanted ends`() async throws {
        let notice = try await withPythonServer(Self.server, arguments: ["[{}]"]) { port in
            let watch = Task { try await self.notice(environment("http://127.0.0.1:\(port)")) }
            try await Task.sleep(for: .milliseconds(100))
            watch.cancel()
            return try await watch.value
        }
        #expect(notice == nil)
    }
}
