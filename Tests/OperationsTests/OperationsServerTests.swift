import Operations
import PipelineWorker
import TestSupport
import Testing

/// The HTTP side, asked by strangers.
@Suite struct OperationsServerTests {
    /// Runs a script with `ask(bytes)`, which sends bytes and returns all that comes back, at a server of its own.
    private func ask(_ script: String, _ metrics: WorkerMetrics) async throws -> String {
        try await withOperationsServer(at: ListenAddress(port: 0), OperationsPages(metrics)) { address in
            #expect(address.port > 0)
            return try await PythonEnvironment().run(
                Self.client + script, arguments: [String(address.port)])
        }
    }

    private static let client = """
        import socket, sys, time
        port = int(sys.argv[1])
        def connect():
            connection = socket.create_connection(("127.0.0.1", port))
            connection.settimeout(60)
            return connection
        def rest(connection):
            answer = b""
            try:
                while chunk := connection.recv(65536): answer += chunk
            except ConnectionResetError: pass
            return answer.decode()
        def ask(request):
            connection = connect()
            try: connection.sendall(request)
            except (ConnectionResetError, BrokenPipeError): pass
            return rest(connection)
        def status(answer): return int(answer.split(" ", 2)[1]) if answer else None

        """

    private static var working: WorkerMetrics {
        let metrics = WorkerMetrics(version: "1", concurrency: 1)
        metrics.note(.polled(offered: 0))
        return metrics
    }

    @Test(arguments: [
        ("GET /healthz HTTP/1.1", 200), ("GET /readyz HTTP/1.0", 200), ("GET /metrics?name=x HTTP/1.1", 200),
        ("HEAD /metrics HTTP/1.1", 200), ("POST /metrics HTTP/1.1", 405), ("DELETE /healthz HTTP/1.1", 405),
        ("OPTIONS * HTTP/1.1", 404), ("GET / HTTP/1.1", 404), ("GET /metrics/ HTTP/1.1", 404),
        ("GET /healthz/../metrics HTTP/1.1", 404), ("POST /nothing HTTP/1.1", 404),
        ("GET  HTTP/1.1", 400), ("hello", 400), ("GET /healthz HTTP/9.9", 400),
    ])
    func `only GET and HEAD of its pages are answered`(line: String, status: Int) async throws {
        let output = try await ask(
            """
            answer = ask(b\"""\(line)\\r\\nHost: localhost\\r\\n\\r\\n\""")
            head, _, body = answer.partition("\\r\\n\\r\\n")
            assert status(answer) == \(status), answer
            assert "connection: close" in head.lower(), answer
            assert (body == "") == (\(status) == 400 or \(line.hasPrefix("HEAD") ? "True" : "False")), answer
            assert ("Allow: GET, HEAD" in head) == (\(status) == 405), answer
            print("done")
            """, Self.working)
        #expect(output == "done\n")
    }

    @Test func `readiness is a status and a reason`() async throws {
        let metrics = Self.working
        metrics.note(.draining)
        let output = try await ask(
            """
            answer = ask(b"GET /readyz HTTP/1.0\\r\\n\\r\\n")
            print(answer.split("\\r\\n\\r\\n")[1], end="")
            print(status(answer), status(ask(b"GET /healthz HTTP/1.0\\r\\n\\r\\n")))
            """, metrics)
        #expect(output == "draining: no more jobs are taken\n503 200\n")
    }

    @Test func `metrics arrive as Prometheus wants them`() async throws {
        let output = try await ask(
            """
            import urllib.request
            answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics")
            assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8", answer.headers
            body = answer.read().decode()
            assert len(body.encode()) == int(answer.headers["Content-Length"])
            print(body, end="")
            """, Self.working)
        #expect(try await Scrape(output)["buildspec_worker_ready"] == 1)
    }

    @Test(arguments: [
        "b'GET /healthz HTTP/1.1\\r\\nHost: a\\r\\nX: ' + b'a' * 9000",
        "b'GET /' + b'a' * (4 << 20)",
        "b'GET /healthz HTTP/1.1\\r\\n' + b'A: b\\r\\n' * 100000",
        "bytes(range(256)) * 16", "b'\\x16\\x03\\x01\\x02\\x00\\x01\\x00\\x01\\xfc\\x03\\x03' + bytes(600)",
        "b'PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n'",
        "b'GET /nothing HTTP/1.1\\r\\nHost: a\\r\\nTransfer-Encoding: chunked\\r\\nContent-Length: 5\\r\\n\\r\\n'",
    ])
    func `nonsense ends its own connection and nothing else`(request: String) async throws {
        let output = try await ask(
            """
            for _ in range(20):
                answer = ask(\(request))
                assert status(answer) in (None, 400, 404, 431, 505), answer
            assert status(ask(b"GET /healthz HTTP/1.0\\r\\n\\r\\n")) == 200
            print("done")
            """, Self.working)
        #expect(output == "done\n")
    }

    @Test func `one connection gets one answer`() async throws {
        let output = try await ask(
            """
            request = b"GET /healthz HTTP/1.1\\r\\nHost: a\\r\\nConnection: keep-alive\\r\\n\\r\\n"
            print(ask(request * 3).count("HTTP/1.1"))
            """, Self.working)
        #expect(output == "1\n")
    }

    @Test func `connections that only wait end soon, and keep nobody from an answer`() async throws {
        let output = try await ask(
            """
            silent = [connect() for _ in range(200)]
            for connection in silent[::2]:
                # The oldest have been ended for the newest.
                try: connection.sendall(b"GET /healthz HTTP/1.1\\r\\nX: ")
                except (ConnectionResetError, BrokenPipeError): pass
            assert status(ask(b"GET /healthz HTTP/1.0\\r\\n\\r\\n")) == 200
            # A byte now and then gains no time.
            began = time.monotonic()
            try:
                while time.monotonic() < began + 60:
                    silent[-2].sendall(b"a")
                    time.sleep(0.1)
            except OSError: pass
            assert time.monotonic() < began + 55
            for connection in silent: assert status(rest(connection)) in (None, 400, 408), "answered"
            print("done")
            """, Self.working)
        #expect(output == "done\n")
    }

    @Test func `a port that is taken is told, and is free again at once afterwards`() async throws {
        let pages = OperationsPages(Self.working)
        // Not one of those that the system gives to whoever asks for any: another test could have it afterwards.
        let free = Int.random(in: 15_000..<32_000)
        let port = try await withOperationsServer(at: ListenAddress(port: free), pages) { address in
            _ = try await PythonEnvironment().run(
                Self.client + "assert status(ask(b'GET /healthz HTTP/1.0\\r\\n\\r\\n')) == 200",
                arguments: [String(address.port)])
            await #expect {
                try await withOperationsServer(at: address, pages) { _ in }
            } throws: { error in
                let failure = error as? ListenFailure
                return failure?.kind == .refused && failure?.description.hasSuffix("in use") == true
                    && failure?.hint?.contains("another port") == true
            }
            return address.port
        }
        try await withOperationsServer(at: ListenAddress(port: port), pages) { #expect($0.port == port) }
    }
}
