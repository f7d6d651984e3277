import Glibc
import SystemPackage
import TestSupport
import Testing

/// What an operator sees of a real worker, and how the end of its EC2 instance ends it.
@Suite(.motoServer) struct WorkerOperationsTests {
    @Test func `a worker is ready, counts its jobs, and says that it drains`() async throws {
        try await WorkerStage.with("worker-operations") { stage in
            let gate = stage.scratch.path.appending("gate")
            try await stage.store(
                buildspec: """
                    version: 0.2
                    phases: {build: {commands: ['until [ -e \(gate) ]; do sleep 0.1; done']}}

                    """)
            let outcome = try await stage.binary.start(
                stage.invocation(["--listen", ":0", "--sandbox", "host", "--concurrency", "2"])
            ) { running in
                let address = try await Self.address(running)
                try await Self.wait(address, "status('/readyz') == 200")
                try await stage.offer()
                try await Self.wait(address, "value('buildspec_worker_builds_in_progress') == 1")
                running.send(SIGTERM)
                try await Self.wait(address, "status('/readyz') == 503 and status('/healthz') == 200")
                try await Self.wait(
                    address,
                    "value('buildspec_worker_draining') == 1 and value('buildspec_worker_concurrency_limit') == 2"
                )
                try stage.scratch.write("", to: "gate")
            }
            #expect(outcome.status == 0, "\(outcome)")
            #expect(try await stage.standIn.state().jobs.map(\.state) == ["Succeeded"])
        }
    }

    @Test func `jobs that were built are in the metrics`() async throws {
        try await WorkerStage.with("worker-metrics") { stage in
            try await stage.store(buildspec: "version: 0.2\nphases: {build: {commands: ['exit 3']}}\n")
            try await stage.offer()
            let outcome = try await stage.binary.start(
                stage.invocation(["--listen", "127.0.0.1:0", "--sandbox", "host"])
            ) { running in
                let address = try await Self.address(running)
                let answered = "buildspec_worker_jobs_answered_total"
                try await Self.wait(
                    address, #"value('\#(answered){failure_type="JobFailed",result="failure"}') == 1"#)
                try await Self.wait(
                    address, #"value('buildspec_worker_build_duration_seconds_count{result="failure"}') == 1"#
                )
                try await Self.wait(address, "value('buildspec_worker_builds_in_progress') == 0")
                running.send(SIGTERM)
            }
            #expect(outcome.status == 0, "\(outcome)")
        }
    }

    @Test func `EC2's notice drains the worker`() async throws {
        try await WorkerStage.with("worker-spot") { stage in
            let outcome = try await withPythonServer(Self.metadata) { port in
                try await stage.binary.run(
                    stage.invocation(
                        [],
                        environment: [
                            "AWS_EC2_METADATA_DISABLED": "false", "AWS_METADATA_SERVICE_TIMEOUT": "30",
                            "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:\(port)",
                        ]))
            }
            #expect(outcome.status == 0, "\(outcome)")
            #expect(
                outcome.standardError.contains(
                    "EC2 will terminate this Spot instance at 2026-11-21T12:00:00Z\n"))
            #expect(outcome.standardError.contains("no more jobs are taken"))
        }
    }

    @Test func `a port that is taken ends the worker before it takes jobs`() async throws {
        try await WorkerStage.with("worker-port") { stage in
            try await stage.offer()
            let outcome = try await withPythonServer(Self.metadata) { port in
                try await stage.work("--listen", "127.0.0.1:\(port)")
            }
            #expect(outcome.status == 3, "\(outcome)")
            #expect(outcome.standardError.contains("buildspec: error: --listen: cannot listen on 127.0.0.1:"))
            #expect(outcome.standardError.contains("hint: another program listens there"))
            #expect(try await stage.standIn.state().jobs.map(\.state) == ["Queued"])
        }
    }

    /// Where the worker answers, from its log.
    private static func address(_ running: RunningProgram) async throws -> String {
        try await running.errors.wait(for: "/metrics\n")
        let match = await running.errors.text.firstMatch(of: #/at (http://127.0.0.1:[1-9][0-9]*)/metrics\n/#)
        return String(try #require(match).output.1)
    }

    /// Waits until a condition in Python holds, with `status(path)` and `value(sample)`.
    private static func wait(_ address: String, _ condition: String) async throws {
        _ = try await PythonEnvironment().run(
            """
            import sys, time, urllib.error, urllib.request
            from prometheus_client.parser import text_string_to_metric_families
            def get(path):
                try:
                    with urllib.request.urlopen(sys.argv[1] + path, timeout=60) as answer: return answer.status, answer.read().decode()
                except urllib.error.HTTPError as error: return error.code, ""
            def status(path): return get(path)[0]
            def value(name):
                for family in text_string_to_metric_families(get("/metrics")[1]):
                    for sample in family.samples:
                        labels = ",".join(f'{k}="{v}"' for k, v in sorted(sample.labels.items()))
                        if name == sample.name + ("{" + labels + "}" if labels else ""): return sample.value
            limit = time.monotonic() + 120
            while not (\(condition)):
                assert time.monotonic() < limit, get("/metrics")
                time.sleep(0.1)
            """, arguments: [address])
    }

    /// The metadata of an instance that is about to be taken back.
    private static let metadata = """
        import http.server, sys, threading
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_): pass
            def answer(self, status, text):
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())
            def do_PUT(self): self.answer(200, "token")
            def do_GET(self):
                if self.path != "/latest/meta-data/spot/instance-action": return self.answer(404, "")
                self.answer(200, '{"action": "terminate", "time": "2026-11-21T12:00:00Z"}')
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        print("ready", server.server_address[1], flush=True)
        sys.stdin.read()
        """
}
